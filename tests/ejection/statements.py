"""Small problems that together hold all that a script can write."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Eq, Function, Heaviside, Max, Min, Piecewise, cos, exp, pi, sin, sqrt, symbols

import collocate as co

x, y, t, k = symbols("x y t k")


def diffusion_on_a_disk() -> co.Problem:
    """Its boundary's normal, an initial value and an unknown between bounds, all of them residuals."""
    u = Function("u")(x, y, t)
    return co.Problem(
        Eq(u.diff(t), k * (u.diff(x, 2) + u.diff(y, 2))),
        domain=co.Disk((x, y), (0.5, 0), 2) * co.Time(t, 0, pi),
        conditions=[co.Robin(u, 1, 2, x * exp(-t)), co.Initial(u, x**2)],
        unknowns=[co.Unknown(k, 0.3, bounds=(0.1, 2))],
        name="diffusion on a disk",
    )


def every_function() -> co.Problem:
    """Of the coordinates and of numbers; an unknown above a bound, and a name that Python keeps for itself."""
    s, within = symbols("s in")
    u = Function("u")(s)
    terms = [
        sin(s) * sp.tan(s) + cos(s) ** 3,
        sp.asin(s / 2) + sp.acos(s / 3) + sp.atan(s) + sp.atan2(s, 2) + sp.atan2(1, s),
        sp.sinh(s) * sp.cosh(s) + sp.tanh(s) / sqrt(s),
        exp(-s) / sp.log(s + 2) + sp.erf(s) - sp.erfc(s),
        sp.sec(s) + sp.csch(s) + sp.cot(s + 3),
        Abs(s - 1) + sp.sign(s - 1) + Heaviside(s - 1) + Max(0, s - 1, 1 - 2 * s) + Min(s, 1),
        2**s + s ** (s / 3) + s**-2 + s**0.3,
        Piecewise((s, (s < 1) | (s > 1.5)), (1, Eq(s, 1) & (s > 0)), (-2, ~(s < 1.2)), (s**2, True)),
        sqrt(2) * sin(1) / 3 + pi**2,
        (s - (s + 1) * (2 - s) / (s + 3)) / (s * (s + 2)),
    ]
    return co.Problem(
        Eq(within * u.diff(s), sum(terms) * u),
        domain=co.Interval(s, 0.25, 2),
        conditions=[co.Dirichlet(u, 1, on="left")],
        unknowns=[co.Unknown(within, 1.5, bounds=(1, None))],
        name='of "every" function',
    )


def flow_in_a_box() -> co.Problem:
    """Five coordinates, so faces that share a function; a Neumann value, and a mean over points."""
    coordinates = symbols("x1:6")
    u = Function("u")(*coordinates)
    return co.Problem(
        Eq(sum(u.diff(c, 2) for c in coordinates), u),
        domain=co.Box(coordinates, 0, 1),
        conditions=[co.Neumann(u, 1, on="x1=0"), co.Condition(Eq(u, sum(coordinates))), co.Mean(u, 2)],
        name="flow in a box",
    )


def half_periodic() -> co.Problem:
    """A period of one field only stays a residual of two faces, to the first order."""
    u, v = Function("u")(x, t), Function("v")(x, t)
    return co.Problem(
        [Eq(u.diff(t) + u.diff(x, 2), v), Eq(v.diff(t) - v.diff(x), u)],
        domain=co.Interval(x, 0, 2 * pi) * co.Time(t, 0, 1),
        conditions=[co.Periodic(u, x), co.Initial(u, sin(x)), co.Initial(v, 0), co.Dirichlet(v, t, on="right")],
        reference={"u": sin(x) * exp(-t)},
        name="half periodic",
    )
