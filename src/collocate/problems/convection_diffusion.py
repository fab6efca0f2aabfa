"""Convection against little diffusion, −ε u″ + u′ = 1 with ε = 0.01: u rises like x, then falls to 0 in a layer.

On (0, 1) with u = 0 at both ends. The layer at x = 1 is ε wide.
Truth: u = x − (e^{(x−1)/ε} − e^{−1/ε}) / (1 − e^{−1/ε}); Roos, Stynes & Tobiska, "Robust Numerical Methods for
Singularly Perturbed Differential Equations", 2nd ed. (2008), section I.1.
"""

from __future__ import annotations

from sympy import Eq, Function, Rational, exp, symbols

import collocate as co

x = symbols("x")
u = Function("u")(x)

diffusion = Rational(1, 100)

truth = x - (exp((x - 1) / diffusion) - exp(-1 / diffusion)) / (1 - exp(-1 / diffusion))

problem = co.Problem(
    Eq(-diffusion * u.diff(x, 2) + u.diff(x), 1),
    domain=co.Interval(x, 0, 1),
    conditions=[co.Dirichlet(u, 0)],
    reference=truth,
)
