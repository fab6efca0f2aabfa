"""The Taylor-Green vortex: the Navier-Stokes equations in two dimensions, whose vortices keep their shape and decay.

    u_t + u u_x + v u_y + p_x = ν Δu,   v_t + u v_x + v v_y + p_y = ν Δv,   u_x + v_y = 0,   ν = 0.01,

on (0, 2π)², periodic in x and y, t ≤ 1. Truth: with a = e^{−2νt}, u = −a cos x sin y, v = a sin x cos y and
p = −a² (cos 2x + cos 2y)/4; Taylor & Green, Proc. R. Soc. A 158 (1937), doi:10.1098/rspa.1937.0036.
The pressure is free up to a function of time: `Mean` is over all times at once and leaves that function free, so p is
fixed at a place, p(π/4, π/4, t) = 0 at 21 times, where its mean over the square is zero, too.
In one unit of time the vortices lose 2 % of their speed. Had the trial function the initial data in it, it would be
within 1 % of the solution before training; so all conditions but the periods are residuals. The network sees sin and
cos of x and of y, of which the solution holds products: none of its inputs is the solution. Two layers of 24 are enough
for so smooth a field: a step takes a fifth of the time that the default network's takes.
"""

from __future__ import annotations

import numpy as np
from sympy import Eq, Expr, Function, Rational, cos, exp, pi, sin, symbols

import collocate as co

x, y, t = symbols("x y t")
u = Function("u")(x, y, t)
v = Function("v")(x, y, t)
p = Function("p")(x, y, t)

viscosity = Rational(1, 100)
decay = exp(-2 * viscosity * t)

truth = {
    u: -cos(x) * sin(y) * decay,
    v: sin(x) * cos(y) * decay,
    p: -(cos(2 * x) + cos(2 * y)) / 4 * decay**2,
}


def momentum(w: Expr, along: Expr) -> Eq:
    """The balance of the momentum w in the direction `along`."""
    carried = u * w.diff(x) + v * w.diff(y)
    return Eq(w.diff(t) + carried + p.diff(along), viscosity * (w.diff(x, 2) + w.diff(y, 2)))


times = np.linspace(0, 1, 21)
gauge = {"x": np.full(21, np.pi / 4), "y": np.full(21, np.pi / 4), "t": times, "p": np.zeros(21)}

problem = co.Problem(
    [momentum(u, x), momentum(v, y), Eq(u.diff(x) + v.diff(y), 0)],
    domain=co.Rectangle((x, y), (0, 0), (2 * pi, 2 * pi)) * co.Time(t, 0, 1),
    conditions=[
        co.Initial(u, truth[u].subs(t, 0)),
        co.Initial(v, truth[v].subs(t, 0)),
        *(co.Periodic(field, coordinate) for field in truth for coordinate in (x, y)),
        co.Data(p, gauge),
    ],
    reference=truth,
)

settings = {"conditions": "soft", "network": (24, 24)}
