"""Scales of the network's output and of the residuals follow the size of the problem."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Eq, Function, Rational, pi, sin, symbols

import collocate as co
from collocate import problems
from collocate.planning import Plan

x, y = symbols("x y")
u = Function("u")(x, y)
SQUARE = co.Rectangle((x, y), (0, 0), (1, 1))


def _poisson(size: object = 1, times: object = 1, value: object = 0, **options: object) -> Plan:
    laplacian = u.diff(x, 2) + u.diff(y, 2)
    source = size * sin(pi * x) * sin(pi * y)
    problem = co.Problem(Eq(times * laplacian, times * source), SQUARE, [co.Dirichlet(u, value)], **options)
    return co.plan(problem, network=(3,))


def test_the_output_of_a_linear_problem_grows_with_its_source() -> None:
    scales = [_poisson(size).stages[0].scales[0] for size in (1, 1000)]
    assert scales[1] == pytest.approx(1000 * scales[0], rel=1e-12)
    truth = 1 / (2 * float(pi) ** 2)
    assert 0.2 * truth < scales[0] < 5 * truth


def test_the_size_of_the_boundary_data_comes_first() -> None:
    assert _poisson(value=40).stages[0].scales == pytest.approx((40.0,))


def test_a_scale_that_is_given_is_taken() -> None:
    assert _poisson(scales={u: 7.5}).stages[0].scales == (7.5,)


def test_a_field_without_data_takes_the_largest_scale_of_the_others() -> None:
    plan = co.plan(problems.load("kovasznay").problem, network=(3,))
    scale = dict(zip(plan.fields, plan.stages[0].scales, strict=True))
    assert scale["p"] == max(scale["u"], scale["v"])


@pytest.mark.parametrize("factor", [1e-6, 1000])
def test_an_equation_multiplied_through_is_the_same_problem(factor: float) -> None:
    one, other = _poisson(), _poisson(times=factor)
    assert other.terms[0].scale == pytest.approx(factor * one.terms[0].scale, rel=1e-9)
    assert other.stages[0].scales == pytest.approx(one.stages[0].scales, rel=1e-9)


def test_a_residual_is_measured_by_its_summands_not_by_their_cancellation() -> None:
    """With N = 0 the trial function solves u_xx + u_yy = 0 exactly, yet its rows are not blown up."""
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), 0), SQUARE, [co.Dirichlet(u, 100 * x)])
    assert co.plan(problem, network=(3,)).terms[0].scale > 100


def test_the_reference_is_not_looked_at() -> None:
    """Nor does it change anything else in the plan but the recorded trial error."""
    given, without = _poisson(reference=Rational(17) + x), _poisson()
    assert given.trial_error and not without.trial_error
    assert replace(given, trial_error=()) == without
