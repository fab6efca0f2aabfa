"""ONNX: one model file of standard operators, opset 17, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import collocate
from collocate.exporting.decompose import decompose
from collocate.exporting.graph import Graph, Node

FILE = "model.onnx"
OPSET, IR_VERSION = 17, 8
BATCH = "N"

# The operator of each operation; the others need more than a name, see `_nodes`.
_OPERATORS = {
    "negative": "Neg", "exp": "Exp", "log": "Log", "sin": "Sin", "cos": "Cos", "tan": "Tan", "sinh": "Sinh",
    "cosh": "Cosh", "tanh": "Tanh", "asin": "Asin", "acos": "Acos", "atan": "Atan", "erf": "Erf", "sigmoid": "Sigmoid",
    "sqrt": "Sqrt", "abs": "Abs", "sign": "Sign", "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div",
    "power": "Pow", "less": "Less", "less_equal": "LessOrEqual", "equal": "Equal", "logical_and": "And",
    "logical_or": "Or", "logical_not": "Not", "where": "Where", "matmul": "MatMul",
}  # fmt: skip
# What ONNX Runtime computes in float32 only.
_SINGLE = ("tan", "sinh", "cosh", "asin", "acos", "atan", "erf")


def write(graph: Graph, folder: Path) -> None:
    """`model.onnx`: each input and output a tensor (N,) of the graph's dtype, N free."""
    graph = decompose(graph, _SINGLE) if graph.dtype == "float64" else graph
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(graph.dtype))
    names = graph.inner_names()
    shapes = {"column": [-1, 1], "flat": [-1]}
    initializers = [numpy_helper.from_array(graph.array(each), names[each.id]) for each in graph.constants]
    initializers += [_integers(f"{names[graph.inputs[0].id]}_{name}", shape) for name, shape in shapes.items()]
    column, flat = (each.name for each in initializers[-2:])
    nodes = [helper.make_node("Reshape", [one.name, column], [names[one.id]]) for one in graph.inputs]
    for node in graph.nodes:
        nodes += _nodes(graph, node, names, initializers)
    nodes += [helper.make_node("Reshape", [names[one.id], flat], [one.name]) for one in graph.outputs]
    given, found = (
        [helper.make_tensor_value_info(one.name, kind, [BATCH]) for one in side]
        for side in (graph.inputs, graph.outputs)
    )
    model = helper.make_model(
        helper.make_graph(nodes, "solution", given, found, initializers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="collocate",
        producer_version=collocate.__version__,
    )
    onnx.checker.check_model(model, full_check=True)
    (folder / FILE).write_bytes(model.SerializeToString())


def _nodes(
    graph: Graph, node: Node, names: Mapping[int, str], initializers: list[TensorProto]
) -> Iterator[onnx.NodeProto]:
    """One operation; what it needs besides goes to the initializers."""
    given, name = [names[each] for each in node.inputs], names[node.id]
    if node.operation == "slice":
        bounds = {"start": [node.attributes["start"]], "stop": [node.attributes["stop"]], "axis": [1]}
        initializers += [_integers(f"{name}_{each}", value) for each, value in bounds.items()]
        yield helper.make_node("Slice", [*given, *(f"{name}_{each}" for each in bounds)], [name])
    elif node.operation == "zeros_like":
        yield helper.make_node("Shape", given, [f"{name}_shape"])
        zero = numpy_helper.from_array(np.zeros(1, graph.dtype))
        yield helper.make_node("ConstantOfShape", [f"{name}_shape"], [name], value=zero)
    elif node.operation == "concat":
        yield helper.make_node("Concat", given, [name], axis=1)
    else:
        yield helper.make_node(_OPERATORS[node.operation], given, [name])


def _integers(name: str, values: list[int]) -> TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def load(folder: Path) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    """The model as a function {input: (N,)} -> {output: (N,)}, by ONNX Runtime on the CPU."""
    session = onnxruntime.InferenceSession(folder / FILE, providers=["CPUExecutionProvider"])
    dtypes = {one.name: np.float64 if "double" in one.type else np.float32 for one in session.get_inputs()}
    names = [one.name for one in session.get_outputs()]

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found = session.run(names, {name: np.asarray(batch[name], dtype) for name, dtype in dtypes.items()})
        return dict(zip(names, found, strict=True))

    return run
