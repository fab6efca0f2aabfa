"""TensorFlow Serving's REST API: predict, by rows and by columns, status and metadata.

Source: tensorflow/serving, tensorflow_serving/g3doc/api_rest.md. Where that writes NaN, which is no JSON, null stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from pydantic_core import to_json

from collocate.serve.answer import Answer
from collocate.serve.limits import Limits
from collocate.serve.model import Model
from collocate.serve.points import batch
from collocate.serve.refused import Refused
from collocate.serve.schemas import PredictRequest, read

SIGNATURE = "serving_default"
_DTYPES = {"float64": "DT_DOUBLE", "float32": "DT_FLOAT"}
_REQUEST = TypeAdapter(PredictRequest)


def predict(model: Model, content: bytes, limits: Limits) -> Answer:
    """The answer to a body, in the format of the request. Raises Refused."""
    request = read(_REQUEST, content, len(model.inputs), limits)
    if request.signature_name not in (None, "", SIGNATURE):
        raise Refused(400, f"there is no signature {request.signature_name!r}, only {SIGNATURE!r}")
    if (request.instances is None) == (request.inputs is None):
        raise Refused(400, "give the points as instances, by rows, or as inputs, by columns; one of the two")
    rows = request.instances is not None
    given = _columns(model, request.instances) if rows else _named(model, request.inputs)
    points = batch(model, given, limits)
    found = model.run(points, model.output_names)
    document: dict[str, Any] = {"predictions" if rows else "outputs": _told(found.values, rows)}
    if found.warning:
        document["warning"] = found.warning
    return Answer(to_json(document, inf_nan_mode="null"), found)


def status(versions: Sequence[Model]) -> dict[str, Any]:
    available = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    return {"model_version_status": [{"version": str(each.version), **available} for each in versions]}


def metadata(model: Model) -> dict[str, Any]:
    def tensors(names: Sequence[str]) -> dict[str, Any]:
        shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
        return {name: {"dtype": _DTYPES[model.dtype.name], "tensor_shape": shape, "name": name} for name in names}

    signature = {
        "inputs": tensors(model.input_names),
        "outputs": tensors(model.output_names),
        "method_name": "tensorflow/serving/predict",
    }
    return {
        "model_spec": {"name": model.name, "signature_name": "", "version": str(model.version)},
        "metadata": {"signature_def": {"signature_def": {SIGNATURE: signature}}},
    }


def _columns(model: Model, rows: list[Any]) -> dict[str, list[float]]:
    """Rows turned over."""
    if not rows:
        raise Refused(400, "no point is given")
    if not isinstance(rows[0], dict):
        return _named(model, rows)
    names = rows[0].keys()
    for number, row in enumerate(rows):
        if row.keys() != names:
            raise Refused(
                400, f"instances[{number}] has {', '.join(row) or 'nothing'}; the first has {', '.join(names)}"
            )
    return {name: [row[name] for row in rows] for name in names}


def _named(model: Model, given: Any) -> dict[str, list[float]]:
    """A list without a name is that of the only input."""
    if isinstance(given, dict):
        return given
    if len(model.inputs) > 1:
        raise Refused(400, f"{model.name} takes {', '.join(model.input_names)}: give each by its name")
    return {model.input_names[0]: given}


def _told(found: dict[str, np.ndarray], rows: bool) -> Any:
    """Values by rows or by columns; without the name where there is one output."""
    columns = {name: values.tolist() for name, values in found.items()}
    if len(columns) == 1:
        return next(iter(columns.values()))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] if rows else columns
