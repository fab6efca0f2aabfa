"""Poisson's equation in five dimensions, −Δu = f on (0, 1)⁵ with u given on the boundary.

Truth: u = Σ cos πxᵢ + ½ sin(π Σ xᵢ/√5), manufactured; both parts are eigenfunctions of −Δ for π², so f = π² u. After
Müller & Zeinhofer, ICML 2023, section 4 (Σ cos πxᵢ), with a part that couples all coordinates. The boundary's values
are stated as a `Condition`, which trains them as a residual: values met exactly on all ten faces would be a formula
of 3⁵ pieces.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, cos, pi, sin, sqrt, symbols

import collocate as co

coordinates = symbols("x1:6")
u = Function("u")(*coordinates)

truth = sum(cos(pi * x) for x in coordinates) + Rational(1, 2) * sin(pi * sum(coordinates) / sqrt(5))

problem = co.Problem(
    Eq(-sum(u.diff(x, 2) for x in coordinates), pi**2 * truth),
    domain=co.Box(coordinates, (0,) * 5, (1,) * 5),
    conditions=[co.Condition(Eq(u, truth))],
    reference=truth,
)

# The truth is a sum of six ridge functions f(a·x), and one hidden layer is the shape for that; where the truth is no
# such sum it does badly (docs/why/defaults.md, "In many dimensions").
settings = {"network": (64,)}
