"""Poisson's equation with two scales: on a long wave lies one of an eighth of its length and a tenth of its height.

−Δu = f on the unit square with u = 0 on the boundary. In f the short wave is the larger: 0.1 · 2 (16π)² ≈ 505 times
e^{xy}, against 8π² ≈ 79; in u it is a tenth, so a network that misses it still looks right.
Truth: u = sin 2πx sin 2πy + 0.1 sin 16πx sin 16πy e^{xy}, manufactured; f is what balances it.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, exp, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

height = Rational(1, 10)
short = sin(16 * pi * x) * sin(16 * pi * y) * exp(x * y)
truth = sin(2 * pi * x) * sin(2 * pi * y) + height * short

problem = co.Problem(
    Eq(-(u.diff(x, 2) + u.diff(y, 2)), -(truth.diff(x, 2) + truth.diff(y, 2))),
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    conditions=[co.Dirichlet(u, 0)],
    reference=truth,
)
