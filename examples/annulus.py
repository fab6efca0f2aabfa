"""Potential flow's kin: Laplace's equation between two circles, a value on the inner one, a flux through the outer.

Truth: u = log 2r + (r² − 1/(16 r²)) cos 2θ, which vanishes at r = 1/2.
"""

from sympy import Eq, Function, log, symbols

import collocate as co

x, y = symbols("x y")
u = Function("u")(x, y)
square = x**2 + y**2
truth = log(4 * square) / 2 + (x**2 - y**2) * (1 - 1 / (16 * square**2))

problem = co.Problem(
    Eq(u.diff(x, 2) + u.diff(y, 2), 0),
    domain=co.Disk((x, y), (0, 0), 1) - co.Disk((x, y), (0, 0), 0.5),
    conditions=[
        co.Dirichlet(u, 0, on="inner"),
        co.Neumann(u, x * truth.diff(x) + y * truth.diff(y), on="outer"),
    ],
    reference=truth,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}")
    print("flux through the inner circle, −2π:", solution.integrate(
        co.normal(x) * u.diff(x) + co.normal(y) * u.diff(y), over="inner"))  # fmt: skip
