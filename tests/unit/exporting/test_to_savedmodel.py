"""SavedModel: equal to the oracle in both precisions, by its names, in the shape that TensorFlow Serving wants."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from collocate.exporting import to_savedmodel
from collocate.exporting.builder import Builder
from collocate.exporting.evaluate import evaluate
from collocate.exporting.recording import Recorded

from . import zoo
from .test_writers import check, every_operation


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_operation_agrees(dtype: str, tmp_path: Path):
    check(every_operation(dtype), to_savedmodel, tmp_path)


def test_serving_finds_a_version_with_a_named_signature_and_a_free_batch(tmp_path: Path):
    to_savedmodel.write(zoo.graph("burgers", "float64"), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["1"]
    (described,) = SavedModel.FromString((tmp_path / "1" / "saved_model.pb").read_bytes()).meta_graphs
    assert list(described.meta_info_def.tags) == ["serve"]
    signature = described.signature_def["serving_default"]
    assert signature.method_name == "tensorflow/serving/predict"
    assert set(signature.inputs) == {"x", "t"}
    assert set(signature.outputs) == {"u", "u_x", "u_t", "u_xx", "residual"}
    for one in (*signature.inputs.values(), *signature.outputs.values()):
        assert one.dtype == tf.float64.as_datatype_enum
        assert [axis.size for axis in one.tensor_shape.dim] == [-1]


def test_tensorflow_alone_loads_it_by_names(tmp_path: Path):
    graph = zoo.graph("a parameter", "float64")
    to_savedmodel.write(graph, tmp_path)
    function = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"]
    batch = {"x": np.array([0.25]), "t": np.array([0.5]), "nu": np.array([0.3])}
    found = function(**{name: tf.constant(array) for name, array in batch.items()})
    np.testing.assert_allclose(found["u_x"], evaluate(graph, batch)["u_x"], rtol=1e-12)


def test_the_stored_signature_keeps_names_that_tensorflow_does_not_take(tmp_path: Path):
    names = ["lambda", "np", "ν", "_a", "input_0"]
    builder = Builder(names, "float64")
    total = sum((Recorded(builder, k) * float(k + 1) for k in range(1, 5)), Recorded(builder, 0))
    graph = builder.finish({"φ": total.id, "def": 2, "_u": total.id, "u": 0})
    check(graph, to_savedmodel, tmp_path)
    model = SavedModel.FromString((tmp_path / "1" / "saved_model.pb").read_bytes())
    signature = model.meta_graphs[0].signature_def["serving_default"]
    assert set(signature.inputs) == set(names)
    assert set(signature.outputs) == {"φ", "def", "_u", "u"}
