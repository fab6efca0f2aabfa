"""Lotka and Volterra's predators and prey: x′ = 1.5 x − x y, y′ = −3 y + x y, t ≤ 10, x(0) = 10, y(0) = 5.

Lotka, "Elements of Physical Biology" (1925); Volterra, Nature 118 (1926), doi:10.1038/118558a0. A spiky orbit of about
three periods: the predators fall to 0.02 between their peaks. A small violation of the equations there lets them
die out, and a plain fit over all of [0, 10] at once ends in that wrong minimum.
Truth: DOP853 at a relative tolerance of 1e-13 (`verification/references/orbit.py`), equal to Taylor series in extended
precision to 1e-11.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, symbols

import collocate as co
from collocate.verification.references.orbit import Orbit, integrate

t = symbols("t")
x = Function("x")(t)
y = Function("y")(t)

growth, death = 1.5, 3.0  # per unit of time; each meeting moves one unit from prey to predators
start, end = (10.0, 5.0), 10.0


@cache
def orbit() -> Orbit:
    """Integrated when it is first asked for."""
    return integrate(lambda t, z: np.array([(growth - z[1]) * z[0], (z[0] - death) * z[1]]), start, end)


def truth(t: np.ndarray) -> dict[str, np.ndarray]:
    """x and y at the times t."""
    prey, predators = orbit()(t)
    return {"x": prey, "y": predators}


problem = co.Problem(
    [Eq(x.diff(t), growth * x - x * y), Eq(y.diff(t), -death * y + x * y)],
    domain=co.Time(t, 0, end),
    conditions=[co.Initial(x, start[0]), co.Initial(y, start[1])],
    reference=truth,
)
