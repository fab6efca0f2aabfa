"""LiteRT (TensorFlow Lite's name since 2024): one file for phones and small devices, float32.

TensorFlow's converter makes it of a SavedModel; LiteRT's own runtime runs it, in a process of its own, since it writes
to standard error whatever it is told. LiteRT has no tan, sinh, cosh, asin, acos, atan and erf: they are written with
the operations that it has, so that no runtime needs more than the built-in ones.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from collocate.errors import ExportError
from collocate.exporting import to_savedmodel
from collocate.exporting.decompose import decompose
from collocate.exporting.graph import Graph
from collocate.exporting.packing import packed, unpacked

FILE = "model.tflite"
_LACKING = ("tan", "sinh", "cosh", "asin", "acos", "atan", "erf")
_REPEATS = 50

_CALL = """\
import base64, json, sys, time
import numpy as np
from ai_edge_litert.interpreter import Interpreter
given = json.load(sys.stdin)
run = Interpreter(given["model"]).get_signature_runner(given["signature"])
batch = {name: np.frombuffer(base64.b64decode(text), "<f4") for name, text in given["inputs"].items()}
found = run(**batch)
seconds = []
for _ in range(given["repeats"]):
    begun = time.perf_counter()
    run(**batch)
    seconds.append(time.perf_counter() - begun)
outputs = {name: base64.b64encode(array.astype("<f4").tobytes()).decode() for name, array in found.items()}
print(json.dumps({"outputs": outputs, "seconds": seconds}))
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


def run(folder: Path, batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """{output: (N,)}, by LiteRT alone in a process of its own. Raises ExportError with what it says."""
    return {name: unpacked(text, "float32") for name, text in _run(folder, batch)["outputs"].items()}


def seconds_per_point(folder: Path, batch: Mapping[str, np.ndarray]) -> float:
    """The median of some runs."""
    return float(np.median(_run(folder, batch, _REPEATS)["seconds"])) / len(next(iter(batch.values())))


def _run(folder: Path, batch: Mapping[str, np.ndarray], repeats: int = 0) -> Any:
    inputs = {name: packed(np.asarray(array, np.float32)) for name, array in batch.items()}
    given = {"model": str(folder / FILE), "signature": to_savedmodel.SIGNATURE, "inputs": inputs, "repeats": repeats}
    command = [sys.executable, "-I", "-c", _CALL]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or f"it ended with {done.returncode}").splitlines()[-1]
        raise ExportError(f"LiteRT could not run the model: {said}")
    return json.loads(done.stdout)
