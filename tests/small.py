"""Small problems with known truths, for tests of the whole way; each trains in about a second."""

from __future__ import annotations

from typing import Any

from sympy import Eq, Function, cos, exp, pi, sin, symbols

import collocate as co

x, y, t = symbols("x y t")

arch, wave = sin(pi * x), cos(t)


def bar(reference: Any = arch, **rest: Any) -> co.Problem:
    """−u″ = π² sin πx on (0, 1), u = 0 at both ends: u = sin πx."""
    u = Function("u")(x)
    equation = Eq(-u.diff(x, 2), pi**2 * sin(pi * x))
    return co.Problem(equation, co.Interval(x, 0, 1), [co.Dirichlet(u, 0)], reference=reference, **rest)


def membrane() -> co.Problem:
    """−Δu = 2π² sin πx sin πy on the unit square, u = 0 around it: u = sin πx sin πy."""
    u = Function("u")(x, y)
    truth = sin(pi * x) * sin(pi * y)
    equation = Eq(-(u.diff(x, 2) + u.diff(y, 2)), 2 * pi**2 * truth)
    return co.Problem(equation, co.Rectangle((x, y), (0, 0), (1, 1)), [co.Dirichlet(u, 0)], reference=truth)


def heat() -> co.Problem:
    """u_t = u_xx / 10, u = sin πx at first, 0 at both ends: u = exp(−π² t / 10) sin πx."""
    u = Function("u")(x, t)
    return co.Problem(
        Eq(u.diff(t), u.diff(x, 2) / 10),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)],
        reference=exp(-(pi**2) * t / 10) * sin(pi * x),
    )


def string(**rest: Any) -> co.Problem:
    """u_tt = u_xx, u = sin πx and u_t = 0 at first, 0 at both ends: u = cos πt sin πx."""
    u = Function("u")(x, t)
    conditions = [co.Initial(u, sin(pi * x)), co.Initial(u.diff(t), 0), co.Dirichlet(u, 0)]
    domain, truth = co.Interval(x, 0, 1) * co.Time(t, 0, 1), cos(pi * t) * sin(pi * x)
    return co.Problem(Eq(u.diff(t, 2), u.diff(x, 2)), domain, conditions, reference=truth, **rest)


def oscillator(end: float = 4.0, reference: Any = wave) -> co.Problem:
    """u″ = −u, u(0) = 1, u′(0) = 0: u = cos t."""
    u = Function("u")(t)
    conditions = [co.Initial(u, 1), co.Initial(u.diff(t), 0)]
    return co.Problem(Eq(u.diff(t, 2), -u), co.Time(t, 0, end), conditions, reference=reference)


def rotation(end: float = 3.0) -> co.Problem:
    """p′ = −q, q′ = p from (1, 0): two fields, p = cos t and q = sin t."""
    p, q = Function("p")(t), Function("q")(t)
    equations = [Eq(p.diff(t), -q), Eq(q.diff(t), p)]
    conditions = [co.Initial(p, 1), co.Initial(q, 0)]
    return co.Problem(equations, co.Time(t, 0, end), conditions, reference={p: cos(t), q: sin(t)})
