"""Each example solves its own problem, in a small setting with a pinned error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import collocate as co
from collocate.cli.loading import load

FOLDER = Path(__file__).resolve().parents[2] / "examples"
# Errors in these settings: 2e-5, 2e-9, 4e-6.
BOUNDS: dict[str, tuple[dict[str, Any], float]] = {
    "heat_rod": ({"network": (8, 8), "steps": 25, "points": 500}, 1e-4),
    "pendulum": ({"network": (8, 8)}, 1e-7),
    "oscillator": ({"network": (8, 8), "steps": 60, "points": 500}, 1e-4),
}


@pytest.fixture(scope="module", params=BOUNDS)
def solved(request: pytest.FixtureRequest) -> tuple[str, co.Solution]:
    settings, _ = BOUNDS[request.param]
    problem = load(str(FOLDER / f"{request.param}.py")).problem
    return request.param, co.solve(problem, **settings)


def test_every_example_is_tested():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*BOUNDS, "burgers"}  # burgers: tests/docs/test_readme.py


def test_error(solved: tuple[str, co.Solution]):
    name, solution = solved
    assert solution.error() < BOUNDS[name][1]


def test_nothing_is_in_the_trial_function(solved: tuple[str, co.Solution]):
    """An example whose conditions alone give its solution would show nothing."""
    _, solution = solved
    assert all(error > 0.05 for error in dict(solution.plan.trial_error).values())


def test_the_energy_is_found(solved: tuple[str, co.Solution]):
    name, solution = solved
    if name == "oscillator":
        assert solution.unknowns["E"] == pytest.approx(1.0, abs=1e-4)
