"""A membrane under load: u_xx + u_yy = -2 pi^2 sin(pi x) sin(pi y) on the unit square, held at its edge.

collocate plan FILE                 what would be done, and why
collocate solve FILE --out out      train; leaves the solution, its figures and the result in out
"""

from sympy import Eq, Function, pi, sin, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)
load = 2 * pi**2 * sin(pi * x) * sin(pi * y)

problem = co.Problem(
    Eq(u.diff(x, 2) + u.diff(y, 2), -load),
    domain=co.Rectangle((x, y), (0, 0), (1, 1)),
    # Without on= the whole edge. Its parts are "left", "right", "bottom" and "top"; or on=Eq(y, 1), on=x > 0.5.
    conditions=[co.Dirichlet(u, 0)],
    # The truth where you know it: shown and recorded, never trained on. Leave it out otherwise.
    reference=sin(pi * x) * sin(pi * y),
)

# What the plan should not choose by itself, like {"network": (20, 20), "points": 2000, "steps": 300}.
settings = {}

if __name__ == "__main__":
    solution = co.solve(problem, **settings)
    print("u at the middle:", solution(x=0.5, y=0.5))
    print("the force along the right edge:", solution.at(u.diff(x), x=1, y=[0.25, 0.5, 0.75]))
    print("held-out residual:", solution.result["residual_heldout"])
