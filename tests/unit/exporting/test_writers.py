"""ONNX and the Python module compute the oracle's values, in both precisions, for one point, seven and a thousand."""

from __future__ import annotations

import ast
import py_compile
from importlib.util import cache_from_source
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnx
import pytest
from sympy import Eq, Function, pi, sin, symbols

import collocate as co
from collocate import problems
from collocate.errors import ExportError
from collocate.exporting import to_onnx, to_python
from collocate.exporting.builder import Builder
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import OPERATIONS, Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.passes import optimise
from collocate.exporting.record import record
from collocate.exporting.recording import Recorded, RecordingBackend

from ...small import string
from .untrained import points_of, untrained

TOLERANCE = {"float64": 1e-12, "float32": 5e-6}
ASKED = "u, u_x, u_xx, flux=-x*u.diff(x)*u, half=1/2"


def every_operation(dtype: str) -> Graph:
    """All of the closed set, on x and y in (0, 1)."""
    builder = Builder(["x", "y"], dtype)  # type: ignore[arg-type]
    bk = RecordingBackend(builder)
    x, y = Recorded(builder, 0), Recorded(builder, 1)
    one_operand = (name for name, each in OPERATIONS.items() if each.operands == ("float",) and not each.any_number)
    sums = {f"f_{name}": getattr(bk, name)(x) for name in one_operand if name not in ("negative", "slice")}
    wide = bk.concat([x, y - x], axis=1) @ np.array([[1.0, 2.0], [-3.0, 4.0]]) * np.array([[0.5, -1.5]])
    inside = bk.logical_or(bk.logical_and(bk.less(x, y), bk.less_equal(0.2, x)), bk.logical_not(bk.equal(x, x)))
    sums |= {
        "arithmetic": -(x + 2.0) / (y - 3.0) * wide[:, 1:] + (1.0 + x) ** 1.7,
        "wide": (bk.tanh(wide * x) + bk.where(inside, wide, np.nan))[:, :1],
        "chosen": bk.where(inside, 0.1, -0.1),
        "filled": bk.zeros_like(y) + 0.1,
        "fixed": bk.where(bk.logical_and(True, bk.logical_or(bk.less(x, y), False)), x, y),
        "limits": bk.where(bk.less(2.0, x), np.inf, bk.where(bk.less(3.0, x), np.nan, -x)),
    }
    graph = builder.finish({name: value.id for name, value in sums.items()})
    assert {node.operation for node in graph.nodes} == set(OPERATIONS)
    return graph


def solution_graph(dtype: str) -> Graph:
    """Two slabs, derivatives, and an output that is a number."""
    solution = untrained(string(), slabs=2)
    return record(solution, read_outputs(solution.problem, ASKED), dtype)  # type: ignore[arg-type]


def activation(name: str) -> Graph:
    solution = untrained(string(), network=co.MLP((5, 5), name))
    return record(solution, read_outputs(solution.problem, "u, u_xx"))


def zoo(name: str) -> Graph:
    solution = untrained(problems.load(name).problem)
    return record(solution, read_outputs(solution.problem))


GRAPHS = {
    "every operation": lambda: every_operation("float64"),
    "every operation, single": lambda: every_operation("float32"),
    "slabs": lambda: solution_graph("float64"),
    "slabs, single": lambda: solution_graph("float32"),
    "swish": lambda: activation("swish"),
    "gelu": lambda: activation("gelu"),
    "disk": lambda: zoo("poisson_disk"),
    "three fields": lambda: zoo("kovasznay"),
}


def check(graph: Graph, target: ModuleType, folder: Path) -> None:
    target.write(graph, folder)
    counts, batches = (1, 7, 1000), []
    for count in counts:
        points = np.random.default_rng(count).uniform(0.01, 0.99, (len(graph.inputs), count)).astype(graph.dtype)
        # By name, not by place
        batches.append({one.name: row for one, row in zip(reversed(graph.inputs), points, strict=True)})
    computed = map(target.load(folder), batches) if hasattr(target, "load") else target.run(folder, batches)[0]
    for count, batch, found in zip(counts, batches, computed, strict=True):
        expected = evaluate(graph, batch)
        assert set(found) == {output.name for output in graph.outputs}
        for name, values in expected.items():
            assert found[name].shape == (count,) and found[name].dtype == graph.dtype
            size = max(1.0, np.nanmax(np.abs(values), initial=0.0))
            np.testing.assert_allclose(found[name], values, rtol=0, atol=TOLERANCE[graph.dtype] * size, err_msg=name)


@pytest.mark.parametrize("graph", GRAPHS)
def test_onnx_runtime_agrees(graph: str, tmp_path: Path):
    check(GRAPHS[graph](), to_onnx, tmp_path)
    model = onnx.load(tmp_path / "model.onnx")
    assert (model.ir_version, model.opset_import[0].version) == (8, 17)
    assert {node.domain for node in model.graph.node} == {""}


