"""Plane strain: an elastic square whose boundary's displacement is given, under a body force.

    μ Δw + (λ + μ) ∇(∇·w) + f = 0,  w = (u, v), on the unit square, Lamé's constants λ = 1, μ = ½.

Truth: u = sin πx sin πy e^{x/2}, v = x (1 − x) y² cos πy, manufactured; f is what balances it. The equations:
Love, "A Treatise on the Mathematical Theory of Elasticity", 4th ed. (1927), section 91.
"""

from __future__ import annotations

from sympy import Eq, Expr, Function, Rational, cos, exp, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)
v = Function("v")(x, y)

first, shear = 1, Rational(1, 2)  # λ and μ

truth = {u: sin(pi * x) * sin(pi * y) * exp(x / 2), v: x * (1 - x) * y**2 * cos(pi * y)}


def internal(a: Expr, b: Expr) -> tuple[Expr, Expr]:
    """The divergence of the stress of the displacement (a, b)."""
    spread = a.diff(x) + b.diff(y)
    return tuple(
        shear * (part.diff(x, 2) + part.diff(y, 2)) + (first + shear) * spread.diff(along)
        for part, along in ((a, x), (b, y))
    )


problem = co.Problem(
    [Eq(left, right) for left, right in zip(internal(u, v), internal(truth[u], truth[v]), strict=True)],
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    conditions=[co.Dirichlet(field, value) for field, value in truth.items()],
    reference=truth,
)
