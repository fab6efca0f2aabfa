"""Logistic growth at each place, u_t = 5 u (1 − u), from a bell of width π/4: it grows into a plateau with steep sides.

On (0, 2π), periodic, t ≤ 1; Krishnapriyan et al., "Characterizing possible failure modes in physics-informed neural
networks", NeurIPS 2021. The bell has a small kink where the period closes, exp(−8) high; no derivative in x is taken.
Truth: u = u₀ e^{5t} / (u₀ e^{5t} + 1 − u₀), the logistic formula of Verhulst (1838) with the data u₀ at each place.
Time is solved in two slabs: what is wrong early grows as e^{5t} where u is small.
"""

from __future__ import annotations

from sympy import Eq, Function, exp, pi, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

rate = 5

start = exp(-((x - pi) ** 2) / (2 * (pi / 4) ** 2))
truth = start * exp(rate * t) / (start * exp(rate * t) + 1 - start)

problem = co.Problem(
    Eq(u.diff(t), rate * u * (1 - u)),
    domain=co.Interval(x, 0, 2 * pi) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, start), co.Periodic(u, x)],
    reference=truth,
)

settings = {"slabs": 2}
