"""Poisson's equation on the unit disk, −Δu = f with u given on the circle.

Truth: u = exp(x) sin 2y + x y², manufactured, so f = 3 exp(x) sin 2y − 2x: a smooth function without symmetry on a
domain without corners.
"""

from __future__ import annotations

from sympy import Eq, Function, exp, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

truth = exp(x) * sin(2 * y) + x * y**2

problem = co.Problem(
    Eq(-(u.diff(x, 2) + u.diff(y, 2)), -(truth.diff(x, 2) + truth.diff(y, 2))),
    domain=co.Disk((x, y), (0, 0), 1),
    conditions=[co.Dirichlet(u, truth)],
    reference=truth,
)
