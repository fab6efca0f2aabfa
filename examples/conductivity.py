"""The conductivity of a rod, a function, from the temperatures measured along it: −(k u′)′ = f.

The heat source f is known, and k at the left end. The temperatures come from k = 1 + x² and u = x + sin(πx/2).
"""

import numpy as np
from sympy import Eq, Function, diff, lambdify, pi, sin, symbols

import collocate as co

x = symbols("x")
u, k = Function("u")(x), Function("k")(x)
temperature, conductivity = x + sin(pi * x / 2), 1 + x**2
places = np.linspace(0, 1, 40)

problem = co.Problem(
    Eq(-(k * u.diff(x)).diff(x), -diff(conductivity * diff(temperature, x), x)),
    domain=co.Interval(x, 0, 1),
    conditions=[
        co.Data(u, {"x": places, "u": lambdify(x, temperature)(places)}),
        co.Dirichlet(k, 1, on="left"),
    ],
    unknowns=[co.Unknown(k, 1.0)],
    reference={u: temperature, k: conductivity},
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print("relative L2 errors", {name: f"{error:.1e}" for name, error in solution.error().items()})
    print("conductivity at the right end:", solution(x=1.0)["k"])
