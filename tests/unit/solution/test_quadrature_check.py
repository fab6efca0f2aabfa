"""A kernel that twenty Gauss nodes do not follow is remarked on; a smooth one isn't."""

from __future__ import annotations

import warnings

import pytest
from sympy import Abs, Eq, Function, Integral, exp, sqrt, symbols

import collocate as co
from collocate.residuals import initial_parameters
from collocate.solution.quadrature_check import warn_of_rough_integrals

x, s = symbols("x s")
u = Function("u")


def check(*integrals: Integral) -> None:
    problem = co.Problem(Eq(u(x), 1 + sum(integrals)), co.Interval(x, 0, 1))
    plan = co.plan(problem, network=(8, 8))
    warn_of_rough_integrals(problem, plan, initial_parameters(plan, seed=0))


@pytest.mark.parametrize(
    "integral",
    [Integral(Abs(x - s) * u(s), (s, 0, 1)), Integral(u(s) / sqrt(x - s), (s, 0, x))],
    ids=["a kink", "Abel's kernel"],
)
def test_a_rough_kernel_is_remarked_on(integral: Integral):
    with pytest.warns(UserWarning, match="equation: its integral is off by about .*write it as two integrals"):
        check(integral)


def test_a_smooth_kernel_and_one_that_is_split_at_its_kink_are_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(Integral(exp(-x * s) * u(s), (s, 0, 1)))
        check(Integral((x - s) * u(s), (s, 0, x)), Integral((s - x) * u(s), (s, x, 1)))
