"""Means over the domain by Gauss-Legendre nodes: exact for what the rule integrates exactly."""

from __future__ import annotations

import numpy as np
from sympy import Eq, Function, symbols

import collocate as co
from collocate.sampling.point_sets import HELD_OUT, draw


def test_a_mean_of_a_polynomial_is_exact_at_every_draw() -> None:
    x, y = symbols("x y")
    p = Function("p")(x, y)
    problem = co.Problem(
        Eq(p.diff(x) + p.diff(y), 1), domain=co.Rectangle((x, y), (1, 0), (3, 2)), conditions=[co.Mean(p, 0)]
    )
    plan = co.plan(problem, points=100)
    for role, step in ((0, 0), (0, 5), (HELD_OUT, 0)):
        volume = draw(problem.domain, plan, seed=1, step=step, role=role)["volume"]
        first, second = volume["coordinates"].T
        assert len(first) == 100
        np.testing.assert_allclose(volume["weight"].sum(), 1.0, rtol=1e-14)
        np.testing.assert_allclose(volume["weight"] @ (first**7 * second**4), (3**8 - 1) / 16 * 16 / 5, rtol=1e-12)
