"""Poisson's equation in a ball: −Δu = 4 sin(x + 2y) e^z, with the value given on the sphere.

Truth: u = sin(x + 2y) e^z, for which Δu = (−1 − 4 + 1) u.
"""

from sympy import Eq, Function, exp, sin, symbols

import collocate as co

x, y, z = symbols("x y z")
u = Function("u")(x, y, z)
truth = sin(x + 2 * y) * exp(z)

problem = co.Problem(
    Eq(-u.diff(x, 2) - u.diff(y, 2) - u.diff(z, 2), 4 * truth),
    domain=co.Ball((x, y, z), (0, 0, 0), 1),
    conditions=[co.Dirichlet(u, truth)],
    reference=truth,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}, u(0, 0, 0) = {solution(x=0, y=0, z=0):.1e}")
