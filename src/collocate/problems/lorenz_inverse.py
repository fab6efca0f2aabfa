"""Lorenz' equations with their three numbers unknown: σ, ρ and β from 61 exact readings of an orbit.

    x′ = σ (y − x),  y′ = x (ρ − z) − y,  z′ = x y − β z,  t ≤ 3, from (−8, 7, 27).

Lorenz, J. Atmos. Sci. 20 (1963), doi:10.1175/1520-0469(1963)020<0130:DNF>2.0.CO;2. All three coordinates are read
every 0.05; the first guess of each number is 1.
Truth: σ = 10, ρ = 28, β = 8/3, and the orbit by DOP853 at a relative tolerance of 1e-13
(`verification/references/orbit.py`). The interval is short enough for chaos not to matter: an error grows about
fifteenfold on it.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, symbols

import collocate as co
from collocate.verification.references.orbit import Orbit, integrate

t, sigma, rho, beta = symbols("t sigma rho beta")
x, y, z = (Function(name)(t) for name in "xyz")

true = {"sigma": 10.0, "rho": 28.0, "beta": 8 / 3}
start, end, readings = (-8.0, 7.0, 27.0), 3.0, 61


@cache
def orbit() -> Orbit:
    """Integrated when it is first asked for."""
    s, r, b = true.values()
    return integrate(
        lambda _, p: np.array([s * (p[1] - p[0]), p[0] * (r - p[2]) - p[1], p[0] * p[1] - b * p[2]]), start, end
    )


def truth(t: np.ndarray) -> dict[str, np.ndarray]:
    """x, y and z at the times t."""
    return dict(zip("xyz", orbit()(t), strict=True))


times = np.linspace(0, end, readings)
read = {"t": times, **truth(times)}

problem = co.Problem(
    [
        Eq(x.diff(t), sigma * (y - x)),
        Eq(y.diff(t), x * (rho - z) - y),
        Eq(z.diff(t), x * y - beta * z),
    ],
    domain=co.Time(t, 0, end),
    conditions=[
        *(co.Initial(field, value) for field, value in zip((x, y, z), start, strict=True)),
        *(co.Data(field, {"t": times, name: read[name]}) for field, name in zip((x, y, z), "xyz", strict=True)),
    ],
    unknowns=[co.Unknown(number, 1.0) for number in (sigma, rho, beta)],
    reference=truth,
)
