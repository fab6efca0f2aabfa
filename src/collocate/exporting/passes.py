"""What makes a graph smaller and leaves its values as they are, to rounding. Each pass is idempotent, as is `optimise`.

`fold`: what is the same at every point (a constant of a slab of time, and all that is computed from it) becomes a
constant, in float64; `simplify`: slices of what is put together, x + 0, 1·x; `common`: each operation once.
What no output needs is left out by all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from collocate.exporting.builder import Builder, rebuilt
from collocate.exporting.evaluate import compute
from collocate.exporting.graph import Constant, Graph, Node

_COMMUTATIVE = {"add", "multiply", "equal", "logical_and", "logical_or"}


def optimise(graph: Graph) -> Graph:
    """All passes, until none finds anything more."""
    while True:
        smaller = common(simplify(fold(graph)))
        if str(smaller) == str(graph):
            return smaller
        graph = smaller


def fold(graph: Graph) -> Graph:
    """Constants for what does not depend on the points: numbers that fill a column, conditions that always hold."""
    return _Folding(graph).result()


class _Folding:
    """`rows[id]`: the value of an old id where it is the same at every point: (), (1, k), or the (k, m) of a matrix."""

    def __init__(self, graph: Graph):
        self.graph, self.old = graph, graph.values
        self.builder = Builder([one.name for one in graph.inputs], graph.dtype)
        self.rows = {constant.id: constant.value for constant in graph.constants}
        self.new = {one.id: one.id for one in graph.inputs}
        self.sides: dict[int, list[int]] = {}  # of a concat with rows among its parts, by its new id

    def result(self) -> Graph:
        for number, one in enumerate(self.graph.inputs):
            self.new[one.id] = number
        for node in self.graph.nodes:
            if all(each in self.rows for each in node.inputs) or node.operation == "zeros_like":
                self.rows[node.id] = self._row(node)
            else:
                self._keep(node)
        return self.builder.finish({output.name: self._column(output.id) for output in self.graph.outputs})

    def _row(self, node: Node) -> np.ndarray:
        """The value of a node of which nothing depends on the points, (1, k)."""
        if node.operation == "zeros_like":
            return np.zeros((1, node.shape[1] or 1))
        with np.errstate(all="ignore"):
            found = compute(node.operation, [self.rows[each] for each in node.inputs], node.attributes)
        return np.broadcast_to(found, (1, node.shape[1] or 1))

    def _keep(self, node: Node) -> None:
        if node.operation == "concat":
            self.new[node.id] = self.builder.apply("concat", [self._column(each) for each in node.inputs])
            if any(each in self.rows for each in node.inputs):
                self.sides[self.new[node.id]] = list(node.inputs)
        elif node.operation == "matmul":
            self.new[node.id] = self._matmul(node)
        elif node.operation == "where" and self._always(node.inputs[0]) is not None:
            self._choose(node, node.inputs[1] if self._always(node.inputs[0]) else node.inputs[2])
        else:
            self.new[node.id] = self._apply(node)

    def _apply(self, node: Node) -> int:
        operands = [self._operand(each) for each in node.inputs]
        return self.builder.apply(node.operation, operands, node.attributes)

    def _operand(self, identity: int) -> int:
        return self.builder.constant(self.rows[identity]) if identity in self.rows else self.new[identity]

    def _column(self, identity: int) -> int:
        """As a table with a row for each point."""
        return self.builder.filled(self.rows[identity]) if identity in self.rows else self.new[identity]

    def _always(self, condition: int) -> bool | None:
        row = self.rows.get(condition)
        return bool(row.item()) if row is not None and row.size == 1 else None

    def _choose(self, node: Node, chosen: int) -> None:
        """`where` of a condition that is the same everywhere."""
        if chosen in self.rows:
            self.rows[node.id] = np.broadcast_to(self.rows[chosen], (1, node.shape[1] or 1))
        elif self.old[chosen].shape == node.shape:
            self.new[node.id] = self.new[chosen]
        else:
            self.new[node.id] = self._apply(node)

    def _matmul(self, node: Node) -> int:
        """x W; where columns of x are the same at every point, their share is a row that is added."""
        left, weight = self.new[node.inputs[0]], self.rows[node.inputs[1]]
        if left not in self.sides:
            return self.builder.apply("matmul", [left, self.builder.matrix(weight)])
        share, kept, rows, low = np.zeros((1, weight.shape[1])), [], [], 0
        for part in self.sides[left]:
            high = low + (self.old[part].shape[1] or 0)
            if part in self.rows:
                share = share + self.rows[part] @ weight[low:high]
            else:
                kept.append(self.new[part])
                rows.append(weight[low:high])
            low = high
        product = self.builder.apply("matmul", [_joined(self.builder, kept), self.builder.matrix(np.concatenate(rows))])
        return self.builder.apply("add", [product, self.builder.constant(share)])


def _joined(builder: Builder, parts: list[int]) -> int:
    return parts[0] if len(parts) == 1 else builder.apply("concat", parts)


def common(graph: Graph) -> Graph:
    """Each operation on the same operands once."""
    known: dict[object, int] = {}

    def rule(builder: Builder, node: Node, operands: list[int]) -> int:
        order = sorted(operands) if node.operation in _COMMUTATIVE else operands
        key = (node.operation, *order, *sorted(node.attributes.items()))
        if key not in known:
            known[key] = builder.apply(node.operation, operands, node.attributes)
        return known[key]

    return rebuilt(graph, rule)


def simplify(graph: Graph) -> Graph:
    """Operations that only hand on what they are given, and numbers that go into the weights beside them.

    The latter is more than thrift: ONNX Runtime takes a number at a product of matrices into its own, in float32.
    """
    uses = Counter(each for node in graph.nodes for each in node.inputs)
    uses.update(output.id for output in graph.outputs)

    def rule(builder: Builder, node: Node, operands: list[int]) -> int:
        if node.operation in ("multiply", "divide"):
            for place, other in ((0, 1), (1, 0)) if node.operation == "multiply" else ((0, 1),):
                product, factor = builder.values[operands[place]], _factor(builder, node.operation, operands[other])
                if (
                    factor
                    and uses[node.inputs[place]] == 1
                    and isinstance(product, Node)
                    and product.operation == "matmul"
                ):
                    return _scaled(builder, factor, *product.inputs)
        return _simpler(builder, node, operands)

    return rebuilt(graph, rule)


def _simpler(builder: Builder, node: Node, operands: list[int]) -> int:
    for rule in _RULES.get(node.operation, ()):
        found = rule(builder, node, operands)
        if found is not None:
            return found
    return builder.apply(node.operation, operands, node.attributes)


def _factor(builder: Builder, operation: str, identity: int) -> float | None:
    """The number that a multiplication or division by a value multiplies with; None where it is not one."""
    value = builder.values[identity]
    if not isinstance(value, Constant) or value.shape or not np.isfinite(value.value) or value.value == 0.0:
        return None
    return float(value.value if operation == "multiply" else 1.0 / value.value)


def _scaled(builder: Builder, factor: float, left: int, weight: int) -> int:
    """factor · x W, as x times one matrix."""
    matrix = builder.values[weight]
    assert isinstance(matrix, Constant)
    return builder.apply("matmul", [left, builder.matrix(factor * matrix.value)])


def _scaled_left(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """(factor · x) W, as x times one matrix."""
    left = builder.values[operands[0]]
    if not isinstance(left, Node) or left.operation not in ("multiply", "divide"):
        return None
    for place, other in ((0, 1), (1, 0)) if left.operation == "multiply" else ((0, 1),):
        factor = _factor(builder, left.operation, left.inputs[other])
        if factor is not None and not isinstance(builder.values[left.inputs[place]], Constant):
            return _scaled(builder, factor, left.inputs[place], operands[1])
    return None


def _without_neutral(neutral: float, either: bool) -> _Simpler:
    """x + 0, x − 0, 1·x, x/1, where it has all the columns of the result; `either`: 0 + x too."""

    def rule(builder: Builder, node: Node, operands: list[int]) -> int | None:
        for this, other in (operands, operands[::-1]) if either else (operands,):
            value, constant = builder.values[this], builder.values[other]
            if isinstance(constant, Constant) and (constant.value == neutral).all() and value.shape == node.shape:
                return this
        return None

    return rule


def _times_minus_one(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """(−1)·x = −x."""
    for this, other in (operands, operands[::-1]):
        factor = builder.values[other]
        if isinstance(factor, Constant) and factor.shape == () and factor.value == -1.0:
            return builder.apply("negative", [this])
    return None


def _negated_factor(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """(−x)·y = −(x·y); with a number c for y, x·(−c)."""
    for this, other in (operands, operands[::-1]):
        inside, factor = _inside(builder, this, "negative"), builder.values[other]
        if inside is not None and isinstance(factor, Constant):
            return builder.apply("multiply", [inside, builder.constant(-factor.value)])
        if inside is not None and builder.values[inside].shape[1] == node.shape[1]:
            return builder.apply("negative", [builder.apply("multiply", [inside, other])])
    return None


def _negated(negated: str, builder: Builder, node: Node, operands: list[int]) -> int | None:
    """x + (−y) = x − y, x − (−y) = x + y."""
    inside = _inside(builder, operands[1], "negative")
    return builder.apply(negated, [operands[0], inside]) if inside is not None else None


def _negated_first(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """(−x) + y = y − x."""
    inside = _inside(builder, operands[0], "negative")
    return builder.apply("subtract", [operands[1], inside]) if inside is not None else None


def _inside(builder: Builder, identity: int, operation: str) -> int | None:
    """The first operand of a value that is of that operation."""
    value = builder.values[identity]
    return value.inputs[0] if isinstance(value, Node) and value.operation == operation else None


def _flat(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """A concat of one, or of concats."""
    parts: list[int] = []
    for each in operands:
        value = builder.values[each]
        parts += value.inputs if isinstance(value, Node) and value.operation == "concat" else [each]
    return _joined(builder, parts) if len(parts) == 1 or parts != operands else None


def _sliced(builder: Builder, node: Node, operands: list[int]) -> int | None:
    """Of all columns, of a slice, of a concat, and of a choice between two concats."""
    start, stop = node.attributes["start"], node.attributes["stop"]
    whole = builder.values[operands[0]]
    if whole.shape == node.shape:
        return whole.id
    if not isinstance(whole, Node):
        return None
    if whole.operation == "slice":
        return _columns(builder, whole.inputs[0], start + whole.attributes["start"], stop + whole.attributes["start"])
    if whole.operation == "concat":
        return _joined(builder, list(_cut(builder, whole, start, stop)))
    if whole.operation == "where" and any(_inside(builder, each, "concat") is not None for each in whole.inputs):
        return builder.apply("where", [_columns(builder, each, start, stop) for each in whole.inputs])
    return None


def _columns(builder: Builder, identity: int, start: int, stop: int) -> int:
    """Columns of an operand that is broadcast over as many as the slice is taken of, or has them all."""
    value = builder.values[identity]
    if isinstance(value, Constant):
        return builder.constant(value.value[:, start:stop]) if value.shape else identity
    wide = value.shape[1] != 1
    return builder.apply("slice", [identity], {"start": start, "stop": stop}) if wide else identity


def _cut(builder: Builder, concat: Node, start: int, stop: int) -> Iterator[int]:
    """What of each part lies in the columns start to stop."""
    low = 0
    for part in concat.inputs:
        width = builder.values[part].shape[1] or 0
        first, last = max(start - low, 0), min(stop - low, width)
        if first < last:
            yield part if (first, last) == (0, width) else _columns(builder, part, first, last)
        low += width


_Simpler = Callable[[Builder, Node, list[int]], int | None]
_RULES: dict[str, tuple[_Simpler, ...]] = {
    "add": (_without_neutral(0.0, either=True), partial(_negated, "subtract"), _negated_first),
    "subtract": (_without_neutral(0.0, either=False), partial(_negated, "add")),
    "multiply": (_without_neutral(1.0, either=True), _times_minus_one, _negated_factor),
    "divide": (_without_neutral(1.0, either=False),),
    "negative": (lambda builder, node, operands: _inside(builder, operands[0], "negative"),),
    "matmul": (_scaled_left,),
    "concat": (_flat,),
    "slice": (_sliced,),
}
