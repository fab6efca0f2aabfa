"""TensorFlow.js: equal to the oracle, by TensorFlow.js in Node, on WebAssembly and on its plain backend."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import to_tfjs
from collocate.exporting.builder import Builder
from collocate.exporting.recording import Recorded, RecordingBackend

from . import zoo
from .test_writers import check, every_operation


def on(backend: str) -> Any:
    """The target, run on a backend."""
    return SimpleNamespace(write=to_tfjs.write, run=lambda folder, batches: to_tfjs.run(folder, batches, backend, 0))


@pytest.mark.parametrize("backend", ["wasm", "cpu"])
def test_every_operation_agrees(backend: str, tmp_path: Path):
    check(every_operation("float32"), on(backend), tmp_path)


def test_names_may_be_keywords_greek_or_those_that_writers_use(tmp_path: Path):
    builder = Builder(["lambda", "v", "ν", "constructor"], "float32")
    total = sum((Recorded(builder, k) * float(k + 1) for k in range(1, 4)), Recorded(builder, 0))
    graph = builder.finish({"v6": total.id, "W4": total.id, "def": 2, "model": 0})
    check(graph, to_tfjs, tmp_path)


def test_a_branch_that_is_not_taken_does_not_spoil_the_other(tmp_path: Path):
    builder = Builder(["x"], "float32")
    bk = RecordingBackend(builder)
    x = Recorded(builder, 0)
    graph = builder.finish({"u": bk.where(bk.less(x, 0.5), bk.log(x - 0.5), bk.sqrt(x - 0.5)).id})
    to_tfjs.write(graph, tmp_path)
    for backend in ("wasm", "cpu"):
        batch = {"x": np.array([0.0, 0.5, 0.75, np.nan], np.float32)}
        ((found,), _) = to_tfjs.run(tmp_path, [batch], backend)
        np.testing.assert_array_equal(found["u"], np.array([np.nan, 0.0, 0.5, np.nan], np.float32))


def test_the_files_are_a_graph_model_with_a_signature_and_its_weights(tmp_path: Path):
    to_tfjs.write(zoo.graph("two slabs", "float32"), tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {"model.json", "weights.bin"}
    model = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert model["format"] == "graph-model"
    assert {side: set(model["signature"][side]) for side in ("inputs", "outputs")} == {
        "inputs": {"x", "t"},
        "outputs": {"u", "u_t", "u_xx"},
    }
    (group,) = model["weightsManifest"]
    sizes = {"float32": 4, "int32": 4, "bool": 1}
    told = sum(sizes[each["dtype"]] * int(np.prod(each["shape"])) for each in group["weights"])
    assert told == (tmp_path / "weights.bin").stat().st_size
    constants = {node["name"] for node in model["modelTopology"]["node"] if node["op"] == "Const"}
    assert constants == {each["name"] for each in group["weights"]}


def test_a_time_is_measured_without_the_start(tmp_path: Path):
    to_tfjs.write(zoo.graph("a parameter", "float32"), tmp_path)
    _, seconds = to_tfjs.run(tmp_path, [{name: np.zeros(100, np.float32) for name in ("x", "t", "nu")}])
    assert len(seconds) > 10 and min(seconds) > 0


def test_a_truncated_model_says_why(tmp_path: Path):
    to_tfjs.write(zoo.graph("a parameter", "float32"), tmp_path)
    weights = tmp_path / "weights.bin"
    weights.write_bytes(weights.read_bytes()[:-40])
    with pytest.raises(ExportError, match=r"run_tfjs\.cjs failed in Node: .*Error"):
        to_tfjs.run(tmp_path, [{name: np.zeros(1, np.float32) for name in ("x", "t", "nu")}])
