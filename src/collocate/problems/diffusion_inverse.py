"""How fast does it diffuse? The D of u_t = D u_xx, from 500 noisy readings of u.

On (0, 1), t ≤ 1, with u = 0 at both ends and u = sin πx + ½ sin 3πx at t = 0. u is read at 500 places and times at
random, each with a Gaussian error of 5 % of u's root mean square; the seed of the noise is in this file. The first
guess is ten times too large.
Truth: D = 0.1, and u two modes sin kπx that decay as exp(−D k²π² t).
"""

from __future__ import annotations

import numpy as np
from sympy import Eq, Expr, Float, Function, exp, lambdify, pi, sin, symbols

import collocate as co

x, t, D = symbols("x t D")
u = Function("u")(x, t)

true = {"D": 0.1}
noise, readings, seed = 0.05, 500, 0


def modes(diffusivity: float) -> Expr:
    """u for a given D."""
    slow, fast = (sin(k * pi * x) * exp(-Float(diffusivity) * (k * pi) ** 2 * t) for k in (1, 3))
    return slow + fast / 2


def table(seed: int = seed) -> dict[str, np.ndarray]:
    """Columns x, t, u and sigma: what was read, and its standard deviation."""
    random = np.random.default_rng(seed)
    places, times = random.random((2, readings))
    exact = lambdify((x, t), modes(true["D"]), "numpy")(places, times)
    deviation = noise * np.sqrt(np.mean(exact**2))
    read = exact + deviation * random.standard_normal(readings)
    return {"x": places, "t": times, "u": read, "sigma": np.full(readings, deviation)}


truth = modes(true["D"])

problem = co.Problem(
    Eq(u.diff(t), D * u.diff(x, 2)),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, truth.subs(t, 0)), co.Dirichlet(u, 0), co.Data(u, table(), sigma="sigma")],
    unknowns=[co.Unknown(D, 1.0)],
    reference=truth,
)
