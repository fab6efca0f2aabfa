"""LiteRT (TensorFlow Lite's name since 2024): one file for phones and small devices, float32.

TensorFlow's converter makes it of a SavedModel; LiteRT's own runtime runs it, in a process of its own, since it writes
to standard error whatever it is told. LiteRT has no tan, sinh, cosh, asin, acos, atan and erf: they are written with
the operations that it has, so that no runtime needs more than the built-in ones.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from collocate.errors import ExportError
from collocate.exporting import child, to_savedmodel
from collocate.exporting.decompose import decompose
from collocate.exporting.graph import Graph

FILE = "model.tflite"
_LACKING = ("tan", "sinh", "cosh", "asin", "acos", "atan", "erf")
_REPEATS = 50

_RUNNER = f"""
def load(path):
    from ai_edge_litert.interpreter import Interpreter

    run = Interpreter(path).get_signature_runner({to_savedmodel.SIGNATURE!r})
    return lambda batch: run(**batch)
"""


def write(graph: Graph, folder: Path) -> None:
    """`model.tflite`: each input and output a tensor (N,) of float32, N free, in the signature serving_default.

    Raises ExportError with what the converter says.
    """
    with tempfile.TemporaryDirectory() as room:
        to_savedmodel.write(decompose(graph, _LACKING), Path(room))
        source = str(Path(room) / to_savedmodel.VERSION)
        converter = tf.lite.TFLiteConverter.from_saved_model(source, signature_keys=[to_savedmodel.SIGNATURE])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        try:
            model = converter.convert()
        except Exception as error:  # its own class is private, and its message holds the whole graph
            raise ExportError(f"TensorFlow's converter to LiteRT fails: {str(error).splitlines()[0]}") from error
        (folder / FILE).write_bytes(model)


def run(folder: Path, batches: Sequence[Mapping[str, np.ndarray]]) -> tuple[list[dict[str, np.ndarray]], list[float]]:
    """({output: (N,)} of each batch, seconds of some more runs of the last), by LiteRT alone in a process of its own.

    Raises ExportError with what it says.
    """
    given = [{name: np.asarray(array, np.float32) for name, array in batch.items()} for batch in batches]
    return child.evaluated(_RUNNER, folder / FILE, given, "LiteRT could not run the model", _REPEATS)
