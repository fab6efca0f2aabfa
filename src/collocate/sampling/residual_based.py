"""Residual-based resampling: more points where the equation holds least.

    p_i ∝ |r_i|^k / mean(|r|^k) + c

Source: Wu, Zhu, Tan, Kartha & Lu, Comput. Methods Appl. Mech. Eng. 403 (2023) 115671, «RAD», equation 2.
"""

from __future__ import annotations

import numpy as np

from collocate.errors import TrainingError
from collocate.sampling.unit_cube import generator


def probabilities(magnitudes: np.ndarray, power: float = 1.0, floor: float = 1.0) -> np.ndarray:
    """Probability of each candidate from |r|, shape (n,); they add to one. All residuals zero gives equal ones."""
    magnitudes = np.asarray(magnitudes, np.float64)
    largest = magnitudes.max(initial=0.0)
    if not np.isfinite(largest):
        raise TrainingError(
            f"The residual is {largest} at a candidate point, so points cannot be drawn by it. Expected finite "
            "numbers: check the equation for divisions by zero inside the domain."
        )
    # Scaled before the power is taken, so that no residual underflows or overflows.
    weights = (magnitudes / largest) ** power if largest > 0 else np.ones_like(magnitudes)
    weights = weights / weights.mean() + floor
    return weights / weights.sum()


def resample(
    magnitudes: np.ndarray,
    count: int,
    *,
    seed: int,
    step: int,
    stream: int = 0,
    power: float = 1.0,
    floor: float = 1.0,
) -> np.ndarray:
    """Indices of ``count`` distinct candidates, drawn by ``probabilities``, shape (count,), in ascending order."""
    total = len(magnitudes)
    if count > total:
        raise TrainingError(f"{count} points were asked of {total} candidates. Give at least as many candidates.")
    chance = probabilities(magnitudes, power, floor)
    chosen = generator(seed, step, stream).choice(total, size=count, replace=False, p=chance)
    return np.sort(chosen)
