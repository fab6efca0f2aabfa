"""A file with a small problem, and the command as tests call it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from collocate.cli.main import app

GROWTH = """
from pathlib import Path

import collocate as co
from sympy import Eq, Function, exp, symbols

x = symbols("x")
u = Function("u")(x)
problem = co.Problem(
    Eq(u.diff(x, 2), u), domain=co.Interval(x, 0, 1), conditions=[co.Dirichlet(u, exp(x))], reference=exp(x)
)
settings = {"network": (6,), "steps": 3, "points": 100}

print("noise of the file")
if __name__ == "__main__":
    Path("trained").touch()
    co.solve(problem)
"""


@pytest.fixture(scope="session")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """u″ = u, u = exp(x) at both ends of [0, 1], with `settings` for three steps of six neurons."""
    path = tmp_path_factory.mktemp("problem") / "growth.py"
    path.write_text(GROWTH)
    return path


Command = Callable[..., Any]


@pytest.fixture(scope="session")
def collocate() -> Command:
    """`collocate("solve", path, …)` in this process: exit_code, stdout, stderr."""
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def solved(growth: Path, collocate: Command, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """What `collocate solve growth.py --out DIR` said, and DIR."""
    out = tmp_path_factory.mktemp("out") / "growth"
    return collocate("solve", growth, "--out", out), out
