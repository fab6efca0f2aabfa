"""Solutions right and wrong, each trained once, small enough for a second or two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, exp, pi, sin, symbols

import collocate as co

from ..small import arch, bar, heat, rotation

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


def stretched(
    noise: float, sigma: float | None = None, bump: float = 0.0, outliers: int = 0, misfit: Any = None
) -> co.Solution:
    """−k u″ = π² sin πx with k unknown and 40 measurements of sin πx (so k = 1), noisy, with a bump, or outliers."""
    u, k = Function("u")(x), symbols("k")
    places = (np.arange(40) + 0.5) / 40
    values = np.sin(np.pi * places) + noise * np.random.default_rng(0).standard_normal(40)
    values += bump * np.sin(2 * np.pi * places)
    values[5 : 5 + 10 * outliers : 10] = 4.0
    problem = co.Problem(
        Eq(-k * u.diff(x, 2), pi**2 * sin(pi * x)),
        co.Interval(x, 0, 1),
        [co.Dirichlet(u, 0), co.Data(u, {"x": places, "u": values}, sigma=sigma)],
        unknowns=[co.Unknown(k, 0.7, bounds=(0, None))],
    )
    return co.solve(problem, network=(6,), points=100, steps=25, misfit=misfit, callbacks=())


@pytest.fixture(scope="session")
def family() -> co.Solution:
    """−u″ = a π² sin πx over a in [1, 2]: u = a sin πx."""
    u, a = Function("u")(x), symbols("a")
    problem = co.Problem(
        Eq(-u.diff(x, 2), a * pi**2 * sin(pi * x)),
        co.Interval(x, 0, 1),
        [co.Dirichlet(u, 0)],
        parameters=[co.Parameter(a, 1, 2)],
        reference=a * arch,
    )
    return co.solve(problem, network=(8,), points=100, steps=30, callbacks=())


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
