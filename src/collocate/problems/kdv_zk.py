"""The Korteweg-de Vries equation with little dispersion, u_t + u u_x + 0.022² u_xxx = 0: a wave becomes solitons.

On (0, 2), periodic, t ≤ 1, with u = cos πx at t = 0. Without dispersion the wave would break at t = 1/π; with it the
front becomes a train of solitons, eight at last, of width about 0.1: Zabusky & Kruskal, Phys. Rev. Lett. 15 (1965),
doi:10.1103/PhysRevLett.15.240.
Truth: Fourier ETDRK4 (`verification/references/fourier.py`); modes and steps doubled until two answers agree to 1e-9.
Time is solved in four slabs: the first holds the front, the last eight solitons.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, Rational, cos, pi, symbols

import collocate as co
from collocate.verification.references.fourier import Series, etdrk4
from collocate.verification.references.refinement import refined

x, t = symbols("x t")
u = Function("u")(x, t)

dispersion = Rational(22, 1000) ** 2


@cache
def series() -> Series:
    """Computed when it is first asked for."""
    places, times = np.linspace(0, 2, 256), np.linspace(0, 1, 21)
    return refined(
        lambda modes: etdrk4(
            lambda k: 1j * float(dispersion) * k**3,
            lambda values: values * values / 2,
            lambda x: np.cos(np.pi * x),
            low=0,
            high=2,
            end=1,
            modes=modes,
            steps=32 * modes,
            outer=lambda k: -1j * k,
        ),
        lambda found: np.real(found(places[:, None], times)),
        first=256,
        most=1024,
        tolerance=1e-9,
        what="the reference of Zabusky and Kruskal's problem",
    )


def truth(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """u at x, t."""
    return np.real(series()(x, t))


problem = co.Problem(
    Eq(u.diff(t) + u * u.diff(x) + dispersion * u.diff(x, 3), 0),
    domain=co.Interval(x, 0, 2) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, cos(pi * x)), co.Periodic(u, x)],
    reference=truth,
)

settings = {"slabs": 4}
