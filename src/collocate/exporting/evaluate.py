"""A graph computed by NumPy in float64, whatever its dtype: the oracle that every artifact is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from collocate.backends.numpy import ELEMENTWISE
from collocate.errors import ExportError
from collocate.exporting.graph import Graph
from collocate.exporting.interpret import Operations, apply, interpret

_OPERATIONS: Operations = ELEMENTWISE | {
    "negative": np.negative, "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "where": np.where, "concat": lambda *parts: np.concatenate(parts, axis=1),
}  # fmt: skip


def compute(operation: str, operands: Sequence[Any], attributes: Mapping[str, int]) -> Any:
    """One operation on arrays."""
    return apply(_OPERATIONS, operation, operands, attributes)


def evaluate(graph: Graph, batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """{output: (N,)} of {input: (N,)}, in float64. Raises ExportError for names or shapes that it does not take."""
    names = [one.name for one in graph.inputs]
    arrays = {name: np.asarray(value, np.float64) for name, value in batch.items()}
    if (
        set(arrays) != set(names)
        or any(array.ndim != 1 for array in arrays.values())
        or len({*map(len, arrays.values())}) > 1
    ):
        given = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "nothing"
        raise ExportError(f"the graph takes {', '.join(f'{name} (N,)' for name in names)}; got {given}")
    found = values_of(graph, arrays)
    return {output.name: found[output.id][:, 0].copy() for output in graph.outputs}


def values_of(graph: Graph, batch: Mapping[str, np.ndarray]) -> dict[int, Any]:
    """{id: value} of all that is in the graph, in float64."""
    columns = {name: np.asarray(array, np.float64).reshape(-1, 1) for name, array in batch.items()}
    with np.errstate(all="ignore"):  # branches that are not taken may be undefined
        return interpret(graph, columns, _OPERATIONS, attrgetter("value"))
