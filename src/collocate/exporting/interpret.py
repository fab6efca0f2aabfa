"""A graph computed node by node, by whatever library has its operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from collocate.exporting.graph import Constant, Graph

Operations = Mapping[str, Callable[..., Any]]


def interpret(
    graph: Graph, inputs: Mapping[str, Any], operations: Operations, constant: Callable[[Constant], Any]
) -> dict[int, Any]:
    """{id: value} of all that is in the graph, the values behind its outputs among them, each (N, k) or a constant.

    inputs: {name: (N, 1)}. operations: each as a function of its operands, `concat` of its parts one by one; `slice` is
    the library's own x[:, a:b]. constant: what a constant is to the library.
    """
    values: dict[int, Any] = {one.id: inputs[one.name] for one in graph.inputs}
    values |= {each.id: constant(each) for each in graph.constants}
    for node in graph.nodes:
        values[node.id] = apply(operations, node.operation, [values[each] for each in node.inputs], node.attributes)
    return values


def apply(operations: Operations, operation: str, operands: Sequence[Any], attributes: Mapping[str, int]) -> Any:
    """One operation."""
    if operation == "slice":
        return operands[0][:, attributes["start"] : attributes["stop"]]
    return operations[operation](*operands)
