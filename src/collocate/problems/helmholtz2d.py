"""Helmholtz' equation, Δu + u = q on (−1, 1)² with u = 0 on the boundary: four times as many waves in y as in x.

Truth: u = sin πx sin 4πy, manufactured, so q = (1 − 17 π²) u. The problem is that of Wang, Teng & Perdikaris, SIAM J.
Sci. Comput. 43 (2021), doi:10.1137/20M1318043, section 4.1.
"""

from __future__ import annotations

from sympy import Eq, Function, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

truth = sin(pi * x) * sin(4 * pi * y)

problem = co.Problem(
    Eq(u.diff(x, 2) + u.diff(y, 2) + u, (1 - 17 * pi**2) * truth),
    domain=co.Rectangle((x, y), (-1, -1), (1, 1)),
    conditions=[co.Dirichlet(u, 0)],
    reference=truth,
)
