"""Laplace's equation on the L-shaped domain (−1, 1)² less [0, 1) × (−1, 0], whose corner makes a singularity.

Truth: u = r^{2/3} sin(2θ/3), θ from 0 to 3π/2 counter-clockwise; its gradient is infinite at the re-entrant corner.
Grisvard, "Elliptic Problems in Nonsmooth Domains" (1985), section 2.3. θ is written from the middle of the domain,
θ = 3π/4 + atan2(−(x + y), y − x), so that the cut of atan2 lies in what is missing. u is given on the boundary.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, atan2, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

angle = 3 * pi / 4 + atan2(-(x + y), y - x)
truth = (x**2 + y**2) ** Rational(1, 3) * sin(2 * angle / 3)

problem = co.Problem(
    Eq(u.diff(x, 2) + u.diff(y, 2), 0),
    domain=co.Rectangle((x, y), (-1, -1), (1, 1)) - co.Rectangle((x, y), (0, -1), (1, 0)),
    conditions=[co.Dirichlet(u, truth)],
    reference=truth,
)
