"""A number in the equation is found: -u'' = k u on (0, 1), u = 0 at both ends, from the slope at the left end.

collocate plan FILE                 what would be done, and why
collocate solve FILE --out out      train; leaves the solution, its figures and the result in out
"""

from sympy import Eq, Function, pi, sin, symbols

import collocate as co

x, k = symbols("x k")
u = Function("u")(x)

problem = co.Problem(
    Eq(-u.diff(x, 2), k * u),
    domain=co.Interval(x, 0, 1),
    conditions=[
        co.Dirichlet(u, 0, on="left"),
        co.Dirichlet(u, 0, on="right"),
        # An unknown number takes one condition more than the equation needs: here a measured slope, u' = pi.
        co.Neumann(u, -pi, on="left"),  # along the outward normal, which points to the left
    ],
    # What is to be found, with a first guess: the solution next to it is found, here k = pi^2.
    unknowns=[co.Unknown(k, 8)],
    # The truth where you know it: shown and recorded, never trained on. Leave it out otherwise.
    reference=sin(pi * x),
)

# What the plan should not choose by itself, like {"network": (20, 20), "points": 200, "steps": 300}.
settings = {}

if __name__ == "__main__":
    solution = co.solve(problem, **settings)
    print("k =", solution.unknowns["k"])
    print("held-out residual:", solution.result["residual_heldout"])
