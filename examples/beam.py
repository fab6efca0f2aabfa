"""A cantilever beam that grows weaker towards its free end, under an even load: (e⁻ˣ w″)″ = 1.

Clamped at the left, free at the right, where bending moment and shear force vanish. The bending moment is
e⁻ˣ w″ = (1 − x)²/2, whence w = (eˣ (x² − 6x + 11) − 5x − 11)/2.
"""

from sympy import Eq, Function, exp, symbols

import collocate as co

x = symbols("x")
w = Function("w")(x)
moment = exp(-x) * w.diff(x, 2)

problem = co.Problem(
    Eq(moment.diff(x, 2), 1),
    domain=co.Interval(x, 0, 1),
    conditions=[
        co.Dirichlet(w, 0, on="left"),
        co.Neumann(w, 0, on="left"),
        co.Condition(Eq(moment, 0), on="right"),
        co.Condition(Eq(moment.diff(x), 0), on="right"),
    ],
    reference=(exp(x) * (x**2 - 6 * x + 11) - 5 * x - 11) / 2,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}, deflection of the tip {solution(x=1):.6f}")
    print("bending moment where it is clamped:", solution.at(moment, x=0))
