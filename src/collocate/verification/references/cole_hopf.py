"""Burgers' equation on the whole line by the Cole-Hopf transform and Gauss-Hermite quadrature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import roots_hermite

from collocate.errors import TrainingError

ArrayFunction = Callable[[np.ndarray], np.ndarray]

_MOST_NODES = 2048


def cole_hopf(
    x: np.ndarray,
    t: np.ndarray,
    *,
    viscosity: float,
    initial: ArrayFunction,
    potential: ArrayFunction,
    tolerance: float = 1e-13,
) -> np.ndarray:
    """Solution of u_t + u u_x = ν u_xx on the line from u(x, 0) = u₀(x), at points x, t ≥ 0 (broadcast).

    With Φ′ = u₀ (the potential) and s = x − 2√(νt) ξ, the transform u = −2ν (log φ)_x gives

        u(x, t) = ∫ u₀(s) e^{−Φ(s)/2ν} e^{−ξ²} dξ / ∫ e^{−Φ(s)/2ν} e^{−ξ²} dξ,

    a mean of u₀. Its weights are normalised by logarithms, so that a small ν does not overflow. Nodes are doubled until
    no value moves by more than `tolerance`.

    Raises:
        TrainingError: not settled with 2,048 nodes (ν too small, or data too rough).

    Source: Hopf, Comm. Pure Appl. Math. 3 (1950), doi:10.1002/cpa.3160030302; Basdevant et al., Computers & Fluids 14
    (1986), doi:10.1016/0045-7930(86)90036-8.
    """
    x, t = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(t, dtype=float))

    def quadrature(nodes: int) -> np.ndarray:
        places, weights = roots_hermite(nodes)
        kept = weights > 0  # the outermost underflow
        largest, total, moment = np.full(x.shape, -np.inf), np.zeros(x.shape), np.zeros(x.shape)
        for place, logarithm in zip(places[kept], np.log(weights[kept]), strict=True):
            s = x - 2 * np.sqrt(viscosity * t) * place
            exponent = logarithm - potential(s) / (2 * viscosity)
            peak = np.maximum(largest, exponent)
            old, new = np.exp(largest - peak), np.exp(exponent - peak)
            total, moment, largest = old * total + new, old * moment + new * initial(s), peak
        return moment / total

    nodes, values = 64, quadrature(32)
    while nodes <= _MOST_NODES:
        previous, values = values, quadrature(nodes)
        if np.abs(values - previous).max(initial=0.0) <= tolerance:
            return values
        nodes *= 2
    raise TrainingError(f"Cole-Hopf quadrature still moves by more than {tolerance:g} with {_MOST_NODES} nodes")
