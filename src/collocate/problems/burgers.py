"""Burgers' equation, u_t + u u_x = (0.01/π) u_xx: a sine wave steepens into a layer of width 0.01 at x = 0.

On (−1, 1), t ≤ 1, with u = −sin πx at t = 0 and u = 0 at both ends; Raissi, Perdikaris & Karniadakis,
J. Comput. Phys. 378 (2019), doi:10.1016/j.jcp.2018.10.045.
Truth: the Cole-Hopf integral by Gauss-Hermite quadrature (`verification/references/cole_hopf.py`), equal to 40-digit
quadrature to 1e-12. The data are odd and 2-periodic, so the solution on the whole line is the one with u(±1) = 0.
"""

from __future__ import annotations

import numpy as np
from sympy import Eq, Function, pi, sin, symbols

import collocate as co
from collocate.verification.references.cole_hopf import cole_hopf

x, t = symbols("x t")
u = Function("u")(x, t)

viscosity = 0.01 / pi


def truth(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """u by Cole-Hopf; u₀ = −sin πx has the potential cos(πx)/π."""
    return cole_hopf(
        x,
        t,
        viscosity=0.01 / np.pi,
        initial=lambda s: -np.sin(np.pi * s),
        potential=lambda s: np.cos(np.pi * s) / np.pi,
    )


problem = co.Problem(
    Eq(u.diff(t) + u * u.diff(x), viscosity * u.diff(x, 2)),
    domain=co.Interval(x, -1, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, -sin(pi * x)), co.Dirichlet(u, 0)],
    reference=truth,
)
