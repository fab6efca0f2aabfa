"""SavedModel: a folder that TensorFlow Serving serves as it is, with one signature, serving_default.

TensorFlow's own arguments have ASCII names that begin with a letter and are no keywords of Python. An input that is
named otherwise (`ν`, `lambda`) has its true name in the signature as it is stored, which Serving and LiteRT go by;
tf.saved_model.load calls it `input_K`, K its place.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from collocate.backends.tensorflow import ELEMENTWISE
from collocate.exporting.graph import Graph
from collocate.exporting.interpret import Operations, interpret

VERSION = "1"  # Serving looks for folders of versions
FILE = "saved_model.pb"
SIGNATURE = "serving_default"

_PREFIX = f"{SIGNATURE}_"  # what tf.saved_model.save puts before the name of an argument
_OPERATIONS: Operations = ELEMENTWISE | {
    "negative": tf.negative, "add": tf.add, "subtract": tf.subtract, "multiply": tf.multiply, "divide": tf.divide,
    "where": tf.where, "concat": lambda *parts: tf.concat(parts, axis=1),
}  # fmt: skip


def write(graph: Graph, folder: Path) -> None:
    """`1/saved_model.pb`: each input and output a tensor (N,) of the graph's dtype, N free; weights are constants."""
    arguments = _arguments(graph)

    def solution(**batch: Any) -> dict[str, Any]:
        columns = {one.name: tf.reshape(batch[arguments[one.id]], (-1, 1)) for one in graph.inputs}
        values = interpret(graph, columns, _OPERATIONS, lambda each: tf.constant(graph.array(each)))
        return {one.name: tf.reshape(values[one.id], (-1,)) for one in graph.outputs}

    specifications = {name: tf.TensorSpec((None,), graph.dtype, name) for name in arguments.values()}
    signature = tf.function(solution, autograph=False).get_concrete_function(**specifications)
    tf.saved_model.save(tf.Module(), str(folder / VERSION), {SIGNATURE: signature})
    if renamed := {arguments[one.id]: one.name for one in graph.inputs if arguments[one.id] != one.name}:
        _rename(folder / VERSION / FILE, renamed)


def _arguments(graph: Graph) -> dict[int, str]:
    """Of each input what TensorFlow takes for its name: all different."""
    taken = {one.name for one in graph.inputs}
    found = {}
    for number, one in enumerate(graph.inputs):
        name = one.name
        if keyword.iskeyword(name) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
            name = f"input_{number}"
            while name in taken:
                name += "_"
        found[one.id] = name
    return found


def _rename(path: Path, names: Mapping[str, str]) -> None:
    """The inputs of the stored signature, {argument: true name}."""
    model = _read(path)
    inputs = _signature(model).inputs
    for argument, name in names.items():
        inputs[name].CopyFrom(inputs[argument])
        del inputs[argument]
    path.write_bytes(model.SerializeToString(deterministic=True))


def _read(path: Path) -> SavedModel:
    return SavedModel.FromString(path.read_bytes())


def _signature(model: SavedModel) -> SignatureDef:
    return model.meta_graphs[0].signature_def[SIGNATURE]


def load(folder: Path) -> Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]:
    """The model as a function {input: (N,)} -> {output: (N,)}, by TensorFlow."""
    function = tf.saved_model.load(str(folder / VERSION)).signatures[SIGNATURE]
    stored = _signature(_read(folder / VERSION / FILE)).inputs
    arguments = {name: one.name.removeprefix(_PREFIX).removesuffix(":0") for name, one in stored.items()}
    dtypes = {name: tf.as_dtype(one.dtype) for name, one in stored.items()}

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found = function(**{argument: tf.constant(batch[name], dtypes[name]) for name, argument in arguments.items()})
        return {name: value.numpy() for name, value in found.items()}

    return run
