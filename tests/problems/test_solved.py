"""The zoo's quicker half in a small setting, within pinned errors; all in full is for benchmarks/accuracy.py."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq

import collocate as co
from collocate import problems

SETTINGS: dict[str, tuple[dict[str, Any], dict[str, float]]] = {
    "poisson2d": ({"network": (16, 16), "points": 500, "steps": 25}, {"u": 1e-7}),
    "heat1d": ({"network": (12, 12), "points": 500, "steps": 25}, {"u": 1e-4}),
    "klein_gordon": ({"network": (16, 16), "points": 500, "steps": 30}, {"u": 1e-3}),
    "convection_diffusion": ({"steps": 120}, {"u": 1e-3}),
    "elasticity2d": ({"network": (14, 14), "points": 400, "steps": 50}, {"u": 1e-4, "v": 1e-4}),
    "plate": ({"network": (16, 16), "points": 500, "steps": 40}, {"u": 1e-4}),
    "kovasznay": ({"network": (12, 12), "points": 500, "steps": 25}, {"u": 1e-2, "v": 1e-2, "p": 5e-2}),
    "burgers": ({"network": (16, 16, 16), "points": 1000, "steps": 40}, {"u": 5e-2}),
    "lotka_volterra": ({"network": (20,), "points": 100}, {"x": 1e-4, "y": 1e-4}),
}


def stated(name: str) -> co.Problem:
    """The problem; of the orbit of Lotka and Volterra its first peak, to t = 2 of 10."""
    problem = problems.load(name).problem
    if name != "lotka_volterra":
        return problem
    equations = [Eq(equation.left, equation.right) for equation in problem.equations]
    domain = co.Time(problem.coordinates[0], 0, 2)
    return co.Problem(equations, domain, problem.stated, reference=dict(problem.reference))


@pytest.mark.parametrize("name", SETTINGS)
def test_within_its_error(name: str) -> None:
    settings, bounds = SETTINGS[name]
    solution = co.solve(stated(name), **settings)
    errors = solution.errors()
    assert errors.keys() == bounds.keys()
    for field, bound in bounds.items():
        assert errors[field] < bound, (field, errors)
    assert all(trial > 0.05 for trial in solution.result["trial_error"].values())  # the network did the work
