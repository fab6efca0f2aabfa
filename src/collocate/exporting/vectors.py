"""`vectors.json`: points and what is to come out there, so that a program in any language can check itself.

    {"inputs": {"x": […], "t": […]}, "outputs": {"u": […]}, "tolerances": {"u": 1e-12}}

Lists have one number a point. Inputs are exact in the artifact's dtype; outputs are the oracle's, in float64; a value
is right where |value − output| ≤ tolerance, which is absolute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from collocate.errors import ExportError, StoreError
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.manifest import Artifact
from collocate.exporting.parity import Difference, check, compare
from collocate.exporting.targets import TARGETS, Batch
from collocate.store import write_text_atomic

NAME = "vectors.json"
_FIRST, _SPREAD = 8, 24  # points of a batch: the first ones, among them corners, and some of all the others


def write(folder: Path, graph: Graph, batch: Batch, tolerances: Mapping[str, float]) -> None:
    """Up to 32 points of a batch, of those where all outputs are finite. Raises ExportError where there are none."""
    outputs = evaluate(graph, batch)
    finite = np.flatnonzero(np.all([np.isfinite(values) for values in outputs.values()], axis=0))
    if not finite.size:
        raise ExportError(f"the outputs {', '.join(outputs)} are nowhere all numbers: export them one by one")
    count = len(finite)
    rows = finite[np.unique([*range(min(_FIRST, count)), *np.linspace(0, count - 1, _SPREAD).astype(int)])]
    document = {
        "inputs": {name: values[rows].astype(np.float64).tolist() for name, values in batch.items()},
        "outputs": {name: values[rows].tolist() for name, values in outputs.items()},
        "tolerances": dict(tolerances),
    }
    write_text_atomic(folder / NAME, json.dumps(document, indent=1, allow_nan=False) + "\n")


def rerun(artifact: Artifact) -> dict[str, Difference]:
    """The artifact by its runtime beside its stored vectors. **This runs it**: code, where it is C or Python.

    Raises ExportError where it does not give what is stored, StoreError for vectors of another form.
    """
    inputs, outputs, tolerances = _read(artifact)
    if lacks := TARGETS[artifact.target].lacks:
        raise ExportError(f"it was not run: {lacks}")
    target, dtype, parity = TARGETS[artifact.target], artifact.manifest["dtype"], artifact.manifest["parity"]
    batch = {name: values.astype(dtype) for name, values in inputs.items()}
    scales = {name: float(value) / parity["tolerance"] for name, value in tolerances.items()}
    try:
        found = target.load(artifact.folder)(batch)
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"{target.title} cannot run it: {error}") from error
    differences = compare(found, outputs, batch, scales)
    check(differences, parity["tolerance"])
    return differences


def _read(artifact: Artifact) -> list[dict[str, np.ndarray]]:
    """Inputs, outputs (N,) and tolerances () of the file, by the names of the manifest."""
    try:
        document = json.loads(artifact.read(NAME))
        found = [
            {name: _numbers(name, values, axes) for name, values in document[part].items()}
            for part, axes in (("inputs", 1), ("outputs", 1), ("tolerances", 0))
        ]
        names = [{each["name"] for each in artifact.manifest[part]} for part in ("inputs", "outputs", "outputs")]
        if [set(part) for part in found] != names:
            raise ValueError("it has other names than the manifest")
        lengths = {len(values) for part in found[:2] for values in part.values()}
        if len(lengths) > 1 or lengths == {0} or not all(value >= 0.0 for value in found[2].values()):
            raise ValueError("its lists differ in length or are empty, or a tolerance is negative")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{artifact.folder / NAME} is malformed: {error}; export it again") from error
    return found


def _numbers(name: str, given: Any, axes: int) -> np.ndarray:
    """A list of numbers, or one. Raises ValueError for all else that JSON has, and for what is not finite."""
    array = np.array(given)  # as it is: a dtype would read the text "1.5"
    if array.ndim != axes or (array.size and array.dtype.kind not in "iuf") or not np.isfinite(array).all():
        raise ValueError(f"{name} is not {'a list of finite numbers' if axes else 'a finite number'}")
    return array.astype(np.float64)
