"""The method of lines: Chebyshev collocation in space, LSODA in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from collocate.errors import TrainingError
from collocate.verification.references.chebyshev import Axis, Bounds
from collocate.verification.references.refinement import refined


@dataclass(frozen=True)
class Lines:
    """u(x, t): a polynomial in x for each time; in t the integrator's own interpolant."""

    axis: Axis
    values: Callable[[np.ndarray], np.ndarray]

    def __call__(self, x: Any, t: Any) -> np.ndarray:
        x, t = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(t, dtype=float))
        instants, when = np.unique(t.ravel(), return_inverse=True)
        found = np.einsum("nk,kn->n", self.axis.rows(x.ravel()), self.values(instants)[:, when])
        return found.reshape(x.shape)


def by_lines(
    rate: Callable[..., Any],
    bounds: Bounds,
    end: float,
    *,
    initial: Callable[[np.ndarray], Any],
    ends: Callable[[float], tuple[float, float]],
    tolerance: float = 1e-8,
    most: int = 256,
) -> Lines:
    """u_t = rate(x, t, u, u_x, u_xx) on `bounds`, t ≤ `end`, from u = initial(x), with the values ends(t) at both ends.

    LSODA (Adams' formulas, or backward differences once it is stiff) at a hundredth of the tolerance, with 8, 16, …
    points in space; both are made finer until two answers agree. In between its steps its own formulas interpolate.

    Raises TrainingError where they don't, or the integrator stops.
    Source: Petzold, SIAM J. Sci. Stat. Comput. 4 (1983), doi:10.1137/0904010.
    """

    def solve(count: int) -> Lines:
        axis = Axis.of(*bounds, count)
        second = axis.matrix @ axis.matrix

        def whole(t: float, inner: np.ndarray) -> np.ndarray:
            low, high = ends(t)
            return np.concatenate([[low], inner, [high]])

        def change(t: float, inner: np.ndarray) -> np.ndarray:
            u = whole(t, inner)
            return np.asarray(rate(axis.nodes, t, u, axis.matrix @ u, second @ u))[1:-1]

        start = np.asarray(initial(axis.nodes), dtype=float)[1:-1]
        fine = tolerance / 100 * 8 / count
        solved = solve_ivp(
            change, (0.0, end), start, method="LSODA", rtol=max(fine, 3e-13), atol=fine, dense_output=True
        )
        if not solved.success:
            raise TrainingError(f"the method of lines stopped at t = {solved.t[-1]:g} of {end:g}: {solved.message}")

        def values(times: np.ndarray) -> np.ndarray:
            inner = solved.sol(times)
            edges = np.array([ends(float(t)) for t in times]).T
            return np.concatenate([edges[:1], inner, edges[1:]])

        return Lines(axis, values)

    x, t = np.meshgrid(np.linspace(*bounds, 101), np.linspace(0, end, 23), indexing="ij")
    return refined(solve, lambda u: u(x, t), first=8, most=most, tolerance=tolerance, what="the method of lines")
