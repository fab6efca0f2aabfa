"""Integral terms and measured values as rows, against SymPy's exact integrals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, Integral, exp, sin, symbols

import collocate as co
from collocate.backends import select
from collocate.networks import MLP
from collocate.planning import UnknownPlan
from collocate.residuals import Residuals, initial_parameters, unknown_values
from collocate.sampling.point_sets import draw, observed

x, t, s, nu = symbols("x t s nu")
U = Function("u")
TRUTH = sympy.exp(-x) * (1 + t) + x**3


def rows_of(problem: co.Problem, truth: sympy.Expr, **settings) -> tuple[dict[str, np.ndarray], dict]:
    """Residual rows (not scaled) where the trial function is `truth` and the network has no part in it."""
    plan = co.plan(problem, network=MLP((2,)), points={"interior": 7, "face": 5}, **settings)
    canonical = truth.xreplace({symbol: sympy.Symbol(symbol.name, real=True) for symbol in truth.free_symbols})
    trials = tuple(replace(trial, particular=canonical, factor=sympy.Integer(0)) for trial in plan.trials)
    plan = replace(plan, trials=trials, terms=tuple(replace(term, scale=1.0) for term in plan.terms))
    points = draw(problem.domain, plan, seed=0, given=observed(plan, problem.observations))
    rows = Residuals(select.get("numpy"), plan)(initial_parameters(plan, seed=0), points)
    return rows, points


def test_an_integral_term_is_the_integral():
    u = U(x, t)
    term = Integral(exp(-x * s) * U(s, t) ** 2, (s, 0, x))
    problem = co.Problem(Eq(u.diff(t), u * term + sin(x)), co.Interval(x, 0, 2) * co.Time(t, 0, 1), [co.Initial(u, 0)])
    rows, points = rows_of(problem, TRUTH)
    inner = sympy.lambdify((x, t, s), exp(-x * s) * TRUTH.subs(x, s) ** 2)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for (a, b), found in zip(points["interior"]["coordinates"], rows["equation"], strict=True):
        integral = 0.5 * a * np.sum(weights * inner(a, b, 0.5 * a * (nodes + 1)))
        value = float(TRUTH.subs({x: a, t: b}))
        assert found == pytest.approx(np.exp(-a) - value * integral - np.sin(a), abs=1e-11)


def test_integrals_of_derivatives_and_over_time_and_with_fixed_bounds():
    u = U(x, t)
    both = Integral(U(x, s).diff(x), (s, 0, t)) - Integral(x * u.diff(x), (x, 0, 1))
    problem = co.Problem(Eq(u, both), co.Interval(x, 0, 1) * co.Time(t, 0, 1))
    rows, points = rows_of(problem, TRUTH)
    first = sympy.integrate(TRUTH.diff(x).subs(t, s), (s, 0, t))
    second = sympy.integrate(sympy.expand(x * TRUTH.diff(x)), (x, 0, 1))
    expected = sympy.lambdify((x, t), TRUTH - first + second)(*points["interior"]["coordinates"].T)
    np.testing.assert_allclose(rows["equation"], expected, atol=1e-12)


def test_measured_values_are_rows_at_their_points_padded_with_weight_zero():
    u = U(x, t)
    table = {"x": [0.2, 0.4, 0.9], "t": [0.1, 0.5, 1.0], "value": [1.0, 2.0, 3.0]}
    problem = co.Problem(
        Eq(u.diff(t), u.diff(x, 2)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(u, 0), co.Dirichlet(u, 0), co.Data(u.diff(x), table, sigma=[1, 1, 2])],
    )
    rows, points = rows_of(problem, TRUTH)
    slope = sympy.lambdify((x, t), TRUTH.diff(x))(np.array(table["x"]), np.array(table["t"]))
    np.testing.assert_allclose(rows["data u"][:3], slope - np.array(table["value"]), atol=1e-12)
    weight = points["data u"]["weight"]
    np.testing.assert_allclose(weight[:3], np.array([4, 4, 1]) / 9)
    assert not weight[3:].any()


@pytest.mark.parametrize(("low", "high"), [(None, None), (0.0, None), (None, 5.0), (-1.0, 2.0)])
def test_an_unknown_starts_at_its_guess_and_stays_within_its_bounds(low, high):
    u = U(x)
    problem = co.Problem(
        Eq(u.diff(x), nu * u),
        co.Interval(x, 0, 1),
        [co.Dirichlet(u, 1, on="left"), co.Point(u, 2, x=1)],
        unknowns=[co.Unknown(nu, 0.75, bounds=(low, high))],
    )
    plan = co.plan(problem)
    assert plan.unknowns == (UnknownPlan("nu", 0.75, low, high),)
    free = initial_parameters(plan, seed=0)["unknowns"]
    bk = select.get("numpy")
    assert unknown_values(bk, plan, free)["nu"] == pytest.approx(0.75, rel=1e-15)
    for z in (-30.0, 30.0):
        value = float(unknown_values(bk, plan, {"nu": np.array(z)})["nu"])
        assert (low is None or value >= low) and (high is None or value <= high)
