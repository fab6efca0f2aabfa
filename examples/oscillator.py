"""The ground state of the quantum oscillator, −u″ + x² u = E u: the energy E is found together with u.

The mean fixes the amplitude, which the equation leaves open. Truth: u = exp(−x²/2) and E = 1; at x = ±6, where u is set
to zero, it is 2e-8.
"""

from sympy import Eq, Function, exp, pi, sqrt, symbols

import collocate as co

x, E = symbols("x E")
u = Function("u")(x)

problem = co.Problem(
    Eq(-u.diff(x, 2) + x**2 * u, E * u),
    domain=co.Interval(x, -6, 6),
    conditions=[co.Dirichlet(u, 0), co.Mean(u, sqrt(2 * pi) / 12)],
    unknowns=[co.Unknown(E, 0.5)],
    reference=exp(-(x**2) / 2),
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"E = {solution.unknowns['E']:.6f}, relative L2 error {solution.error():.1e}")
