"""A graph in the making: what the recorder and the passes append to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from collocate.backends.protocol import DType
from collocate.exporting.graph import Constant, Graph, Input, Node, Output, Value, result_of


class Builder:
    """Values are appended, each equal constant once; `finish` gives the graph of what the outputs need."""

    def __init__(self, names: Sequence[str], dtype: DType):
        self.inputs = tuple(Input(number, name) for number, name in enumerate(names))
        self.values: dict[int, Value] = {one.id: one for one in self.inputs}
        self.dtype: DType = dtype
        self._constants: dict[Any, int] = {}

    def constant(self, value: Any) -> int:
        """The id of a constant; a number of any shape becomes (), a vector (k,) a row (1, k)."""
        array = np.asarray(value)
        array = array if array.dtype.kind == "b" else array.astype(np.float64)
        array = array.reshape(()) if array.size == 1 else array.reshape(1, -1) if array.ndim == 1 else array
        return self._keep(array)

    def matrix(self, value: np.ndarray) -> int:
        """The id of the second operand of `matmul`, of two axes whatever its size."""
        return self._keep(np.asarray(value, np.float64))

    def _keep(self, array: np.ndarray) -> int:
        key = (array.dtype.kind, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self._add(Constant(len(self.values), array))
        return self._constants[key]

    def apply(self, operation: str, inputs: Sequence[int], attributes: Mapping[str, int] | None = None) -> int:
        """The id of a new node. Raises ValueError for operands that do not fit the operation."""
        given = dict(attributes or {})
        shape, kind = result_of(operation, [self.values[each] for each in inputs], given)
        return self._add(Node(len(self.values), operation, tuple(inputs), shape, kind, given))

    def _add(self, value: Value) -> int:
        self.values[value.id] = value
        return value.id

    def filled(self, row: np.ndarray) -> int:
        """The id of a node with the same numbers (1, k) at every point."""
        zeros = self.apply("zeros_like", [0])
        return zeros if row.shape == (1, 1) and row.item() == 0.0 else self.apply("add", [zeros, self.constant(row)])

    def finish(self, outputs: Mapping[str, int]) -> Graph:
        """The graph without what no output needs; ids are numbered anew, inputs, constants, nodes."""
        needed = set(outputs.values())
        for value in reversed(self.values.values()):
            if isinstance(value, Node) and value.id in needed:
                needed.update(value.inputs)
        kept = [value for value in self.values.values() if value.id in needed and not isinstance(value, Input)]
        constants = [value for value in kept if isinstance(value, Constant)]
        nodes = [value for value in kept if isinstance(value, Node)]
        new = {old.id: number for number, old in enumerate((*self.inputs, *constants, *nodes))}
        return Graph(
            self.inputs,
            tuple(Constant(new[each.id], each.value) for each in constants),
            tuple(
                Node(new[n.id], n.operation, tuple(new[k] for k in n.inputs), n.shape, n.kind, n.attributes)
                for n in nodes
            ),
            tuple(Output(name, new[identity]) for name, identity in outputs.items()),
            self.dtype,
        )


def rebuilt(graph: Graph, rule: Callable[[Builder, Node, list[int]], int]) -> Graph:
    """The graph with `rule(builder, node, its operands' new ids) -> new id` in place of each node."""
    builder = Builder([one.name for one in graph.inputs], graph.dtype)
    new = {one.id: number for number, one in enumerate(graph.inputs)}
    matrices = {node.inputs[1] for node in graph.nodes if node.operation == "matmul"}
    for constant in graph.constants:
        new[constant.id] = (builder.matrix if constant.id in matrices else builder.constant)(constant.value)
    for node in graph.nodes:
        new[node.id] = rule(builder, node, [new[each] for each in node.inputs])
    return builder.finish({output.name: new[output.id] for output in graph.outputs})
