"""`collocate new`: what it writes is solved, and it writes over nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import collocate as co
from collocate.cli import new
from collocate.cli.loading import load

# Small settings, and bounds for the errors in them.
SMALL: dict[str, tuple[dict[str, Any], float]] = {
    "heat": ({"network": (8, 8), "steps": 12, "points": 200}, 1e-2),
    "inverse": ({"network": (8,), "steps": 20, "points": 60}, 1e-4),
    "ode": ({"network": (8,), "points": 60, "accuracy": 1e-3}, 1e-2),
    "poisson": ({"network": (8, 8), "steps": 15, "points": 200}, 5e-2),
}


@pytest.mark.parametrize("kind", new.kinds())
def test_what_is_written_runs_and_is_solved(kind: str, collocate, tmp_path: Path, monkeypatch, capsys):
    """As the command reads it, and then as Python runs it, with small settings in place of its own."""
    monkeypatch.chdir(tmp_path)
    result = collocate("new", "mine_to_solve", "--kind", kind)
    assert (result.exit_code, result.stdout) == (0, "wrote mine_to_solve.py; next: collocate solve mine_to_solve.py\n")
    text = Path("mine_to_solve.py").read_text()
    assert "collocate plan mine_to_solve.py" in text
    assert load("mine_to_solve.py").problem.name == "mine_to_solve"
    settings, bound = SMALL[kind]
    solve = co.solve
    monkeypatch.setattr(co, "solve", lambda problem, **own: solve(problem, **{**own, **settings, "callbacks": []}))
    ran: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, "mine_to_solve.py", "exec"), ran)
    assert ran["solution"].error() < bound
    assert "held-out residual:" in capsys.readouterr().out


def test_it_writes_over_nothing(collocate, tmp_path: Path):
    path = tmp_path / "mine.py"
    path.write_text("keep me")
    for name in (path, path.with_suffix("")):
        result = collocate("new", name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"{path} is there already" in result.stderr
    assert path.read_text() == "keep me"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["2nd"], "'2nd' cannot be the name of a Python file"),
        (["my-rod"], "'my-rod' cannot be the name of a Python file"),
        (["lambda"], "'lambda' cannot be the name"),
        (["sympy"], "would hide the module 'sympy'"),
        (["mine", "--kind", "heet"], "--kind 'heet' is not known; choose one of heat, inverse, ode, poisson"),
        (["/proc/nowhere/mine"], "cannot write /proc/nowhere/mine.py"),
    ],
)
def test_what_cannot_be_is_told(collocate, tmp_path: Path, monkeypatch, arguments: list[str], expected: str):
    monkeypatch.chdir(tmp_path)
    result = collocate("new", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert expected in result.stderr
    assert list(tmp_path.iterdir()) == []
