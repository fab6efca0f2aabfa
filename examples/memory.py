"""An equation with memory: u′ + u = ∫₀ˣ e^(s − x) u(s) ds, u(0) = 1.

Differentiated once it is u″ + 2u′ = 0, so that u = (1 + e⁻²ˣ)/2.
"""

from sympy import Eq, Function, Integral, exp, symbols

import collocate as co

x, s = symbols("x s")
u = Function("u")

problem = co.Problem(
    Eq(u(x).diff(x) + u(x), Integral(exp(s - x) * u(s), (s, 0, x))),
    domain=co.Interval(x, 0, 5),
    conditions=[co.Dirichlet(u(x), 1, on="left")],
    reference=(1 + exp(-2 * x)) / 2,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}, u(5) = {solution(x=5):.8f}")
