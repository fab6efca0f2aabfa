"""Training that cannot start says which equation is to blame."""

from __future__ import annotations

import pytest
from sympy import Eq, Function, log, symbols

import collocate as co


def test_the_residual_that_is_not_finite_is_named():
    x = symbols("x")
    u, v = Function("u")(x), Function("v")(x)
    problem = co.Problem(
        [Eq(u.diff(x, 2), 1), Eq(v.diff(x, 2), log(x - 0.5))],
        co.Interval(x, 0, 1),
        [co.Dirichlet(u, 0), co.Dirichlet(v, 0)],
    )
    with pytest.raises(co.errors.TrainingError, match=r"logarithms.* Not finite: equation 2 \(at 25 of 50 points\)\."):
        co.solve(problem, network=(4,), steps=3, points=50, mode="eager", callbacks=[])
