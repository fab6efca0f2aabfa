"""A clamped plate, Δ²u = f on the unit square with u = ∂u/∂n = 0 on the boundary.

Truth: u = sin²πx sin²πy exp(x), manufactured; f is Δ² of it, by SymPy when the module loads. sin² has a double zero on
every side, so both conditions hold; the factor exp(x) keeps the solution unsymmetric.
"""

from __future__ import annotations

from sympy import Eq, Expr, Function, exp, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)

truth = sin(pi * x) ** 2 * sin(pi * y) ** 2 * exp(x)


def biharmonic(v: Expr) -> Expr:
    """Δ²v = v_xxxx + 2 v_xxyy + v_yyyy."""
    return v.diff(x, 4) + 2 * v.diff(x, 2, y, 2) + v.diff(y, 4)


problem = co.Problem(
    Eq(biharmonic(u), biharmonic(truth).expand()),
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    conditions=[co.Dirichlet(u, 0), co.Neumann(u, 0)],
    reference=truth,
)

settings = {"network": (16, 16)}  # one smooth bump: a small network gets there in seconds
