"""A pulse sent into a string that leaves it at the other end without an echo: u_tt = u_xx, u_t + u_x = 0 at x = 1.

Truth: u = f(t − x), f(s) = e^(−12 (s − 1/2)²), as nothing moves at first but the pulse's foot.
"""

from sympy import Eq, Function, exp, symbols

import collocate as co

x, t = symbols("x t")
u = Function("u")(x, t)
pulse = exp(-12 * (t - x - 0.5) ** 2)

problem = co.Problem(
    Eq(u.diff(t, 2), u.diff(x, 2)),
    domain=co.Interval(x, 0, 1) * co.Time(t, 0, 2),
    conditions=[
        co.Initial(u, pulse.subs(t, 0)),
        co.Initial(u.diff(t), pulse.diff(t).subs(t, 0)),
        co.Dirichlet(u, pulse.subs(x, 0), on="left"),
        co.Condition(Eq(u.diff(t) + u.diff(x), 0), on="right"),
    ],
    reference=pulse,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}")
