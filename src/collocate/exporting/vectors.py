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
    """Up to 32 points of a batch, those where all outputs are finite."""
    count = len(next(iter(batch.values())))
    rows = np.unique([*range(min(_FIRST, count)), *np.linspace(0, count - 1, _SPREAD).astype(int)])
    chosen = {name: array[rows] for name, array in batch.items()}
    outputs = evaluate(graph, chosen)
    finite = np.all([np.isfinite(values) for values in outputs.values()], axis=0)
    document = {
        "inputs": {name: values[finite].astype(np.float64).tolist() for name, values in chosen.items()},
        "outputs": {name: values[finite].tolist() for name, values in outputs.items()},
        "tolerances": dict(tolerances),
    }
    write_text_atomic(folder / NAME, json.dumps(document, indent=1, allow_nan=False) + "\n")


def rerun(artifact: Artifact) -> dict[str, Difference]:
    """The artifact by its runtime beside its stored vectors. **This runs it**: code, where it is C or Python.

    Raises ExportError where it does not give what is stored, StoreError for vectors of another form.
    """
    inputs, outputs, tolerances = _read(artifact)
    target, dtype, parity = TARGETS[artifact.target], artifact.manifest["dtype"], artifact.manifest["parity"]
    batch = {name: np.array(values, dtype) for name, values in inputs.items()}
    expected = {name: np.array(values, np.float64) for name, values in outputs.items()}
    scales = {name: value / parity["tolerance"] for name, value in tolerances.items()}
    try:
        found = target.load(artifact.folder)(batch)
    except ExportError:
        raise
    except Exception as error:
        raise ExportError(f"{target.title} cannot run it: {error}") from error
    differences = compare(found, expected, batch, scales)
    check(differences, parity["tolerance"])
    return differences


def _read(artifact: Artifact) -> list[dict[str, Any]]:
    """Inputs, outputs and tolerances of the file, by the names of the manifest and all of one length."""
    try:
        document = json.loads(artifact.read(NAME))
        found = [document[part] for part in ("inputs", "outputs", "tolerances")]
        names = [{each["name"] for each in artifact.manifest[part]} for part in ("inputs", "outputs", "outputs")]
        if [set(part) for part in found] != names:
            raise ValueError("it has other names than the manifest")
        lengths = {len(values) for part in found[:2] for values in part.values()}
        if len(lengths) > 1 or not all(float(value) >= 0.0 for value in found[2].values()):
            raise ValueError("its lists differ in length, or a tolerance is negative")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{artifact.folder / NAME} is malformed: {error}; export it again") from error
    return found
