"""The Open Inference Protocol, version 2, with its extension of binary tensors.

A request is JSON. With it, tensors may follow as little-endian bytes in the order of the inputs: the header
Inference-Header-Content-Length then says how long the JSON is, and `binary_data_size` of an input how many bytes are
its own. Answers are made the same way, for outputs with `binary_data`, or all with `binary_data_output`.
Source: kserve/open-inference-protocol, specification/protocol/inference_rest.md; Triton's extension_binary_data.md.
"""

from __future__ import annotations

import re
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
from collocate.serve.schemas import InferenceRequest, RequestInput, read

LENGTH = "Inference-Header-Content-Length"
DATATYPES = {"float64": "FP64", "float32": "FP32"}
_REQUEST = TypeAdapter(InferenceRequest)


def infer(model: Model, content: bytes, length: str | None, limits: Limits) -> Answer:
    """The answer to a body; `length`: that header. Raises Refused."""
    text, tail = _split(content, length)
    request = read(_REQUEST, text, len(model.inputs), limits)
    points = batch(model, _tensors(model, request.inputs, tail), limits)
    wanted = _wanted(model, request)
    found = model.run(points, list(wanted))
    document: dict[str, Any] = {"model_name": model.name, "model_version": str(model.version)}
    if request.id is not None:
        document["id"] = request.id
    if found.warning:
        document["parameters"] = {"warning": found.warning}
    document["outputs"] = [_output(model, name, found.values[name], binary) for name, binary in wanted.items()]
    head = to_json(document, inf_nan_mode="null")
    behind = b"".join(_bytes(found.values[name]) for name, binary in wanted.items() if binary)
    headers = {LENGTH: str(len(head))} if any(wanted.values()) else {}
    return Answer(head + behind, found, headers)


def metadata(model: Model, versions: Sequence[Model]) -> dict[str, Any]:
    """Inputs and outputs by name; an input's bounds are those it was trained between."""
    kind = {"datatype": DATATYPES[model.dtype.name], "shape": [-1]}
    bounds = ("role", "lower", "upper")
    return {
        "name": model.name,
        "versions": [str(each.version) for each in versions],
        "platform": "onnx_onnxruntime",
        "inputs": [
            {"name": each["name"], **kind, "parameters": {part: each[part] for part in bounds}} for each in model.inputs
        ],
        "outputs": [
            {"name": each["name"], **kind, "parameters": {"expression": each["expression"]}} for each in model.outputs
        ],
    }


def _split(content: bytes, length: str | None) -> tuple[bytes, bytes]:
    """The JSON and the bytes behind it."""
    if length is None:
        return content, b""
    if not re.fullmatch("[0-9]{1,18}", length) or int(length) > len(content):
        raise Refused(400, f"{LENGTH} is the length of the JSON, at most {len(content)} here; got {length[:40]!r}")
    return content[: int(length)], content[int(length) :]


def _tensors(model: Model, inputs: Sequence[RequestInput], tail: bytes) -> dict[str, Any]:
    """{input: numbers}, from the JSON or from the bytes behind it."""
    found: dict[str, Any] = {}
    start, datatype = 0, DATATYPES[model.dtype.name]
    for each in inputs:
        if each.name in found:
            raise Refused(400, f"the input {each.name!r} is given twice")
        if each.datatype != datatype:
            raise Refused(
                400, f"the input {each.name!r} is of the datatype {each.datatype!r}; {model.name} takes {datatype}"
            )
        if len(each.shape) != 1:
            raise Refused(
                400, f"the input {each.name!r} has the shape {each.shape}; [N] was expected, a number a point"
            )
        size = (each.parameters or {}).get("binary_data_size")
        if (size is None) == (each.data is None):
            raise Refused(400, f"the input {each.name!r} needs data, or binary_data_size; one of the two")
        if size is None:
            found[each.name] = each.data
        else:
            found[each.name] = _from_bytes(each.name, model.dtype, size, tail, start)
            start += int(size)
        if len(found[each.name]) != each.shape[0]:
            raise Refused(
                400, f"the input {each.name!r} has the shape {each.shape} and {len(found[each.name])} numbers"
            )
    if start != len(tail):
        raise Refused(400, f"{len(tail)} bytes follow the JSON; the inputs name {start} by binary_data_size")
    return found


def _from_bytes(name: str, dtype: np.dtype, size: Any, tail: bytes, start: int) -> np.ndarray:
    if type(size) is not int or size < 0 or size % dtype.itemsize or start + size > len(tail):
        rest = len(tail) - start
        raise Refused(
            400, f"binary_data_size of {name!r} is {size!r}; {dtype.itemsize} a number, at most {rest}, was expected"
        )
    return np.frombuffer(tail, dtype.newbyteorder("<"), size // dtype.itemsize, start)


def _wanted(model: Model, request: InferenceRequest) -> dict[str, bool]:
    """{output: whether it is answered as bytes}."""
    binary = bool((request.parameters or {}).get("binary_data_output"))
    if not request.outputs:
        return dict.fromkeys(model.output_names, binary)
    found: dict[str, bool] = {}
    for each in request.outputs:
        if each.name not in model.output_names:
            listed = ", ".join(model.output_names)
            raise Refused(400, f"{model.name} has no output {each.name!r}; it has {listed}")
        if each.name in found:
            raise Refused(400, f"the output {each.name!r} is asked for twice")
        found[each.name] = bool((each.parameters or {}).get("binary_data", binary))
    return found


def _output(model: Model, name: str, values: np.ndarray, binary: bool) -> dict[str, Any]:
    head = {"name": name, "shape": [len(values)], "datatype": DATATYPES[model.dtype.name]}
    if binary:
        return {**head, "parameters": {"binary_data_size": values.nbytes}}
    return {**head, "data": values.tolist()}


def _bytes(values: np.ndarray) -> bytes:
    return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()
