"""Flow in a cavity under a sliding lid: the steady Navier-Stokes equations at Re = 100, lid speed u = 4x(1 − x).

    u u_x + v u_y + p_x = Δu / Re,   u v_x + v v_y + p_y = Δv / Re,   u_x + v_y = 0   on the unit square;

u = v = 0 on the other walls, mean pressure 0. The lid stands still at its ends, so the data agree in all corners; u_x
does not, and the vorticity jumps there from wall to lid.
Truth: u and v by Chebyshev polynomials for the stream function (`verification/references/cavity.py`), 52 points a side
and 65, which agree to 1e-8; their error falls like the eighth power. Of p there is no truth: it is infinite, like the
logarithm of the distance, in the corners under the lid.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from sympy import Eq, Function, symbols

import collocate as co
from collocate.verification.references import cavity

x, y = symbols("x y")
u = Function("u")(x, y)
v = Function("v")(x, y)
p = Function("p")(x, y)

reynolds = 100


@cache
def flow() -> cavity.Flow:
    """Computed when it is first asked for."""
    return cavity.cavity(reynolds)


def speed_along(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """u at x, y."""
    return flow()(x, y)[0]


def speed_up(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """v at x, y."""
    return flow()(x, y)[1]


problem = co.Problem(
    [
        Eq(u * u.diff(x) + v * u.diff(y) + p.diff(x), (u.diff(x, 2) + u.diff(y, 2)) / reynolds),
        Eq(u * v.diff(x) + v * v.diff(y) + p.diff(y), (v.diff(x, 2) + v.diff(y, 2)) / reynolds),
        Eq(u.diff(x) + v.diff(y), 0),
    ],
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    conditions=[
        co.Dirichlet(u, 4 * x * (1 - x), on="top"),
        co.Dirichlet(u, 0),
        co.Dirichlet(v, 0),
        co.Mean(p, 0),
    ],
    reference={u: speed_along, v: speed_up},
)
