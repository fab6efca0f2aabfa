"""A graph computed by NumPy in float64, whatever its dtype: the oracle that every artifact is held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from collocate.backends.numpy import ELEMENTWISE
from collocate.errors import ExportError
from collocate.exporting.graph import Graph

_OPERATORS: dict[str, Callable[..., Any]] = {
    "negative": np.negative, "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "where": np.where,
}  # fmt: skip


def compute(operation: str, operands: Sequence[Any], attributes: Mapping[str, int]) -> Any:
    """One operation on arrays."""
    if operation == "concat":
        return np.concatenate(operands, axis=1)
    if operation == "slice":
        return operands[0][:, attributes["start"] : attributes["stop"]]
    return (_OPERATORS.get(operation) or ELEMENTWISE[operation])(*operands)


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
    found: dict[int, Any] = {one.id: arrays[one.name].reshape(-1, 1) for one in graph.inputs}
    found |= {constant.id: constant.value for constant in graph.constants}
    with np.errstate(all="ignore"):  # branches that are not taken may be undefined
        for node in graph.nodes:
            found[node.id] = compute(node.operation, [found[each] for each in node.inputs], node.attributes)
    return {output.name: found[output.id][:, 0].copy() for output in graph.outputs}
