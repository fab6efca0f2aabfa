"""The fixed points on which errors are measured; training never sees them (ZOO.md)."""

from __future__ import annotations

import numpy as np

from collocate.geometry import Domain
from collocate.sampling import unit_cube

SOBOL_POINTS = 20_000


def verification_points(domain: Domain) -> np.ndarray:
    """(n, d): 1-D 1,001; 1-D + time 256 × 101; 2-D 201 × 201; 2-D + time 101 × 101 × 21; else 20,000 Sobol points.

    A grid spans the bounding box; its points outside the domain are left out.
    """
    space, time = len(domain.space), int(domain.time is not None)
    counts = {(1, 0): [1001], (0, 1): [1001], (2, 0): [201, 201]}.get((space, time))
    if (space, time) == (1, 1):
        counts = [101 if name == domain.time else 256 for name in domain.names]
    if (space, time) == (2, 1):
        counts = [21 if name == domain.time else 101 for name in domain.names]
    if counts is None or domain.parameters:
        return _scattered(domain, SOBOL_POINTS, seed=0)
    return domain.grid_points(counts)


def display_points(domain: Domain) -> np.ndarray:
    """1,024 points (n, d) for the error shown during training."""
    return _scattered(domain, 1024, seed=1)


def _scattered(domain: Domain, count: int, seed: int) -> np.ndarray:
    return domain.sample(count, draw=lambda number, dimension: unit_cube("sobol", number, dimension, seed=seed))
