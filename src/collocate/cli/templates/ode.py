"""A damped oscillator: u'' + 0.5 u' + 4 u = 0, let go at 1.

collocate plan FILE                 what would be done, and why
collocate solve FILE --out out      train; leaves the solution, its figures and the result in out
"""

from sympy import Eq, Function, cos, exp, sin, sqrt, symbols

import collocate as co

# The coordinate and the field; for a system further Functions of t, and a list of equations.
t = symbols("t")
u = Function("u")(t)

problem = co.Problem(
    Eq(u.diff(t, 2) + u.diff(t) / 2 + 4 * u, 0),
    # Long times are solved slab after slab, each from the end of the last.
    domain=co.Time(t, 0, 5),
    # As many initial conditions as the order in time.
    conditions=[co.Initial(u, 1), co.Initial(u.diff(t), 0)],
    # The truth where you know it: shown and recorded, never trained on. Leave it out otherwise.
    reference=exp(-t / 4) * (cos(sqrt(63) * t / 4) + sin(sqrt(63) * t / 4) / sqrt(63)),
)

# What the plan should not choose by itself, like {"network": (20, 20), "points": 200, "steps": 300}.
settings = {}

if __name__ == "__main__":
    solution = co.solve(problem, **settings)
    print("u(5) =", solution(t=5))
    print("u'(5) =", solution.at(u.diff(t), t=5))
    print("held-out residual:", solution.result["residual_heldout"])
