"""Node runs the artifacts, by the programs on the page and by the packages that a user would take."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate.exporting import node, parity, to_tfjs
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.packing import packed, unpacked
from collocate.exporting.record import record
from collocate.problems import load

from ..docs.blocks import ROOT, blocks
from ..unit.exporting.untrained import untrained

HERE = Path(__file__).parent / "node"
PAGE = ROOT / "docs" / "how-to" / "exporting-tensorflow.md"
OUTPUTS = "u, u.diff(x)"


@cache
def solution() -> co.Solution:
    return untrained(load("heat1d").problem, slabs=2)


def graph(dtype: Any) -> Graph:
    return record(solution(), read_outputs(solution().problem, OUTPUTS), dtype)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `export/onnx` and `export/tfjs`, as the page takes them."""
    folder = tmp_path_factory.mktemp("bindings")
    with pytest.warns(UserWarning, match=r"TensorFlow\.js has no float64"):
        found = co.export(solution(), "onnx,tfjs", outputs=OUTPUTS, out=folder / "export")
    assert not found.failed
    return folder


def on_onnxruntime(folder: Path, batch: Any) -> dict[str, np.ndarray]:
    inputs = {name: packed(np.asarray(array, np.float64)) for name, array in batch.items()}
    found = node.run(HERE / "run_onnx.cjs", {"model": str(folder / "onnx/model.onnx"), "inputs": inputs}, HERE)
    return {name: unpacked(text, "float64") for name, text in found.items()}


def on_tfjs(folder: Path, batch: Any) -> dict[str, np.ndarray]:
    return to_tfjs.run(folder / "tfjs", [batch], "cpu", repeats=0)[0][0]


@pytest.mark.parametrize(("run", "dtype"), [(on_onnxruntime, "float64"), (on_tfjs, "float32")])
def test_node_equals_the_oracle(run: Any, dtype: Any, exported: Path):
    given = parity.batches(solution().problem.domain, dtype)
    differences = parity.measure(lambda batch: run(exported / "export", batch), graph(dtype), given)
    assert set(differences) == {"u", "u_x"}
    parity.check(differences, {"float64": 1e-12, "float32": 5e-6}[dtype])


@pytest.mark.parametrize("package", ["onnxruntime-node", "@tensorflow/tfjs-core"])
def test_the_programs_on_the_page_print_the_solution(package: str, exported: Path):
    (program,) = (each.text for each in blocks(PAGE, "js") if f'require("{package}")' in each.text)
    (exported / "program.cjs").write_text(program)
    modules = node.packages(HERE if package == "onnxruntime-node" else node.LOCKED)
    done = subprocess.run(
        [node.node(), "program.cjs"], cwd=exported, env={"NODE_PATH": str(modules)}, capture_output=True, text=True
    )
    assert not done.returncode, done.stderr
    expected = [solution().at(each, x=np.array([0.25, 0.5]), t=np.array([0.3, 0.3])) for each in ("u", "u.diff(x)")]
    np.testing.assert_allclose(json.loads(done.stdout), expected, rtol=1e-12 if "onnx" in package else 1e-5)


@pytest.mark.parametrize(("target", "run"), [("onnx", on_onnxruntime), ("tfjs", on_tfjs)])
def test_the_vectors_beside_an_artifact_are_enough_to_check_it_by(target: str, run: Any, exported: Path):
    vectors = json.loads((exported / "export" / target / "vectors.json").read_text())
    found = run(exported / "export", {name: np.array(values) for name, values in vectors["inputs"].items()})
    for name, values in vectors["outputs"].items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=vectors["tolerances"][name])
