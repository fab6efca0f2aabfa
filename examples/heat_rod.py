"""A hot rod, insulated at the left end, cooled by air at the right: u_t = u_xx with ∂u/∂n + h u = 0 at x = 1.

With h = tan 1 the shape cos x only decays: u = exp(−t) cos x.
"""

from sympy import Eq, Function, cos, exp, symbols, tan

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)

problem = co.Problem(
    Eq(u.diff(t), u.diff(x, 2)),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 2),
    conditions=[
        co.Initial(u, cos(x)),
        co.Neumann(u, 0, on="left"),
        co.Robin(u, tan(1), 1, 0, on="right"),
    ],
    reference=exp(-t) * cos(x),
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}")
    print("heat flow at the right end:", -solution.at(u.diff(x), x=1, t=[0, 1, 2]))
