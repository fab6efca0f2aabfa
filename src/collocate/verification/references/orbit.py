"""Systems of ordinary differential equations to nearly full double precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.integrate import solve_ivp

from collocate.errors import TrainingError

Orbit = Callable[[np.ndarray], np.ndarray]


def integrate(field: Callable[[float, np.ndarray], np.ndarray], start: Sequence[float], end: float) -> Orbit:
    """Solution z(t) on [0, end] of z′ = field(t, z), z(0) = start: times of any shape → (components, *shape).

    DOP853 at a relative tolerance of 1e-13, between its steps by its dense output of order 7.

    Raises:
        TrainingError: the steps became too small to reach `end`.

    Source: Hairer, Nørsett & Wanner, "Solving Ordinary Differential Equations I", 2nd ed. (1993), section II.10.
    """
    solved = solve_ivp(field, (0.0, end), start, method="DOP853", rtol=1e-13, atol=1e-15, dense_output=True)
    if not solved.success:
        raise TrainingError(f"the reference integration stopped at t = {solved.t[-1]:g} of {end:g}: {solved.message}")

    def orbit(t: np.ndarray) -> np.ndarray:
        t = np.asarray(t, dtype=float)
        return solved.sol(t.ravel()).reshape(-1, *t.shape)

    return orbit
