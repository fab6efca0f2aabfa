"""A Python module that needs NumPy and nothing else: one file, to read, with the weights as numbers in it."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import collocate
from collocate.exporting import child
from collocate.exporting.decompose import decompose
from collocate.exporting.graph import Constant, Graph, Node

FILE = "model.py"
_WIDTH = 100
_OWN = {"np", "evaluate", "arrays", "values", "INPUTS", "OUTPUTS", "DTYPE"}

_OPERATORS = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@", "less": "<",
    "less_equal": "<=", "equal": "==", "logical_and": "&", "logical_or": "|",
}  # fmt: skip
_SIGNS = {"negative": "-", "logical_not": "~"}
_FUNCTIONS = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "sqrt": "sqrt", "abs": "abs", "sign": "sign",
    "where": "where", "zeros_like": "zeros_like",
}  # fmt: skip

_TEXT = '''\
"""{outputs} of {inputs}, by NumPy alone, in {dtype}. Written by collocate {version}.

    values = evaluate({inputs})

takes numbers or arrays that broadcast together, and returns {{name: array}} of their common shape, (1,) of numbers.
"""

import numpy as np

INPUTS = {input_names}
OUTPUTS = {output_names}
DTYPE = np.{dtype}

{weights}

def evaluate({inputs}):
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(each, DTYPE)) for each in ({inputs},)))
    {inputs}, = (each.reshape(-1, 1) for each in arrays)
    with np.errstate(all="ignore"):
{lines}
    values = {{
{results}
    }}
    return {{name: each.reshape(arrays[0].shape) for name, each in values.items()}}
'''

# The file itself is compiled: a __pycache__ beside it, which no manifest lists, could hold any other code.
_RUNNER = """
def load(path):
    model = {"__name__": "model"}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), model)

    def run(batch):
        values = model["evaluate"](*(batch[name] for name in model["INPUTS"]))
        if others := {"collocate", "scipy", "torch", "tensorflow", "jax"} & {*sys.modules}:
            raise ImportError(f"the module imports {others}")
        return values

    return run
"""


def write(graph: Graph, folder: Path) -> None:
    """`model.py`: a function of the inputs, in their order, to {output: (N,)}."""
    (folder / FILE).write_text(_Printer(decompose(graph, ("erf",))).text(), encoding="utf-8")


class _Printer:
    """Values that are used once stand where they are used, as far as the line goes."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.arrays = [each for each in graph.constants if each.shape]
        weights, values = graph.inner_names("W"), graph.inner_names("v")
        self.shown = {node.id: values[node.id] for node in graph.nodes}
        self.shown |= {each.id: weights[each.id] for each in self.arrays}
        self.shown |= {each.id: _number(graph, each.value) for each in graph.constants if not each.shape}
        self.shown |= _parameters(graph)
        self.shapes = {identity: value.shape for identity, value in graph.values.items()}
        self.uses = Counter(each for node in graph.nodes for each in node.inputs)
        self.uses.update(2 * [output.id for output in graph.outputs])

    def text(self) -> str:
        lines = [line for node in self.graph.nodes for line in self._line(node)]
        return _TEXT.format(
            outputs=", ".join(one.name for one in self.graph.outputs),
            inputs=", ".join(self.shown[one.id] for one in self.graph.inputs),
            dtype=self.graph.dtype,
            version=collocate.__version__,
            input_names=repr(tuple(one.name for one in self.graph.inputs)),
            output_names=repr(tuple(one.name for one in self.graph.outputs)),
            weights="\n".join(map(self._weight, self.arrays)),
            lines="\n".join(f"        {line}" for line in lines or ["pass"]),
            results="\n".join(f"        {one.name!r}: {self.shown[one.id]}," for one in self.graph.outputs),
        )

    def _line(self, node: Node) -> Iterator[str]:
        """The statement of a node; none, where its only use takes it in."""
        text = self._expression(node)
        if self.uses[node.id] == 1 and len(text) < _WIDTH:
            self.shown[node.id] = f"({text})" if node.operation in (*_OPERATORS, *_SIGNS, "sigmoid") else text
        else:
            yield f"{self.shown[node.id]} = {text}"

    def _expression(self, node: Node) -> str:
        given = [self.shown[each] for each in node.inputs]
        match node.operation:
            case "concat":
                return f"np.concatenate([{', '.join(given)}], axis=1)"
            case "slice":
                return f"{given[0]}[:, {node.attributes['start']}:{node.attributes['stop']}]"
            case "sigmoid":
                return f"1 / (1 + np.exp(-{given[0]}))"
            case "where":  # of two bare numbers NumPy would make doubles
                bare = [not self.shapes[each] for each in node.inputs]
                given = [f"DTYPE({each})" if number else each for each, number in zip(given, bare, strict=True)]
        if node.operation in _SIGNS:
            return f"{_SIGNS[node.operation]}{given[0]}"
        if node.operation in _OPERATORS:
            return f" {_OPERATORS[node.operation]} ".join(given)
        return f"np.{_FUNCTIONS[node.operation]}({', '.join(given)})"

    def _weight(self, constant: Constant) -> str:
        """An array, row by row."""
        rows = (f"    [{', '.join(_number(self.graph, each) for each in row)}]," for row in constant.value)
        return "\n".join(
            [f"{self.shown[constant.id]} = np.array([", *rows, "], DTYPE)" if constant.kind == "float" else "])"]
        )


def _number(graph: Graph, value: np.ndarray) -> str:
    """The shortest text of the very number, in the graph's dtype."""
    if value.dtype.kind == "b":
        return repr(bool(value))
    number = float(value.astype(graph.dtype))
    return repr(number) if np.isfinite(number) else f"np.{number}" if number != -np.inf else "-np.inf"


def _parameters(graph: Graph) -> dict[int, str]:
    """The names of the inputs, with _ after those that Python or the module has for itself."""
    found: dict[int, str] = {}
    taken = {*keyword.kwlist, *_OWN, *(one.name for one in graph.inputs)}
    for one in graph.inputs:
        name = one.name
        while name in taken - {one.name} or name in (*keyword.kwlist, *_OWN):
            name += "_"
        found[one.id] = name
        taken.add(name)
    return found


def run(folder: Path, batches: Sequence[Mapping[str, np.ndarray]]) -> tuple[list[dict[str, np.ndarray]], list[float]]:
    """({output: (N,)} of each batch, no seconds), by a Python process of its own, which imports NumPy and no framework.

    Raises ExportError with what it says.
    """
    return child.evaluated(_RUNNER, folder / FILE, batches, "the Python module could not be run")
