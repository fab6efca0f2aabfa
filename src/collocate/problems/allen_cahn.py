"""The Allen-Cahn equation, u_t = 10⁻⁴ u_xx + 5 (u − u³): phases −1 and 1 form and part along steep walls.

On (−1, 1), periodic, t ≤ 1, with u = x² cos πx at t = 0, whose slope jumps where the period closes. The stiff test of
Raissi, Perdikaris & Karniadakis, J. Comput. Phys. 378 (2019), doi:10.1016/j.jcp.2018.10.045, section 3.2.2.
Truth: Fourier ETDRK4 (`verification/references/fourier.py`); modes and steps doubled until two answers agree to 1e-10.
Time is solved in two slabs: early the kink is smoothed, later the walls steepen.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, cos, pi, symbols

import collocate as co
from collocate.verification.references.fourier import Series, etdrk4
from collocate.verification.references.refinement import refined

x, t = symbols("x t")
u = Function("u")(x, t)

diffusion, rate = 1e-4, 5


@cache
def series() -> Series:
    """Computed when it is first asked for; judged at t > 0, since at t = 0 no series is the kink."""
    places, times = np.linspace(-1, 1, 256), np.linspace(0.05, 1, 20)
    return refined(
        lambda modes: etdrk4(
            lambda k: rate - diffusion * k**2,
            lambda values: -rate * values * values * values,
            start,
            low=-1,
            high=1,
            end=1,
            modes=modes,
            steps=modes // 2,
        ),
        lambda found: np.real(found(places[:, None], times)),
        first=2400,
        most=9600,
        tolerance=1e-10,
        what="the Allen-Cahn reference",
    )


def start(x: np.ndarray) -> np.ndarray:
    return x**2 * np.cos(np.pi * x)


def truth(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """u at x, t; the data themselves at t = 0."""
    return np.where(t == 0, start(x), np.real(series()(x, t)))


problem = co.Problem(
    Eq(u.diff(t), diffusion * u.diff(x, 2) + rate * (u - u**3)),
    domain=co.Interval(x, -1, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, x**2 * cos(pi * x)), co.Periodic(u, x)],
    reference=truth,
)

settings = {"slabs": 2}
