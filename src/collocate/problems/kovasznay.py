"""Kovasznay flow behind a grid: the steady Navier-Stokes equations at Re = 40, with u and v given on the boundary.

    u u_x + v u_y + p_x = Δu / Re,   u v_x + v v_y + p_y = Δv / Re,   u_x + v_y = 0   on (−0.5, 1) × (−0.5, 1.5).

Truth: Kovasznay, Proc. Camb. Phil. Soc. 44 (1948), doi:10.1017/S0305004100023999. With λ = Re/2 − √(Re²/4 + 4π²):
u = 1 − e^{λx} cos 2πy,  v = λ/(2π) e^{λx} sin 2πy,  p = (mean of e^{2λx} − e^{2λx})/2, the pressure whose mean is zero.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, cos, exp, pi, sin, sqrt, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)
v = Function("v")(x, y)
p = Function("p")(x, y)

reynolds = 40
rate = Rational(reynolds, 2) - sqrt(Rational(reynolds, 2) ** 2 + 4 * pi**2)
left, right = Rational(-1, 2), 1
mean = (exp(2 * rate * right) - exp(2 * rate * left)) / (2 * rate * (right - left))

truth = {
    u: 1 - exp(rate * x) * cos(2 * pi * y),
    v: rate / (2 * pi) * exp(rate * x) * sin(2 * pi * y),
    p: (mean - exp(2 * rate * x)) / 2,
}

problem = co.Problem(
    [
        Eq(u * u.diff(x) + v * u.diff(y) + p.diff(x), (u.diff(x, 2) + u.diff(y, 2)) / reynolds),
        Eq(u * v.diff(x) + v * v.diff(y) + p.diff(y), (v.diff(x, 2) + v.diff(y, 2)) / reynolds),
        Eq(u.diff(x) + v.diff(y), 0),
    ],
    domain=co.Rectangle((x, y), (left, -0.5), (right, 1.5)),
    conditions=[co.Dirichlet(u, truth[u]), co.Dirichlet(v, truth[v]), co.Mean(p, 0)],
    reference=truth,
)
