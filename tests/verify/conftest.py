"""Solutions right and wrong, each trained once, small enough for a second or two."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Eq, Function, exp, symbols

import collocate as co

from ..small import bar, heat, rotation

ROOT = Path(__file__).parents[2] / "benchmarks"
x = symbols("x")

# Seconds that no comparison of these tests comes near: what they say must not hang on the clock.
BUDGET = 600.0


def layer() -> co.Problem:
    """u′ = u″/200 + 1, u = 0 at both ends: u = x but for a layer of width 1/200 at x = 1."""
    u = Function("u")(x)
    truth = x - (exp(200 * (x - 1)) - exp(-200)) / (1 - exp(-200))
    return co.Problem(
        Eq(u.diff(x), u.diff(x, 2) / 200 + 1), co.Interval(x, 0, 1), [co.Dirichlet(u, 0)], reference=truth
    )


@pytest.fixture(scope="session")
def right() -> co.Solution:
    return co.solve(bar(), network=(8, 8), steps=40, callbacks=())


@pytest.fixture(scope="session")
def early() -> co.Solution:
    """Stopped after two steps, far from the end."""
    return co.solve(heat(), network=(8, 8), points=200, steps=2, callbacks=())


@pytest.fixture(scope="session")
def turning() -> co.Solution:
    """Two fields, solved in slabs of time; one is enough here."""
    return co.solve(rotation(end=1.0), network=(10,), points=60, callbacks=())


@pytest.fixture(scope="session")
def fooled() -> co.Solution:
    """Thirty fixed points, none in the layer: a training loss that is nearly zero, and a wrong answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        from fixed_points import solve_on_fixed_points  # pyright: ignore[reportMissingImports]

        solution = solve_on_fixed_points(layer(), points=30, steps=200, network=(16, 16))
    assert solution.result["loss"] < 1e-7
    assert solution.error() > 0.05
    return solution
