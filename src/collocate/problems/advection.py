"""Advection, u_t + 30 u_x = 0, on a circle: a smooth hump goes round almost five times.

On (0, 2π), periodic, t ≤ 1, with u = exp(sin x) at t = 0. Fast transport is what plain networks cannot do:
Krishnapriyan et al., "Characterizing possible failure modes in physics-informed neural networks", NeurIPS 2021.
Truth: u = exp(sin(x − 30 t)).
"""

from __future__ import annotations

from sympy import Eq, Function, exp, pi, sin, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

speed = 30

truth = exp(sin(x - speed * t))

problem = co.Problem(
    Eq(u.diff(t) + speed * u.diff(x), 0),
    domain=co.Interval(x, 0, 2 * pi) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, truth.subs(t, 0)), co.Periodic(u, x)],
    reference=truth,
)
