"""Poisson's equation on the unit square, −Δu = 2π² sin πx sin πy with u = 0 on the boundary.

Truth: u = sin πx sin πy, by substitution. The standard first test of the literature, for instance
Müller & Zeinhofer, "Achieving high accuracy with PINNs via energy natural gradient descent", ICML 2023, section 4.
"""

from __future__ import annotations

from sympy import Eq, Function, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

truth = sin(pi * x) * sin(pi * y)

problem = co.Problem(
    Eq(-(u.diff(x, 2) + u.diff(y, 2)), 2 * pi**2 * sin(pi * x) * sin(pi * y)),
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    conditions=[co.Dirichlet(u, 0)],
    reference=truth,
)

settings = {"network": (16, 16)}  # one smooth bump: a small network is at rounding level in seconds
