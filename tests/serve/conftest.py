"""Three models behind one server: burgers from a solution file and, as its version 7, from an exported folder; a disk;
and one of a single input and output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sympy import Eq, Function, exp, symbols

import collocate as co
from collocate.exporting import node
from collocate.problems import load

from ..unit.exporting.untrained import untrained
from .running import Server, running

POINTS, BODY, SECONDS = 2000, 200_000, 3.0  # the limits of the server


def _growth() -> co.Problem:
    x = symbols("x")
    u = Function("u")(x)
    return co.Problem(Eq(u.diff(x, 2), u), co.Interval(x, 0, 1), [co.Dirichlet(u, exp(x))])


@pytest.fixture(scope="session")
def solutions() -> dict[str, co.Solution]:
    """By the names of their models."""
    problems = {"burgers": load("burgers").problem, "disk": load("poisson_disk").problem, "growth": _growth()}
    return {name: untrained(problem) for name, problem in problems.items()}


@pytest.fixture(scope="session")
def sources(solutions: dict[str, co.Solution], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The solution file of burgers, and exported folders: of burgers (u alone), of the disk and of growth."""
    node.packages()  # which a server does not install: without them it shows no page
    out = tmp_path_factory.mktemp("out")
    file = out / "burgers" / "solution.collocate"
    solutions["burgers"].save(file)
    folders = {name: out / name / "export" for name in ("again", "disk", "growth")}
    for name, folder in folders.items():
        exported = co.export(solutions["burgers" if name == "again" else name], "onnx", out=folder)
        assert not exported.failed
    return {"burgers": file, **folders}


@pytest.fixture(scope="session")
def server(sources: dict[str, Path]) -> Iterator[Server]:
    named: list[Any] = [
        sources["burgers"], f"burgers@7={sources['again']}", sources["disk"], sources["growth"],
    ]  # fmt: skip
    with running([str(each) for each in named], points=POINTS, body_bytes=BODY, client_seconds=SECONDS) as started:
        yield started
