"""The Kuramoto-Sivashinsky equation, u_t + 5 u u_x + 0.5 u_xx + 0.005 u_xxxx = 0: long waves grow, short ones decay.

On (−1, 1), periodic, t ≤ 0.5, with u = −sin πx at t = 0. Waves with κ < 10 grow, fastest (by e^{12.5 t}) at κ = 7: a
wall stands at x = 0 by t = 0.1, then other waves rise beside it and outgrow it.
Truth: Fourier ETDRK4 (`verification/references/fourier.py`); modes and steps doubled until two answers agree to 1e-9.
Time is solved in five slabs, each about as long as the fastest wave takes to grow by a factor of 3.5.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, Rational, pi, sin, symbols

import collocate as co
from collocate.verification.references.fourier import Series, etdrk4
from collocate.verification.references.refinement import refined

x, t = symbols("x t")
u = Function("u")(x, t)

speed, growth, damping, end = 5, Rational(1, 2), Rational(5, 1000), Rational(1, 2)


@cache
def series() -> Series:
    """Computed when it is first asked for."""
    places, times = np.linspace(-1, 1, 256), np.linspace(0, float(end), 21)
    return refined(
        lambda modes: etdrk4(
            lambda k: float(growth) * k**2 - float(damping) * k**4,
            lambda values: speed * values * values / 2,
            lambda x: -np.sin(np.pi * x),
            low=-1,
            high=1,
            end=float(end),
            modes=modes,
            steps=32 * modes,
            outer=lambda k: -1j * k,
        ),
        lambda found: np.real(found(places[:, None], times)),
        first=256,
        most=1024,
        tolerance=1e-9,
        what="the Kuramoto-Sivashinsky reference",
    )


def truth(x: np.ndarray, t: np.ndarray) -> np.ndarray:
    """u at x, t."""
    return np.real(series()(x, t))


problem = co.Problem(
    Eq(u.diff(t) + speed * u * u.diff(x) + growth * u.diff(x, 2) + damping * u.diff(x, 4), 0),
    domain=co.Interval(x, -1, 1) * co.Time(t, 0, end),
    conditions=[co.Initial(u, -sin(pi * x)), co.Periodic(u, x)],
    reference=truth,
)

settings = {"slabs": 5}
