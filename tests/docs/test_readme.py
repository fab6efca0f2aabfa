"""What the documentation shows works: its Python blocks run, in a small setting, its commands run, its paths exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import collocate as co
from collocate.backends import select
from collocate.cli.main import app
from collocate.networks import is_own
from collocate.problems import load

from .blocks import PAGES, README, ROOT, ROSETTA, TUTORIAL, blocks, commands, paths

NETWORK, STEPS = (12, 12), 60
Namespace = dict[str, Any]


@pytest.fixture(scope="module")
def small_solve() -> Iterator[None]:
    """`co.solve` on a small network for a few steps, by JAX, whatever else it is asked for; a network of the user's own
    stays, with its backend."""
    solve = co.solve

    def small(problem: co.Problem, **options: Any) -> co.Solution:
        assert options.get("backend", "jax") in select.names()
        chosen: dict[str, Any] = {} if "init" in options else {"network": NETWORK}
        if not problem.domain.space:  # so few steps do not reach the end of time, unless each slab stops early
            chosen["accuracy"] = 1e-4
        setting = {"steps": 16} if is_own(options.get("network")) else {"backend": "jax", "steps": STEPS}
        return solve(problem, **{**chosen, **options, **setting})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(co, "solve", small)
        yield


def run(page: Path, folder: Path) -> list[Namespace]:
    """The page's blocks one after the other in one namespace, as a reader would paste them, in a folder of their own.

    What the namespace holds after each block.
    """
    namespace: Namespace = {"__name__": "__main__"}
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in blocks(page, "python"):
            # Blank lines in front, so that an error names the line of the page.
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), namespace)
            found.append(dict(namespace))
    return found


@pytest.fixture(scope="module")
def readme(small_solve: None, tmp_path_factory: pytest.TempPathFactory) -> list[Namespace]:
    return run(README, tmp_path_factory.mktemp("readme"))


def test_the_example_is_twelve_lines_and_a_file_in_examples():
    text = blocks(README, "python")[0].text
    assert len([line for line in text.splitlines() if line.strip()]) == 12
    assert text == (ROOT / "examples" / "burgers.py").read_text()


def test_the_example_solves_burgers(readme: list[Namespace]):
    example, problem = readme[0], load("burgers")
    assert example["problem"].equations == problem.problem.equations
    x, t = np.meshgrid(np.linspace(-1, 1, 101), np.linspace(0, 1, 51))
    truth = problem.truth(x, t)
    error = np.linalg.norm(example["solution"](x=x, t=t) - truth) / np.linalg.norm(truth)
    assert error < 0.15  # 0.085 in this setting


def test_the_example_agrees_with_the_value_that_the_text_gives():
    assert load("burgers").truth(np.array([0.5]), np.array([0.3])) == pytest.approx(-0.753702, abs=5e-7)
    assert "−0.753702" in README.read_text()


def test_the_tour_runs(readme: list[Namespace]):
    end = readme[-1]
    assert end["grid"].shape == (50, 20)
    assert end["solution"].error() < 1e-5
    assert end["elsewhere"](x=0.5, t=0.3) == pytest.approx(end["solution"](x=0.5, t=0.3), rel=1e-12)
    assert end["further"].error() < 1e-5


def test_the_tutorial_runs_and_finds_what_it_says(small_solve: None, tmp_path: Path):
    end = run(TUTORIAL, tmp_path)[-1]
    assert end["solution"].error() < 1e-4
    assert end["solution"](t=1.0) == pytest.approx(0.506946, abs=1e-4)
    assert end["heat"].error() < 1e-3
    assert np.abs(end["front"](**end["grid"]) - end["again"](**end["grid"])).max() < 0.02  # 0.002 in this setting
    assert end["populations"](t=0.5)["p"] == pytest.approx(load("lotka_volterra").truth(t=np.array(0.5))["x"], rel=1e-2)
    assert end["found"].unknowns["k"] == pytest.approx(np.pi**2, rel=1e-3)
    assert end["estimate"].unknowns["nu"] == pytest.approx(0.1, abs=1.5e-3)  # 0.0994: the data hold noise
    assert end["further"].error() < 1e-3
    assert (tmp_path / "heat.png").exists()


# ROSETTA's blocks change global defaults: test_rosetta.py runs them apart.
ELSEWHERE = (README, TUTORIAL, ROSETTA)


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ELSEWHERE], ids=lambda page: page.name)
def test_python_blocks_run(page: Path, small_solve: None, tmp_path: Path):
    run(page, tmp_path)


def test_the_lines_in_the_tables_of_statements_run(tmp_path: Path):
    page = ROOT / "docs" / "how-to" / "statements.md"
    namespace = run(page, tmp_path)[-1]
    lines = re.findall(r"^\| `((?:co\.|Eq\().*?)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    found = [eval(line, namespace) for line in lines]
    kinds = {type(line).__name__ for line in found}
    assert kinds >= {"Initial", "Final", "Point", "Data", "Mean", "Condition", "Periodic", "Unknown", "Parameter"}
    for equation in (line for line in found if type(line).__name__ == "Equality"):
        space = co.Interval(namespace["x"], 0, 1)
        in_time = equation.has(namespace["t"])
        unknown = [co.Unknown(name, 1) for name in (namespace["nu"], namespace["c"]) if equation.has(name)]
        h, u, v = (namespace[name] for name in "huv")
        start = [co.Initial(h, 0) if equation.has(v) else co.Initial(u, 0)] if in_time else []
        domain = namespace["space_time"] if in_time else space
        assert co.Problem(equation, domain, start, unknowns=unknown).equations


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=lambda page: page.name)
def test_commands_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Every command of the page, in order, with few steps of a small network in place of its own."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "burgers.py").symlink_to(ROOT / "examples" / "burgers.py")
    monkeypatch.chdir(tmp_path)
    small = {
        "solve": ["--backend", "jax", "--network", "6", "--steps", "2", "--points", "100"],
        "compare": ["--backends", "jax", "--repeats", "1", "--case-limit", "1"],
    }
    for command in commands(page):
        _, name, *arguments = shlex.split(command)
        result = CliRunner().invoke(app, [name, *arguments, *small.get(name, [])])
        reached = 3 if "--accuracy" in arguments or name == "verify" else 0  # a few steps are not to be trusted
        assert result.exit_code == reached, f"{command}\n{result.output}"
    assert (tmp_path / "out/rod/figure.png").exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page: Path):
    for path in paths(page):
        beside = page.parent / path
        assert beside.exists() or (ROOT / path).exists(), f"{page.name} names {path}, which is not there"
