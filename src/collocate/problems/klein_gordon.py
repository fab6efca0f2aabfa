"""A nonlinear Klein-Gordon equation, u_tt − u_xx + u³ = f on (0, 1), t ≤ 1.

u = x and u_t = 0 at t = 0; u = 0 at x = 0 and cos 5πt + t³ at x = 1.
Truth: u = x cos 5πt + (xt)³, manufactured: Wang, Teng & Perdikaris, SIAM J. Sci. Comput. 43 (2021),
doi:10.1137/20M1318043, section 4.2.
"""

from __future__ import annotations

from sympy import Eq, Function, cos, pi, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

truth = x * cos(5 * pi * t) + (x * t) ** 3

problem = co.Problem(
    Eq(u.diff(t, 2) - u.diff(x, 2) + u**3, truth.diff(t, 2) - truth.diff(x, 2) + truth**3),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 1),
    conditions=[
        co.Initial(u, x),
        co.Initial(u.diff(t), 0),
        co.Dirichlet(u, 0, on="left"),
        co.Dirichlet(u, truth.subs(x, 1), on="right"),
    ],
    reference=truth,
)
