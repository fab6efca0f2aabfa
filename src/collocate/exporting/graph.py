"""The evaluation of a solution as plain data: what every writer translates, operation by operation.

A graph computes named outputs from named inputs at N points, N known only when it runs. **Every value in it is a table
with a row for each point**, shape (None, k), None standing for N, or a constant. No other shapes, no other axes.

- Inputs. An artifact takes each as a one-dimensional array (N,) by its name, in the graph's dtype; inside it is the
  column (None, 1). The writer reshapes once, at the entry.
- Outputs. The value behind each is a column (None, 1) of floats, which the writer flattens to (N,) at the exit, by name.
  Two outputs may be of the same value, and an output may be of an input itself: give each an array of its own.
- Names of inputs and outputs are all different, and Python identifiers; a language's own keywords (`lambda`, `double`)
  and letters beyond ASCII may be among them, and the writer renames inside, never in the interface.
- Constants are float64 arrays, whatever the graph's dtype: `graph.array(constant)` is the value in the dtype to write,
  cast once, at the end. A NaN or an infinity may be among them.
- Nodes stand in the order of evaluation. Each has one result, of the kind "float" (the graph's dtype) or "bool".

The operations are a closed set. x, y: floats; p, q: booleans; x, y, p, q: (None, k) or a constant. Elementwise ones
broadcast as NumPy does: a column (None, 1) over the k columns of another operand, a constant () or (1, k) over rows.
At least one operand of each node is no constant.

| operation | inputs | attributes | result |
|---|---|---|---|
| `negative`, `exp`, `log`, `sin`, `cos`, `tan`, `sinh`, `cosh`, `tanh`, `asin`, `acos`, `atan`, `sqrt`, `abs` | x | | float |
| `erf` | x | | 2/√π ∫₀ˣ exp(−s²) ds |
| `sigmoid` | x | | 1/(1 + exp(−x)) |
| `sign` | x | | −1, 0 or 1 |
| `add`, `subtract`, `multiply`, `divide` | x, y | | x + y, x − y, x·y, x/y |
| `power` | x, y | | x^y; y is a constant (), and x > 0 where the value counts |
| `less`, `less_equal`, `equal` | x, y | | bool |
| `logical_and`, `logical_or` | p, q | | bool |
| `logical_not` | p | | bool |
| `where` | p, x, y | | x where p, else y; what is not taken may be NaN or infinite, and does not spoil it |
| `matmul` | x (None, k), W | | x W, (None, m); W is a constant (k, m) |
| `concat` | x, y, … | | side by side; all (None, kᵢ), none a constant: (None, Σ kᵢ) |
| `slice` | x (None, k) | `start`, `stop` | the columns start ≤ j < stop: (None, stop − start) |
| `zeros_like` | x (None, k) | | zeros (None, k), NaN or not: how a number becomes a column, `add(zeros_like(x), c)` |
"""  # noqa: E501

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from collocate.backends.protocol import DType

Kind = Literal["float", "bool"]
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Input:
    """A coordinate or parameter, (N,) outside and (None, 1) inside."""

    id: int
    name: str
    shape: Shape = (None, 1)
    kind: Kind = "float"


@dataclass(frozen=True, eq=False)
class Constant:
    """A float64 (or bool) array of shape (), (1, k), or, as the second operand of `matmul`, (k, m)."""

    id: int
    value: np.ndarray

    @property
    def shape(self) -> Shape:
        return self.value.shape

    @property
    def kind(self) -> Kind:
        return "bool" if self.value.dtype.kind == "b" else "float"


@dataclass(frozen=True)
class Node:
    """One operation; `inputs` are the ids of inputs, constants and earlier nodes. The result has `shape`, (None, k)."""

    id: int
    operation: str
    inputs: tuple[int, ...]
    shape: Shape
    kind: Kind = "float"
    attributes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """The name of an output, and the id of its value, a column (None, 1) of floats."""

    name: str
    id: int


Value = Input | Constant | Node


@dataclass(frozen=True, eq=False)
class Graph:
    """See the module. `dtype` is that in which an artifact computes; constants stay float64 here.

    Ids are unique over inputs, constants and nodes. Raises ValueError for a graph that breaks a rule above.
    """

    inputs: tuple[Input, ...]
    constants: tuple[Constant, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Output, ...]
    dtype: DType = "float64"

    def __post_init__(self) -> None:
        check(self)

    @property
    def values(self) -> dict[int, Value]:
        """Every input, constant and node by its id."""
        return {value.id: value for value in (*self.inputs, *self.constants, *self.nodes)}

    def array(self, constant: Constant) -> np.ndarray:
        """The constant in the dtype that an artifact holds it in."""
        return constant.value.astype(self.dtype) if constant.kind == "float" else constant.value

    def inner_names(self, start: str = "v") -> dict[int, str]:
        """{id: a name} of every value, ASCII, all different, none of them that of an input or output."""
        while any(one.name.startswith(start) for one in (*self.inputs, *self.outputs)):
            start += "_"
        return {identity: f"{start}{identity}" for identity in self.values}

    def __str__(self) -> str:
        """One line a node, to read."""
        names = {value.id: f"v{value.id}" for value in self.nodes} | {one.id: one.name for one in self.inputs}
        for constant in self.constants:
            shown = repr(constant.value.item()) if constant.value.size == 1 else f"array{constant.value.shape}"
            names[constant.id] = shown
        lines = []
        for node in self.nodes:
            given = [*(names[each] for each in node.inputs), *(f"{k}={v}" for k, v in node.attributes.items())]
            lines.append(f"v{node.id} = {node.operation}({', '.join(given)})  # {node.kind} {node.shape}")
        return "\n".join([*lines, *(f"{output.name} = {names[output.id]}" for output in self.outputs)])


