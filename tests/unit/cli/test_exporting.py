"""`collocate export` on a solution file, with a target of the test's own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from collocate.exporting.targets import TARGETS

from ..exporting import fake


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setitem(sys.modules, fake.REGISTERED.module, fake)
    monkeypatch.setitem(TARGETS, "fake", fake.REGISTERED)
    return fake


@pytest.fixture
def solution(solved) -> Path:
    return solved[1] / "solution.collocate"


def test_a_table_is_shown_and_the_folder_lies_where_it_is_told(solution: Path, collocate, target, tmp_path: Path):
    result = collocate("export", solution, "--to", "fake", "--outputs", "u, u.diff(x), half=u/2", "--out", tmp_path)
    assert result.exit_code == 0, result.stderr
    for part in ("target", "largest difference", "fake", "model.json", "float64", "u_x ", "half ", "µs"):
        assert part in result.stdout
    assert (tmp_path / "fake" / "manifest.json").exists()


def test_json_is_one_line(solution: Path, collocate, target, tmp_path: Path):
    result = collocate("export", solution, "--to", "fake", "--dtype", "float32", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    (line,) = result.stdout.splitlines()
    told = json.loads(line)
    assert (told["out"], told["failed"]) == (str(tmp_path), {})
    assert told["targets"]["fake"]["dtype"] == "float32"
    assert set(told["targets"]["fake"]["files"]) == {"model.json", "vectors.json"}


def test_a_target_without_float64_is_warned_of_on_standard_error(solution, collocate, target, tmp_path, monkeypatch):
    monkeypatch.setitem(TARGETS, "fake", replace(fake.REGISTERED, dtypes=("float32",)))
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path, "--json")
    assert result.exit_code == 0, result.stderr
    assert "warning: Fake has no float64: its artifact computes in float32" in result.stderr
    assert json.loads(result.stdout)["targets"]["fake"]["dtype"] == "float32"


def test_what_was_warned_of_is_shown_where_the_export_is_refused_too(
    solution, collocate, target, tmp_path: Path, monkeypatch
):
    monkeypatch.setitem(TARGETS, "fake", replace(fake.REGISTERED, dtypes=("float32",)))
    (tmp_path / "fake").touch()
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path)
    assert result.exit_code == 2
    assert "warning: Fake has no float64" in result.stderr
    assert "no export wrote it" in result.stderr


def test_by_itself_it_lies_beside_the_solution(solved, solution: Path, collocate, target):
    assert collocate("export", solution, "--to", "fake").exit_code == 0
    assert (solution.parent / "export" / "fake" / "model.json").exists()


def test_a_failed_parity_is_exit_code_3(solution: Path, collocate, target, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(fake, "load", lambda folder: lambda batch: {"u": batch["x"]})
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path)
    assert result.exit_code == 3
    assert "fake failed: it is not equal to its solution to 1e-12: u is off by" in result.stdout
    assert list(tmp_path.iterdir()) == []
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path, "--json")
    assert result.exit_code == 3
    assert "fake failed: it is not equal" in result.stderr
    assert "is off by" in json.loads(result.stdout)["failed"]["fake"]


def test_another_problem_brings_the_reference(solution: Path, collocate, target, tmp_path: Path, monkeypatch):
    """A function, which is not in the solution's file."""
    source = tmp_path / "known.py"
    source.write_text(
        "import collocate as co\n"
        "from sympy import Eq, Function, exp, symbols\n"
        'x = symbols("x")\n'
        'u = Function("u")(x)\n'
        "problem = co.Problem(Eq(u.diff(x, 2), u), co.Interval(x, 0, 1), [co.Dirichlet(u, exp(x))],"
        " reference=lambda x: 7 * x)\n"
    )
    told, write = [], fake.write
    monkeypatch.setattr(fake, "write", lambda graph, folder, it: told.append(it) or write(graph, folder))
    monkeypatch.setitem(TARGETS, "fake", replace(fake.REGISTERED, of_solution=True))
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path / "out", "--against", source)
    assert result.exit_code == 0, result.stderr
    assert told[0].problem.reference["u"](x=1.0) == 7.0
    result = collocate("export", solution, "--to", "fake", "--out", tmp_path / "out", "--against", "lotka_volterra")
    assert result.exit_code == 2
    assert "lotka_volterra is another problem than the one that was solved, with other equations and" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--to", "fake"], "give the SOLUTION to export"),
        (["nowhere.collocate", "--to", "fake"], "cannot read nowhere.collocate"),
        (["SOLUTION"], "--to says what to export to: onnx, savedmodel"),
        (["SOLUTION", "--to", "cobol"], "there is no target 'cobol'; the targets are onnx"),
        (["SOLUTION", "--to", "fake", "--dtype", "float16"], "the dtype is 'float64' or 'float32'"),
        (["SOLUTION", "--to", "fake", "--outputs", "w"], "'w' in 'w': unknown name; known: u, x"),
        (["--check", "nowhere"], "nowhere is no folder"),
        (["SOLUTION", "--check", "nowhere"], "--check looks at what was exported; leave out SOLUTION"),
        (
            ["--check", "nowhere", "--to", "c", "--dtype", "float32"],
            "--check looks at what was exported; leave out --to, --dt",
        ),
        (["SOLUTION", "--to", "fake", "--outputs", "log(-1 - x)"], "the output log_x_1 is nowhere a number"),
        (["SOLUTION", "--to", "fake", "--run"], "--run goes with --check"),
        (
            ["SOLUTION", "--to", "fake", "--against", "burgers"],
            "--against brings the reference that the web page shows",
        ),
    ],
)
def test_bad_input_is_exit_code_2(solution: Path, collocate, target, arguments: list[str], why: str):
    result = collocate("export", *(solution if word == "SOLUTION" else word for word in arguments))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error: {why}" in result.stderr


def test_a_folder_is_checked(solution: Path, collocate, target, tmp_path: Path, monkeypatch):
    assert collocate("export", solution, "--to", "fake", "--out", tmp_path).exit_code == 0
    for more, shown in ((), "as listed"), (["--run"], "u 0.0e+00"), (["--json"], '"failed": {}'):
        result = collocate("export", "--check", tmp_path, *more)
        assert result.exit_code == 0, result.stderr
        assert shown in result.stdout
    monkeypatch.setattr(fake, "load", lambda folder: lambda batch: {"u": batch["x"]})
    assert collocate("export", "--check", tmp_path).exit_code == 0  # nothing was run
    result = collocate("export", "--check", tmp_path, "--run")
    assert result.exit_code == 3
    assert "fake failed: it is not equal to its solution" in result.stdout
    (tmp_path / "fake" / "model.json").write_text("{}")
    result = collocate("export", "--check", tmp_path / "fake")
    assert result.exit_code == 3
    assert "model.json is cut short" in result.stdout
    (tmp_path / "c").mkdir()
    result = collocate("export", "--check", tmp_path)
    assert result.exit_code == 3
    assert "manifest.json is missing" in result.stdout
