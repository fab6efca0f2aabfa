"""A pendulum let go at 143 degrees: a″ = −sin a. Solved slab after slab in time, as every initial value problem is.

Truth: a = 2 arcsin(k cd(t, k²)) with k = sin(a₀/2), by SciPy's Jacobi elliptic functions.
"""

import numpy as np
from scipy.special import ellipj
from sympy import Eq, Function, sin, symbols

import collocate as co

t = symbols("t")
a = Function("a")(t)
start = 2.5


def truth(t: np.ndarray) -> np.ndarray:
    k = np.sin(start / 2)
    _, cn, dn, _ = ellipj(t, k**2)
    return 2 * np.arcsin(k * cn / dn)


problem = co.Problem(
    Eq(a.diff(t, 2), -sin(a)),
    domain=co.Time(t, 0, 10),
    conditions=[co.Initial(a, start), co.Initial(a.diff(t), 0)],
    reference=truth,
)

if __name__ == "__main__":
    solution = co.solve(problem)
    print(f"{len(solution.slabs)} slabs, relative L2 error {solution.error():.1e}")
    speed = solution.at(a.diff(t), t=np.linspace(0, 10, 1001))
    print("largest speed:", np.abs(speed).max(), "from its energy:", np.sqrt(2 * (1 - np.cos(start))))
