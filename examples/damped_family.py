"""A whole family of damped oscillators at once: u″ + 2ζu′ + u = 0 for every damping ζ between 0.1 and 0.9.

ζ is a coordinate of the solution. Truth: u = e^(−ζt) (cos ωt + ζ/ω sin ωt) with ω = √(1 − ζ²).
"""

import numpy as np
from sympy import Eq, Function, cos, exp, sin, sqrt, symbols

import collocate as co

t, zeta = symbols("t zeta")
u = Function("u")(t)
omega = sqrt(1 - zeta**2)

problem = co.Problem(
    Eq(u.diff(t, 2) + 2 * zeta * u.diff(t) + u, 0),
    domain=co.Time(t, 0, 6),
    conditions=[co.Initial(u, 1), co.Initial(u.diff(t), 0)],
    parameters=[co.Parameter(zeta, 0.1, 0.9)],
    reference=exp(-zeta * t) * (cos(omega * t) + zeta / omega * sin(omega * t)),
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"relative L2 error {solution.error():.1e}")
    print("u(3) for three dampings:", solution(t=3.0, zeta=np.array([0.1, 0.5, 0.9])))
