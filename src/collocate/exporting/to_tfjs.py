"""TensorFlow.js: a graph model, written as its loader reads it; run by TensorFlow.js itself, in Node, on WebAssembly.

`model.json` is a GraphDef in JSON with a signature, and `weights.bin` its constants, one after the other. In JavaScript

    const model = await tf.loadGraphModel("model.json");
    const [u] = model.execute({x: tf.tensor1d([0.5]), t: tf.tensor1d([0.3])}, ["u"]);

TensorFlow.js computes in float32 and in nothing else. Every operation has a kernel on each of its backends. Names are
in the signature alone: as names of nodes, some (`constructor`) mean something to JavaScript.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import collocate
from collocate.exporting import node as nodejs
from collocate.exporting.graph import Graph, Node
from collocate.exporting.packing import packed, unpacked

FILE, WEIGHTS = "model.json", "weights.bin"
SCRIPT = nodejs.LOCKED / "run_tfjs.cjs"
_REPEATS = 20

# The operator of each operation; `concat` and `slice` need numbers besides, see `_nodes`.
_OPERATORS = {
    "negative": "Neg", "exp": "Exp", "log": "Log", "sin": "Sin", "cos": "Cos", "tan": "Tan", "sinh": "Sinh",
    "cosh": "Cosh", "tanh": "Tanh", "asin": "Asin", "acos": "Acos", "atan": "Atan", "erf": "Erf", "sigmoid": "Sigmoid",
    "sqrt": "Sqrt", "abs": "Abs", "sign": "Sign", "add": "AddV2", "subtract": "Sub", "multiply": "Mul",
    "divide": "RealDiv", "power": "Pow", "less": "Less", "less_equal": "LessEqual", "equal": "Equal",
    "logical_and": "LogicalAnd", "logical_or": "LogicalOr", "logical_not": "LogicalNot", "where": "SelectV2",
    "matmul": "MatMul", "zeros_like": "ZerosLike", "concat": "ConcatV2", "slice": "Slice",
}  # fmt: skip
_TYPES = {"float32": "DT_FLOAT", "int32": "DT_INT32", "bool": "DT_BOOL"}


def write(graph: Graph, folder: Path) -> None:
    """`model.json` and `weights.bin`: each input and output a tensor (N,) of float32, N free."""
    names = graph.inner_names()
    constants = {names[each.id]: graph.array(each) for each in graph.constants}
    constants |= {"column": _integers(-1, 1), "flat": _integers(-1)}
    nodes = [_placeholder(f"input_{number}") for number in range(len(graph.inputs))]
    nodes += [_node("Reshape", names[one.id], f"input_{k}", "column") for k, one in enumerate(graph.inputs)]
    for each in graph.nodes:
        nodes += _nodes(each, names, constants)
    nodes += [_node("Reshape", f"output_{k}", names[one.id], "flat") for k, one in enumerate(graph.outputs)]
    nodes = [*(_constant(name, array) for name, array in constants.items()), *nodes]
    (folder / WEIGHTS).write_bytes(b"".join(_little_endian(array) for array in constants.values()))
    (folder / FILE).write_text(json.dumps(_model(graph, nodes, constants), ensure_ascii=False), encoding="utf-8")


def _model(graph: Graph, nodes: list[Any], constants: Mapping[str, np.ndarray]) -> dict[str, Any]:
    weights = [
        {"name": name, "shape": list(array.shape), "dtype": array.dtype.name} for name, array in constants.items()
    ]
    return {
        "format": "graph-model",
        "generatedBy": f"collocate {collocate.__version__}",
        "modelTopology": {"node": nodes, "versions": {"producer": 1, "minConsumer": 1}},
        "signature": {
            "inputs": {one.name: _tensor(f"input_{k}") for k, one in enumerate(graph.inputs)},
            "outputs": {one.name: _tensor(f"output_{k}") for k, one in enumerate(graph.outputs)},
        },
        "weightsManifest": [{"paths": [WEIGHTS], "weights": weights}],
    }


def _nodes(node: Node, names: Mapping[int, str], constants: dict[str, np.ndarray]) -> Iterator[dict[str, Any]]:
    """One operation; the numbers that it needs besides go to the constants."""
    given, name = [names[each] for each in node.inputs], names[node.id]
    if node.operation == "slice":
        start, stop = node.attributes["start"], node.attributes["stop"]
        bounds = {f"{name}_begin": _integers(0, start), f"{name}_size": _integers(-1, stop - start)}
        constants |= bounds
        given += bounds
    elif node.operation == "concat":
        constants[f"{name}_axis"] = np.array(1, np.int32)
        given.append(f"{name}_axis")
    found = _node(_OPERATORS[node.operation], name, *given)
    yield found | {"attr": {"N": {"i": len(node.inputs)}}} if node.operation == "concat" else found


def _node(operator: str, name: str, *inputs: str) -> dict[str, Any]:
    return {"name": name, "op": operator, "input": list(inputs)}


def _placeholder(name: str) -> dict[str, Any]:
    shape = {"dim": [{"size": "-1"}]}
    return {"name": name, "op": "Placeholder", "attr": {"dtype": {"type": "DT_FLOAT"}, "shape": {"shape": shape}}}


def _constant(name: str, array: np.ndarray) -> dict[str, Any]:
    return {"name": name, "op": "Const", "attr": {"dtype": {"type": _TYPES[array.dtype.name]}}}


def _tensor(name: str) -> dict[str, Any]:
    return {"name": f"{name}:0", "dtype": "DT_FLOAT", "tensorShape": {"dim": [{"size": "-1"}]}}


def _integers(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def _little_endian(array: np.ndarray) -> bytes:
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def run(
    folder: Path, batches: Sequence[Mapping[str, np.ndarray]], backend: str = "wasm", repeats: int = _REPEATS
) -> tuple[list[dict[str, np.ndarray]], list[float]]:
    """({output: (N,)} of each batch, seconds of more runs of the last), by TensorFlow.js on its "wasm" or "cpu".

    Raises ExportError with what it says.
    """
    inputs = [{name: packed(np.asarray(array, np.float32)) for name, array in batch.items()} for batch in batches]
    given = {"folder": str(folder.resolve()), "backend": backend, "batches": inputs, "repeats": repeats}
    answer = nodejs.run(SCRIPT, given)
    found = [{name: unpacked(text, "float32") for name, text in each.items()} for each in answer["outputs"]]
    return found, answer["seconds"]
