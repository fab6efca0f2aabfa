"""Each kind of condition and equation is solved to many digits, against exact truths."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq, Expr, Function, cos, exp, pi, sin, symbols

import collocate as co

from ..small import heat, oscillator, rotation

x, t, k = symbols("x t k")
u = Function("u")(x)
w = Function("w")(x, t)


def solved(equation: Any, domain: Any, conditions: list[Any], truth: Expr, **settings: Any) -> co.Solution:
    problem = co.Problem(equation, domain, conditions, reference=truth, unknowns=settings.pop("unknowns", ()))
    return co.solve(problem, **{"network": (10, 10), "points": 100, "steps": 40, **settings})


def test_robin() -> None:
    """u″ = exp x with u(0) = 1 and u + 2 u′ = 3e at x = 1: u = exp x."""
    conditions = [co.Dirichlet(u, 1, on="left"), co.Robin(u, 1, 2, 3 * exp(1), on="right")]
    solution = solved(Eq(u.diff(x, 2), exp(x)), co.Interval(x, 0, 1), conditions, exp(x))
    assert len(solution.plan.terms) == 2
    assert solution.error() < 1e-7


def test_neumann_at_both_ends_of_a_heated_bar() -> None:
    """w_t = w_xx / 10 on (0, 1), insulated, from cos πx: w = exp(−π² t/10) cos πx."""
    truth = exp(-(pi**2) * t / 10) * cos(pi * x)
    solution = solved(
        Eq(w.diff(t), w.diff(x, 2) / 10),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(w, cos(pi * x)), co.Neumann(w, 0)],
        truth,
        points={"interior": 400, "face": 40},
    )
    assert len(solution.plan.terms) == 3
    assert solution.error() < 1e-4


def test_periodic() -> None:
    """u″ − u = f on a circle, u = exp(sin 2πx); the period is exact."""
    truth = exp(sin(2 * pi * x))
    equation = Eq(u.diff(x, 2) - u, truth.diff(x, 2) - truth)
    solution = solved(equation, co.Interval(x, 0, 1), [co.Periodic(u, x)], truth)
    assert solution.error() < 1e-7
    assert solution.at("u_xx", x=0.0) == pytest.approx(solution.at("u_xx", x=1.0), rel=1e-12)


def test_mean() -> None:
    """−u″ = π² cos πx with u′ = 0 at both ends and mean 0: u = cos πx."""
    conditions = [co.Neumann(u, 0), co.Mean(u, 0)]
    solution = solved(Eq(-u.diff(x, 2), pi**2 * cos(pi * x)), co.Interval(x, 0, 1), conditions, cos(pi * x))
    assert len(solution.plan.terms) == 4
    assert solution.error() < 1e-6
    assert solution(x=0.0) == pytest.approx(1.0, abs=1e-2)  # the mean itself is of the points drawn


def test_an_unknown_number() -> None:
    """−k u″ = 2.5 π² sin πx with u = 0 at both ends and u′(1) = −π: k = 2.5, u = sin πx."""
    conditions = [co.Dirichlet(u, 0, on=["left", "right"]), co.Neumann(u, -pi, on="right")]
    solution = solved(
        Eq(-k * u.diff(x, 2), 2.5 * pi**2 * sin(pi * x)),
        co.Interval(x, 0, 1),
        conditions,
        sin(pi * x),
        unknowns=[co.Unknown(k, 1.0)],
    )
    assert solution.problem.warnings == ()
    assert solution.unknowns["k"] == pytest.approx(2.5, abs=1e-4)
    assert solution.error() < 1e-6
    assert solution.at("k*u_xx", x=0.5) == pytest.approx(-2.5 * 9.8696044, rel=1e-4)


def test_third_order() -> None:
    """u‴ = −cos x with u at both ends and u′ at the left: u = sin x."""
    conditions = [co.Dirichlet(u, sin(x), on=["left", "right"]), co.Neumann(u, -1, on="left")]
    solution = solved(Eq(u.diff(x, 3), -cos(x)), co.Interval(x, 0, 2), conditions, sin(x))
    assert len(solution.plan.terms) == 1
    assert solution.error() < 1e-8


def test_nonlinear() -> None:
    """u″ = 6 u² with u(0) = 1, u(1) = 1/4: u = 1/(1 + x)²."""
    truth = 1 / (1 + x) ** 2
    conditions = [co.Dirichlet(u, 1, on="left"), co.Dirichlet(u, 0.25, on="right")]
    assert solved(Eq(u.diff(x, 2), 6 * u**2), co.Interval(x, 0, 1), conditions, truth).error() < 1e-7


def test_second_order_in_time_marched() -> None:
    solution = co.solve(oscillator(), network=(12,), points=60)
    assert solution.error() < 1e-6


def test_a_system_marched() -> None:
    assert max(co.solve(rotation(), network=(12,), points=60).error().values()) < 1e-6


def test_heat() -> None:
    assert co.solve(heat(), network=(10, 10), points=400, steps=40).error() < 1e-6
