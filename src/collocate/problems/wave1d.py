"""A string plucked in two modes, u_tt = 4 u_xx: in the time t ≤ 1 the slower one swings once, the faster four times.

On (0, 1), u = 0 at both ends, u = sin πx + ½ sin 4πx and u_t = 0 at t = 0.
Truth: each mode sin kπx swings as cos 2kπt (d'Alembert, 1747). A problem on which plain networks are known to fail:
Wang, Yu & Perdikaris, J. Comput. Phys. 449 (2022), doi:10.1016/j.jcp.2021.110768, section 7.3.
Time is solved in two slabs, each with two swings of the faster mode.
"""

from __future__ import annotations

from sympy import Eq, Function, cos, pi, sin, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

speed = 2

slow, fast = (sin(k * pi * x) * cos(k * pi * speed * t) for k in (1, 4))
truth = slow + fast / 2

problem = co.Problem(
    Eq(u.diff(t, 2), speed**2 * u.diff(x, 2)),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 1),
    conditions=[co.Initial(u, truth.subs(t, 0)), co.Initial(u.diff(t), 0), co.Dirichlet(u, 0)],
    reference=truth,
)

settings = {"slabs": 2}