Rule = Callable[[Sequence[Any], Mapping[str, int]], Shape]


@dataclass(frozen=True)
class Operation:
    """The kinds of an operation's operands (of all of them, where `any_number`), the kind and rule of its result."""

    operands: tuple[Kind, ...]
    result: Kind
    shape: Rule
    attributes: tuple[str, ...] = ()
    any_number: bool = False


def _broadcast(shapes: Sequence[Shape], attributes: Mapping[str, int]) -> Shape:
    widths = {shape[1] for shape in shapes if shape} - {1}
    if len(widths) > 1 or any(shape and shape[0] not in (None, 1) for shape in shapes):
        raise ValueError("do not broadcast: (None, k), (None, 1), (1, k) and () go together")
    return None, widths.pop() if widths else 1


def _matmul(shapes: Sequence[Shape], attributes: Mapping[str, int]) -> Shape:
    left, right = shapes
    if len(left) != 2 or len(right) != 2 or left[0] is not None or right[0] is None or left[1] != right[0]:
        raise ValueError("take (None, k) and a constant (k, m)")
    return None, right[1]


def _concat(shapes: Sequence[Shape], attributes: Mapping[str, int]) -> Shape:
    if any(len(shape) != 2 or shape[0] is not None for shape in shapes):
        raise ValueError("take (None, k) each, and no constant")
    return None, sum(shape[1] or 0 for shape in shapes)


def _slice(shapes: Sequence[Shape], attributes: Mapping[str, int]) -> Shape:
    start, stop = attributes["start"], attributes["stop"]
    if shapes[0][0] is not None or not 0 <= start < stop <= (shapes[0][1] or 0):
        raise ValueError(f"have no columns {start} to {stop}")
    return None, stop - start


_FUNCTIONS = (
    *("negative", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan"),
    *("sqrt", "abs", "erf", "sigmoid", "sign", "zeros_like"),
)

OPERATIONS: dict[str, Operation] = {
    **{name: Operation(("float",), "float", _broadcast) for name in _FUNCTIONS},
    **{
        name: Operation(("float", "float"), "float", _broadcast)
        for name in ("add", "subtract", "multiply", "divide", "power")
    },
    **{name: Operation(("float", "float"), "bool", _broadcast) for name in ("less", "less_equal", "equal")},
    **{name: Operation(("bool", "bool"), "bool", _broadcast) for name in ("logical_and", "logical_or")},
    "logical_not": Operation(("bool",), "bool", _broadcast),
    "where": Operation(("bool", "float", "float"), "float", _broadcast),
    "matmul": Operation(("float", "float"), "float", _matmul),
    "concat": Operation(("float",), "float", _concat, any_number=True),
    "slice": Operation(("float",), "float", _slice, ("start", "stop")),
}


def result_of(operation: str, operands: Sequence[Any], attributes: Mapping[str, int]) -> tuple[Shape, Kind]:
    """(shape, kind) of the operation's result on values, each with a shape and a kind. Raises ValueError."""
    rule = OPERATIONS.get(operation)
    if rule is None:
        raise ValueError(f"there is no operation {operation!r}; the operations are {', '.join(OPERATIONS)}")
    given = f"{operation} of {', '.join(f'{one.kind} {one.shape}' for one in operands) or 'nothing'}"
    kinds = rule.operands * len(operands) if rule.any_number else rule.operands
    if tuple(one.kind for one in operands) != kinds or not operands:
        raise ValueError(f"{given}: it takes {', '.join(rule.operands)}")
    if set(attributes) != set(rule.attributes):
        raise ValueError(f"{given} has the attributes {sorted(attributes)}, not {list(rule.attributes)}")
    if all(isinstance(one, Constant) for one in operands):
        raise ValueError(f"{given}: all operands are constants")
    if operation == "power" and not (isinstance(operands[1], Constant) and operands[1].shape == ()):
        raise ValueError(f"{given}: the exponent is a constant ()")
    try:
        return rule.shape([one.shape for one in operands], attributes), rule.result
    except ValueError as error:
        raise ValueError(f"{given}: the operands {error}") from None


def check(graph: Graph) -> None:
    """Raises ValueError, naming the place, for a graph that breaks a rule of the module."""
    known: dict[int, Value] = {}
    for value in (*graph.inputs, *graph.constants, *graph.nodes):
        if value.id in known:
            raise ValueError(f"the id {value.id} is given twice")
        if isinstance(value, Node):
            _check_node(value, known)
        known[value.id] = value
    for constant in graph.constants:
        if len(constant.shape) not in (0, 2) or constant.value.dtype not in (np.float64, np.bool_):
            raise ValueError(f"constant {constant.id} is {constant.value.dtype} {constant.shape}; float64 () or (k, m)")
    for output in graph.outputs:
        value = known.get(output.id)
        if value is None or (value.shape, value.kind) != ((None, 1), "float"):
            raise ValueError(f"output {output.name!r} is of {value}; a column (None, 1) of floats is expected")
    names = [one.name for one in (*graph.inputs, *graph.outputs)]
    for name in names:
        if not name.isidentifier() or names.count(name) > 1:
            raise ValueError(f"the name {name!r} is no identifier, or stands twice among {', '.join(names)}")
    if not graph.inputs or not graph.outputs:
        raise ValueError("a graph has one input and one output at least")


def _check_node(node: Node, known: Mapping[int, Value]) -> None:
    missing = [each for each in node.inputs if each not in known]
    if missing:
        raise ValueError(f"node {node.id}, {node.operation}, takes {missing[0]}, which does not come before it")
    found = result_of(node.operation, [known[each] for each in node.inputs], node.attributes)
    if found != (node.shape, node.kind):
        raise ValueError(f"node {node.id}, {node.operation}, says {node.shape, node.kind}; its result is {found}")
