"""Heat conduction in a rod, u_t = 0.05 u_xx: two modes that decay at different rates.

On (0, 1), t ≤ 1, with u = 0 at both ends and u = sin πx + ½ sin 3πx at t = 0.
Truth: each mode sin kπx decays as exp(−0.05 k²π² t); Fourier, "Théorie analytique de la chaleur" (1822).
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, exp, pi, sin, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

conductivity = Rational(1, 20)

slow, fast = (sin(k * pi * x) * exp(-conductivity * (k * pi) ** 2 * t) for k in (1, 3))
truth = slow + fast / 2

problem = co.Problem(
    Eq(u.diff(t), conductivity * u.diff(x, 2)),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, truth.subs(t, 0)), co.Dirichlet(u, 0)],
    reference=truth,
)
