"""ExecuTorch's program computes the oracle's values in both precisions, and a process that dies says why.

A conversion and a start of the runtime take some ten seconds: there is one of each a precision.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import to_executorch
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph, Output
from collocate.exporting.targets import TARGETS

from . import fake
from .test_writers import TOLERANCE, check, every_operation

# Every operation, a value that is an output twice, and an output that is an input.
GRAPHS: dict[str, Graph] = {
    dtype: replace(graph, outputs=(*graph.outputs, Output("again", graph.outputs[0].id), Output("copied", 0)))
    for dtype in ("float64", "float32")
    for graph in [every_operation(dtype)]
}


@pytest.fixture(scope="module", params=["float64", "float32"])
def converted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Graph, Path, Any]:
    graph, folder = GRAPHS[request.param], tmp_path_factory.mktemp(request.param)
    TARGETS["executorch"].write(graph, folder)
    return graph, folder, TARGETS["executorch"].load(folder)


def test_executorch_agrees(converted: tuple[Graph, Path, Any]):
    graph, folder, run = converted
    check(graph, SimpleNamespace(write=lambda graph, folder: None, load=lambda folder: run), folder)  # type: ignore
    names = json.loads((folder / "model.json").read_text())
    assert names == {
        "inputs": ["x", "y"],
        "outputs": [output.name for output in graph.outputs],
        "dtype": graph.dtype,
        "largest_batch": 1024,
    }
    assert {file.name for file in folder.iterdir()} == {"model.pte", "model.json"}


def test_more_points_than_its_largest_batch_are_several_calls(converted: tuple[Graph, Path, Any]):
    graph, _, run = converted
    batch = dict(zip("xy", np.random.default_rng(0).uniform(0.01, 0.99, (2, 2500)).astype(graph.dtype), strict=True))
    found, expected = run(batch), evaluate(graph, batch)
    for name in ("arithmetic", "f_erf", "copied"):
        tolerance = TOLERANCE[graph.dtype] * np.abs(expected[name]).max()
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=tolerance)


def test_float32_is_for_xnnpack_and_float64_is_not(converted: tuple[Graph, Path, Any]):
    graph, folder, _ = converted
    assert (b"XnnpackBackend" in (folder / "model.pte").read_bytes()) == (graph.dtype == "float32")


def test_a_process_that_dies_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    dying = "import os; os.write(2, b'one\\n\\ntwo\\nthree\\nfour\\n'); os.abort()"
    monkeypatch.setattr(to_executorch, "_CHILD", [sys.executable, "-c", dying])
    with pytest.raises(ExportError, match=r"converter was ended by SIGABRT; it said last: two / three / four$"):
        to_executorch.write(fake.graph(), tmp_path)
    assert not list(tmp_path.iterdir())
    names = {"inputs": ["x"], "outputs": ["u"], "dtype": "float64", "largest_batch": 8}
    (tmp_path / "model.json").write_text(json.dumps(names))
    run = to_executorch.load(tmp_path)
    with pytest.raises(ExportError, match=r"runtime was ended by SIGABRT; it said last: two / three / four$"):
        run({"x": np.zeros(3)})
    with pytest.raises(ExportError, match="runtime was ended by SIGABRT"):
        run({"x": np.zeros(3)})
