"""The sine-Gordon equation, u_tt − u_xx + sin u = 0: a breather, which swings in place for ever.

On (−10, 10), t ≤ 10: one period is 2π/ω = 10.5. The breather's values are given at both ends and at t = 0.
Truth: u = 4 arctan(κ/ω · cos ωt / cosh κx), κ = √(1 − ω²), ω = 0.6; Ablowitz, Kaup, Newell & Segur, Phys. Rev. Lett.
30 (1973), doi:10.1103/PhysRevLett.30.1262. At rest, and at its largest, at t = 0.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, atan, cos, cosh, sin, sqrt, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

frequency = Rational(3, 5)
width = sqrt(1 - frequency**2)

truth = 4 * atan(width / frequency * cos(frequency * t) / cosh(width * x))

problem = co.Problem(
    Eq(u.diff(t, 2) - u.diff(x, 2) + sin(u), 0),
    domain=co.Interval(x, -10, 10) * co.Time(t, 0, 10),
    conditions=[co.Initial(u, truth.subs(t, 0)), co.Initial(u.diff(t), 0), co.Dirichlet(u, truth)],
    reference=truth,
)
