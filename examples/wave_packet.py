"""Two quantum waves on a ring: i h_t = −h_xx/2 for a complex field h = u + i v.

Each plane wave e^(ikx) turns with frequency k²/2: h = e^(i(x − t/2)) + ½ e^(i(2x − 2t)).
"""

from sympy import Eq, Function, I, cos, exp, pi, sin, symbols

import collocate as co

x, t = symbols("x t")
u, v = Function("u")(x, t), Function("v")(x, t)
h = u + I * v

problem = co.Problem(
    Eq(I * h.diff(t), -h.diff(x, 2) / 2),
    domain=co.Interval(x, 0, 2 * pi) * co.Time(t, 0, 2),
    conditions=[co.Initial(h, exp(I * x) + exp(2 * I * x) / 2), co.Periodic(h, x)],
    reference={
        u: cos(x - t / 2) + cos(2 * x - 2 * t) / 2,
        v: sin(x - t / 2) + sin(2 * x - 2 * t) / 2,
    },
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print("relative L2 errors", {name: f"{error:.1e}" for name, error in solution.error().items()})
    print("probability at the end, 5π/2:", solution.integrate(u**2 + v**2, t=2))
