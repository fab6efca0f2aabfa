"""Optimal control as a boundary value problem in time: steer x′ = −x + a from 1, at the least ½∫(x² + a²) dt.

By Pontryagin's principle a = −p, where p′ = p − x and p = 0 at the end. With r = √2 both are sums of e^(±rt).
"""

from sympy import Eq, Function, cosh, sinh, sqrt, symbols

import collocate as co

t = symbols("t")
x, p = Function("x")(t), Function("p")(t)
end, r = 2, sqrt(2)
rest = end - t
scale = r * cosh(r * end) + sinh(r * end)

problem = co.Problem(
    [Eq(x.diff(t), -x - p), Eq(p.diff(t), p - x)],
    domain=co.Time(t, 0, end),
    conditions=[co.Initial(x, 1), co.Final(p, 0)],
    reference={x: (r * cosh(r * rest) + sinh(r * rest)) / scale, p: sinh(r * rest) / scale},
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print("relative L2 errors", {name: f"{error:.1e}" for name, error in solution.error().items()})
    print("cost:", solution.integrate((x**2 + p**2) / 2), "which is p(0)/2:", solution(t=0)["p"] / 2)
