"""The kink of an initial value where a period closes: smoothed in closed form, or its period a residual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, cos, pi, sin, symbols

import collocate as co
from collocate import problems
from collocate.backends import select
from collocate.expressions import evaluate, lower
from collocate.jets import JetAlgebra, JetSpace
from collocate.planning.conditions import sort_conditions
from collocate.planning.kinks import from_start, smoothing

x, t = symbols("x t")
X, T = symbols("x t", real=True)
u, v = Function("u")(x, t), Function("v")(x, t)
NU, LOW, HIGH, START, END = 0.002, -1, 2, 1, 3
DOMAIN = co.Interval(x, LOW, HIGH) * co.Time(t, START, END)
# Slopes of −(x + 1)(x − 2): 3 at −1, −3 at 2.
ARCH, JUMP = -(x + 1) * (x - 2), 6.0


def stated(equation: Any = None, initial: Any = ARCH, ends: Any = None, domain: Any = DOMAIN) -> co.Problem:
    equation = Eq(2 * u.diff(t), 2 * NU * u.diff(x, 2) + u**2) if equation is None else equation
    return co.Problem(equation, domain, [ends or co.Periodic(u, x), co.Initial(u, initial)])


def kink(problem: co.Problem) -> sympy.Expr:
    found = sort_conditions(problem)
    return smoothing(problem, "u", found.periodic, dict(found.accepted)["u"])


def derivatives(expression: sympy.Expr, xs: Any, ts: Any, *alphas: tuple[int, int], dtype: Any = "float64") -> list:
    """∂^α at points, by jets."""
    algebra = JetAlgebra(select.get("numpy", dtype=dtype), JetSpace.of(2, alphas))
    columns = [np.broadcast_to(np.asarray(c, dtype), np.broadcast_shapes(np.shape(xs), np.shape(ts))) for c in (xs, ts)]
    known = {s: algebra.coordinate(k, c.reshape(-1, 1)) for k, (s, c) in enumerate(zip((X, T), columns, strict=True))}
    jet = lower(expression, algebra, known)
    return [np.asarray(algebra.derivative(jet, alpha)).ravel() for alpha in alphas]


def test_k_solves_the_heat_equation_to_rounding() -> None:
    near = [[LOW + d, HIGH - d] for d in (0.0, 1e-3, 0.02, 0.1, 0.4)]
    xs, ts = np.meshgrid(np.ravel(near), START + np.array([1e-6, 1e-3, 0.1, 2.0]))
    rate, curvature = derivatives(kink(stated()), xs.ravel(), ts.ravel(), (0, 1), (2, 0))
    assert np.abs(rate).max() > 1.0
    np.testing.assert_allclose(rate, NU * curvature, rtol=1e-12, atol=1e-12)


def test_k_vanishes_at_first() -> None:
    found = kink(stated())
    xs = np.linspace(LOW, HIGH, 500)
    assert np.abs(evaluate(found, {"x": xs[1:-1], "t": START})).max() == 0.0
    # At the very ends what the shift leaves there.
    left = JUMP / 2 * np.sqrt(4 * NU * (END - START) * 2e-16 / np.pi)
    np.testing.assert_allclose(evaluate(found, {"x": xs[[0, -1]], "t": START}), left, rtol=1e-9)
    assert left < 1e-8


def test_k_closes_the_slope_of_the_period() -> None:
    times = START + np.array([0.0, 1e-9, 1e-3, 0.5, 2.0])
    (low,), (high,) = (derivatives(kink(stated()), float(end), times, (1, 0)) for end in (LOW, HIGH))
    np.testing.assert_allclose(low, -JUMP / 2, rtol=1e-13)
    np.testing.assert_allclose(high, JUMP / 2, rtol=1e-13)
    whole = ARCH.subs({x: X, t: T}) + kink(stated())
    (low,), (high,) = (derivatives(whole, float(end), times, (1, 0)) for end in (LOW, HIGH))
    np.testing.assert_allclose(low, high, atol=1e-13)


def test_no_first_time_is_divided_by() -> None:
    """The shift is not lost beside a time that does not begin at zero."""
    late = co.Interval(x, LOW, HIGH) * co.Time(t, 1000, 1002)
    for alpha in ((0, 0), (1, 0), (0, 1)):
        (found,) = derivatives(kink(stated(domain=late)), np.linspace(LOW, HIGH, 7), 1000.0, alpha)
        assert np.isfinite(found).all(), alpha


def test_single_precision_holds_its_derivatives_at_the_first_time() -> None:
    found = kink(stated(Eq(u.diff(t), 1e-4 * u.diff(x, 2))))
    rate, slope = derivatives(found, np.linspace(LOW, HIGH, 7), float(START), (0, 1), (1, 0), dtype="float32")
    assert rate.dtype == np.float32
    assert np.isfinite(rate).all() and np.isfinite(slope).all()


def test_a_slab_goes_on_with_the_kink_smoothed_so_far() -> None:
    found = kink(stated())
    start = sympy.Symbol("a", real=True)
    moved = from_start(found, T, sympy.Integer(START), start)
    xs = np.linspace(LOW, HIGH, 40)
    at_first = {"x": xs, "t": 1.7, "a": float(START)}
    np.testing.assert_array_equal(evaluate(moved, at_first), evaluate(found, {"x": xs, "t": 1.7}))
    later = {"x": xs, "t": 2.0, "a": 2.0}
    np.testing.assert_allclose(evaluate(moved, later), 0.0, atol=1e-14)
    grown = evaluate(found, {"x": xs, "t": 2.5}) - evaluate(found, {"x": xs, "t": 2.0})
    assert np.abs(grown).max() > 1e-2
    np.testing.assert_allclose(evaluate(moved, {**later, "t": 2.5}), grown, atol=1e-13)


@pytest.mark.parametrize("slabs", [1, 2])
def test_the_initial_value_is_met_and_the_period_closes(slabs: int) -> None:
    """Also in the first of two slabs, where nothing may be taken from the slopes of K."""
    plan = co.plan(stated(), network=(4,), slabs=slabs)
    (trial,) = plan.trials
    given = {trace.node: trace.initial for trace in plan.traces}
    first = trial.particular.xreplace(given).xreplace({sympy.Symbol("slab_start", real=True): sympy.Integer(START)})
    xs = np.linspace(LOW, HIGH, 50)
    expected = evaluate(ARCH, {"x": xs, "t": 0.0})
    np.testing.assert_allclose(evaluate(first, {"x": xs, "t": float(START)}), expected, atol=1e-8)
    (low,), (high,) = (derivatives(first, float(end), np.array([1.1, 3.0]), (1, 0)) for end in (LOW, HIGH))
    np.testing.assert_allclose(low, high, atol=1e-12)


# (b − a)²/4νT = 25: what comes from the next period is 1e-11, too small for the check by numbers, not for rounding.
_SHORT = co.Interval(x, 0, sympy.sqrt(sympy.Rational(4, 10))) * co.Time(t, START, END)


@pytest.mark.parametrize(
    "problem",
    [
        stated(ends=co.Dirichlet(u, 0)),
        stated(Eq(u.diff(t), -u.diff(x))),
        stated(initial=sin(2 * pi * x / 3)),
        stated(initial=x * (sympy.sqrt(sympy.Rational(4, 10)) - x), domain=_SHORT),
        stated(Eq(u.diff(t), -u.diff(x, 2))),
        stated(Eq(u.diff(t), (1 + x**2) * u.diff(x, 2))),
        stated(Eq(u.diff(t), NU * u.diff(x, 2) - u.diff(x, 4))),
        stated(Eq(u.diff(t), NU * u.diff(x, 2) + u.diff(x, 2, t))),
        stated(initial=sympy.sqrt((x + 1) * (2 - x))),
    ],
    ids=[
        *("Dirichlet", "advection", "smooth", "large diffusion", "backward", "not constant", "fourth order"),
        *("mixed", "infinite slope"),
    ],
)
def test_nothing_to_smooth_or_no_such_diffusion(problem: co.Problem) -> None:
    assert kink(problem) == 0


def test_allen_cahn_starts_exactly() -> None:
    plan = co.plan(problems.load("allen_cahn").problem, network=(4,))
    (trial,), (term,) = plan.trials, plan.terms
    assert trial.particular.has(sympy.erfc)
    assert term.sets == ("interior",)
    values = {c.subject: c.value for c in plan.choices}
    assert values["condition initial u"] == values["period of x"] == "exact"


def test_reaction_s_period_is_a_residual() -> None:
    plan = co.plan(problems.load("reaction").problem, network=(4,))
    (choice,) = (c for c in plan.choices if c.subject == "period of x")
    assert choice.value == "residual"
    assert choice.reason == "initial u has a kink there, which stays: no derivative by x smooths it"
    assert {c.subject: c.value for c in plan.choices}["condition initial u"] == "exact"
    assert [term.sets for term in plan.terms] == [("interior",), ("left", "right of left")]
    assert plan.stages[0].features[0].is_polynomial(plan.symbols[0])  # x itself, no sine of it


def test_the_period_stays_exact_where_nothing_kinks_or_nothing_is_to_be_met() -> None:
    rate = Eq(u.diff(t), u * (1 - u))
    for problem, conditions in ((stated(rate, initial=cos(2 * pi * x / 3)), "exact"), (stated(rate), "soft")):
        plan = co.plan(problem, network=(4,), conditions=conditions)
        assert {c.subject: c.value for c in plan.choices}["period of x"] == "exact"
