"""A population that spreads: Fisher's equation u_t = u_xx + u (1 − u), a front of speed 5/√6.

Truth: u = (1 + e^((x − 5t/√6)/√6))⁻² (M. J. Ablowitz, A. Zeppetella, doi:10.1007/BF02462380).
"""

from sympy import Eq, Function, exp, sqrt, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)
front = (1 + exp((x - 5 * t / sqrt(6)) / sqrt(6))) ** -2

problem = co.Problem(
    Eq(u.diff(t), u.diff(x, 2) + u * (1 - u)),
    domain=co.Interval(x, -10, 15) * co.Time(t, 0, 4),
    conditions=[co.Initial(u, front), co.Dirichlet(u, front)],
    reference=front,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}")
    print("population at the start and at the end:", [solution.integrate(u, t=time) for time in (0, 4)])
