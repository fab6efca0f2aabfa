"""Heat in a rod: u_t = 0.1 u_xx, from sin(pi x), both ends kept at zero.

collocate plan FILE                 what would be done, and why
collocate solve FILE --out out      train; leaves the solution, its figures and the result in out
"""

from sympy import Eq, Function, exp, pi, sin, symbols

import collocate as co

# The coordinates and the field. Further fields are further Functions of the same coordinates.
x, t = symbols("x t")
u = Function("u")(x, t)

problem = co.Problem(
    # Eq(left, right), or a list of them for a system.
    Eq(u.diff(t), 0.1 * u.diff(x, 2)),
    # A product of shapes; Time is the coordinate in which initial conditions hold.
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 1),
    conditions=[
        co.Initial(u, sin(pi * x)),
        co.Dirichlet(u, 0, on="left"),  # a flux: co.Neumann(u, 0, on="left")
        co.Dirichlet(u, 0, on="right"),  # both: co.Robin(u, a, b, g, on="right") for a u + b du/dn = g
    ],
    # The truth where you know it: shown and recorded, never trained on. Leave it out otherwise.
    reference=exp(-0.1 * pi**2 * t) * sin(pi * x),
)

# What the plan should not choose by itself, like {"network": (20, 20), "points": 2000, "steps": 300}.
settings = {}

if __name__ == "__main__":
    solution = co.solve(problem, **settings)
    print("u(0.5, 1) =", solution(x=0.5, t=1))
    print("held-out residual:", solution.result["residual_heldout"])
    solution.save("heat.collocate")
