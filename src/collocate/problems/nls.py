"""The nonlinear Schrödinger equation, i h_t + ½ h_xx + |h|² h = 0: a pulse focuses to twice its height and back.

h = u + i v, so two real fields: u_t = −½ v_xx − (u² + v²) v, v_t = ½ u_xx + (u² + v²) u. On (−5, 5), periodic, t ≤ π/2,
with h = 2 sech x at t = 0: Raissi, Perdikaris & Karniadakis, J. Comput. Phys. 378 (2019),
doi:10.1016/j.jcp.2018.10.045, section 3.1.1.
Truth: split-step Fourier of fourth order (`verification/references/fourier.py`), modes and steps doubled until two
answers agree to 5e-6 in relative L2. Closer is dear: the data's slope jumps by 0.05 where the period closes, nothing
damps that kink, and the series ends only like k⁻².
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, Rational, cosh, pi, symbols

import collocate as co
from collocate.verification.references.fourier import Series, split_step
from collocate.verification.references.refinement import refined

x, t = symbols("x t")
u = Function("u")(x, t)
v = Function("v")(x, t)

end = pi / 2
half = Rational(1, 2)


@cache
def series() -> Series:
    """Computed when it is first asked for."""
    places, times = np.linspace(-5, 5, 256), np.linspace(0, float(end), 21)
    return refined(
        lambda modes: split_step(
            lambda x: 2 / np.cosh(x), strength=1, low=-5, high=5, end=float(end), modes=modes, steps=4 * modes
        ),
        lambda found: found(places[:, None], times),
        first=512,
        most=2048,
        tolerance=5e-6,
        what="the Schrödinger reference",
    )


def truth(x: np.ndarray, t: np.ndarray) -> dict[str, np.ndarray]:
    """The real and imaginary part of h."""
    h = series()(x, t)
    return {"u": np.real(h), "v": np.imag(h)}


problem = co.Problem(
    [
        Eq(u.diff(t), -half * v.diff(x, 2) - (u**2 + v**2) * v),
        Eq(v.diff(t), half * u.diff(x, 2) + (u**2 + v**2) * u),
    ],
    domain=co.Interval(x, -5, 5) * co.Time(t, 0, end),
    conditions=[co.Initial(u, 2 / cosh(x)), co.Initial(v, 0), co.Periodic(u, x), co.Periodic(v, x)],
    reference=truth,
)