@pytest.mark.parametrize("graph", ["every operation", "every operation, single", "slabs, single"])
def test_a_process_with_numpy_alone_agrees(graph: str, tmp_path: Path):
    check(GRAPHS[graph](), to_python, tmp_path)
    text = (tmp_path / "model.py").read_text()
    assert [
        ast.unparse(each) for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Import | ast.ImportFrom)
    ] == ["import numpy as np"]


@pytest.mark.parametrize("target", [to_onnx, to_python])
def test_names_may_be_keywords_greek_or_those_that_writers_use(target: ModuleType, tmp_path: Path):
    names = ["lambda", "np", "ν", "file"]
    builder = Builder(names, "float64")
    total = sum((Recorded(builder, k) * float(k + 1) for k in range(1, 4)), Recorded(builder, 0))
    graph = builder.finish({"v6": total.id, "W4": total.id, "def": 2, "evaluate": 0})
    check(graph, target, tmp_path)


def test_the_module_takes_grids_and_numbers(tmp_path: Path):
    to_python.write(GRAPHS["slabs"](), tmp_path)
    module: dict[str, Any] = {"__name__": "model"}
    exec((tmp_path / "model.py").read_text(), module)
    x, t = np.linspace(0.1, 0.9, 4)[:, None], np.linspace(0.2, 0.8, 3)[None, :]
    on_grid = module["evaluate"](x, t)
    for name, values in on_grid.items():
        assert values.shape == (4, 3)
        np.testing.assert_allclose(values[2, 1], module["evaluate"](x[2, 0], t[0, 1])[name][0], rtol=1e-14)


def test_weights_are_in_the_module_to_the_last_bit(tmp_path: Path):
    builder = Builder(["x"], "float64")
    weights = np.random.default_rng(0).normal(size=(1, 50)) * 10.0 ** np.arange(-25, 25)
    row = Recorded(builder, 0) @ weights
    graph = builder.finish({f"u_{k}": row[:, k : k + 1].id for k in range(50)})
    to_python.write(graph, tmp_path)
    ((found,), _) = to_python.run(tmp_path, [{"x": np.ones(1)}])
    np.testing.assert_array_equal([found[f"u_{k}"][0] for k in range(50)], weights[0])


def test_a_number_at_a_product_that_is_used_twice_stays_double(tmp_path: Path):
    """There it stands beside the product in the graph: ONNX Runtime must leave it there."""
    builder = Builder(["x", "y"], "float64")
    product = RecordingBackend(builder).concat([Recorded(builder, 0), Recorded(builder, 1)], axis=1) @ np.eye(2)[:, :1]
    graph = optimise(builder.finish({"u": (product * 0.1).id, "v": product.id, "w": (product + product * 0.3).id}))
    assert any(node.operation == "multiply" for node in graph.nodes)
    to_onnx.write(graph, tmp_path)
    batch = {"x": np.array([0.7]), "y": np.array([0.1])}
    for name, values in to_onnx.load(tmp_path)(batch).items():
        np.testing.assert_allclose(values, evaluate(graph, batch)[name], rtol=1e-15)


def test_onnx_runtime_takes_no_number_into_a_product_in_single_precision(tmp_path: Path):
    """It fuses c·(x W) with c in float32, whatever x: 1e-9 off in float64. Numbers are in the weights before."""
    x = symbols("x")
    u = Function("u")(x)
    problem = co.Problem(
        Eq(-0.1 * u.diff(x, 2) + u, sin(pi * x)), co.Interval(x, 0, 0.7), [co.Dirichlet(u, 0)], scales={"u": 0.3}
    )
    solution = untrained(problem, network=(8, 8))
    graph = record(solution, read_outputs(problem, "u, u_x, residual"))
    to_onnx.write(graph, tmp_path)
    points = points_of(problem, 50)
    found, expected = to_onnx.load(tmp_path)(points), evaluate(graph, points)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=0, atol=1e-14 * max(1.0, np.abs(values).max()))


def test_only_the_file_that_the_manifest_lists_is_run(tmp_path: Path):
    builder = Builder(["x"], "float64")
    to_python.write(builder.finish({"u": (Recorded(builder, 0) * 2.0).id}), tmp_path)
    (tmp_path / "planted.py").write_text("raise SystemExit('another program ran')\n")
    py_compile.compile(
        str(tmp_path / "planted.py"),
        cache_from_source(str(tmp_path / "model.py")),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    assert to_python.run(tmp_path, [{"x": np.array([3.0])}])[0][0]["u"] == 6.0


def test_a_module_that_does_not_run_says_why(tmp_path: Path):
    (tmp_path / "model.py").write_text("import numpy as np\nraise ValueError('spoilt')\n")
    with pytest.raises(ExportError, match=r"could not be run: ValueError: spoilt$"):
        to_python.run(tmp_path, [{"x": np.zeros(1)}])
