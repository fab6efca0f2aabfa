"""LiteRT: equal to the oracle, by LiteRT's own runtime in a process without TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from collocate.errors import ExportError
from collocate.exporting import to_litert
from collocate.exporting.builder import Builder
from collocate.exporting.recording import Recorded

from . import zoo
from .test_writers import check, every_operation


def test_every_operation_agrees(tmp_path: Path):
    check(every_operation("float32"), to_litert, tmp_path)


def test_the_signature_has_the_names_whatever_they_are_and_its_operators_are_built_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    names = ["lambda", "ν", "x"]
    builder = Builder(names, "float32")
    graph = builder.finish({"φ": (Recorded(builder, 0) * Recorded(builder, 1) - Recorded(builder, 2)).id, "def": 0})
    check(graph, to_litert, tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["model.tflite"]
    assert "XNNPACK" not in capfd.readouterr().err  # LiteRT's note stays in its own process
    signatures = Interpreter(str(tmp_path / "model.tflite")).get_signature_list()
    assert {key: set(value) for key, value in signatures["serving_default"].items()} == {
        "inputs": set(names),
        "outputs": {"φ", "def"},
    }


def test_a_time_is_measured_without_the_start(tmp_path: Path):
    to_litert.write(zoo.graph("a parameter", "float32"), tmp_path)
    batch = {name: np.zeros(100, np.float32) for name in ("x", "t", "nu")}
    _, seconds = to_litert.run(tmp_path, [batch])
    assert len(seconds) > 10 and min(seconds) > 0


def test_a_converter_that_fails_says_why_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(to_litert, "_LACKING", ())
    with pytest.raises(ExportError, match="TensorFlow's converter to LiteRT fails: Could") as raised:
        to_litert.write(every_operation("float32"), tmp_path)
    assert "\n" not in str(raised.value)
    assert not any(tmp_path.iterdir())


def test_a_spoilt_model_says_why(tmp_path: Path):
    (tmp_path / "model.tflite").write_bytes(b"spoilt")
    with pytest.raises(ExportError, match="LiteRT could not run the model: ValueError"):
        to_litert.run(tmp_path, [{"x": np.zeros(1)}])
