"""Solutions that nothing trained, for what must be equal and need not be good: built in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Eq, Function, cos, exp, pi, sin, symbols

import collocate as co
from collocate import tree
from collocate.planning import marching
from collocate.planning.stages import grown
from collocate.residuals.parameters import initial_parameters
from collocate.solution.slab import Slab

x, t, k, nu = symbols("x t k nu")


def untrained(problem: co.Problem, dtype: str = "float64", **choices: Any) -> co.Solution:
    """By the plan for `choices`, all parameters drawn at random, each slab's and stage's its own; on NumPy.

    Slabs that training would find, of an ordinary equation, are two.
    """
    plan = co.plan(problem, **{"network": (6, 5), "points": 30, "dtype": dtype, **choices})
    while plan.later:
        plan = grown(plan, 0.1)
    count = plan.slabs or 2
    low, high = plan.bounds[plan.coordinates.index(plan.time)] if plan.time else (0.0, 0.0)
    slabs = []
    for number in range(count):
        generator = np.random.default_rng(number)
        drawn = tree.map(
            lambda leaf, g=generator: leaf + 0.3 * g.normal(size=np.shape(leaf)), initial_parameters(plan, number)
        )
        start = low + (high - low) * number / count
        constants = {name: np.array(value) for name, value in plan.constants}
        slabs.append(
            Slab(start, {**drawn, "constants": constants | ({marching.START: np.array(start)} if constants else {})})
        )
    settings = {"backend": "numpy", "mode": "eager", "dtype": dtype, "device": "cpu", "seed": 0}
    return co.Solution(problem, plan, tuple(slabs), settings)


def points_of(problem: co.Problem, count: int) -> dict[str, np.ndarray]:
    """{coordinate: (count,)} inside the domain, its corners first."""
    low, high = np.array(list(problem.domain.bounds.values())).T
    corners = np.stack(np.meshgrid(*zip(low, high, strict=True)), axis=-1).reshape(-1, len(low))
    corners = corners[problem.domain.contains(corners)]
    points = np.concatenate([corners, problem.domain.sample(count)])[:count]
    return dict(zip(problem.domain.names, points.T, strict=True))


def parametric() -> co.Problem:
    """u_t = ν u_xx for every ν between 0.1 and 1."""
    u = Function("u")(x, t)
    return co.Problem(
        Eq(u.diff(t), nu * u.diff(x, 2)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)],
        parameters=[co.Parameter(nu, 0.1, 1)],
    )


def inverse() -> co.Problem:
    """An unknown field k(x) and an unknown number ν between 0 and 1."""
    u, found = Function("u")(x), Function("k")(x)
    seen = {"x": np.linspace(0, 1, 5), "u": np.linspace(0, 1, 5) ** 2}
    return co.Problem(
        Eq((found * u.diff(x)).diff(x) + nu * u, exp(x)),
        co.Interval(x, 0, 1),
        [co.Dirichlet(u, cos(x)), co.Data(u, seen)],
        unknowns=[co.Unknown(found, 1.0), co.Unknown(nu, 0.5, bounds=(0, 1))],
    )
