"""Points in the unit cube as a pure function of (rule, count, dimension, seed, step, stream).

Nothing is kept between calls, so training resumes with exactly the points that it would have had.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import qmc

from collocate.errors import PlanError


def generator(seed: int, step: int, stream: int) -> np.random.Generator:
    """An independent generator for every (seed, step, stream)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, step)))


def _uniform(count: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random((count, dimension))


def _latin_hypercube(count: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    return qmc.LatinHypercube(dimension, rng=rng).random(count)


def _sobol(count: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    # Drawn to the next power of two and cut: any prefix of a scrambled sequence is itself low-discrepancy.
    return qmc.Sobol(dimension, scramble=True, rng=rng).random_base2(max(count - 1, 0).bit_length())[:count]


def _halton(count: int, dimension: int, rng: np.random.Generator) -> np.ndarray:
    return qmc.Halton(dimension, scramble=True, rng=rng).random(count)


SAMPLERS: dict[str, Callable[[int, int, np.random.Generator], np.ndarray]] = {
    "uniform": _uniform,
    "latin_hypercube": _latin_hypercube,
    "sobol": _sobol,
    "halton": _halton,
}


def unit_cube(rule: str, count: int, dimension: int, *, seed: int, step: int = 0, stream: int = 0) -> np.ndarray:
    """Points of shape (count, dimension) in [0, 1)."""
    if rule not in SAMPLERS:
        raise PlanError(f"No sampling rule is called {rule!r}. Expected one of: {', '.join(sorted(SAMPLERS))}.")
    return SAMPLERS[rule](count, dimension, generator(seed, step, stream))
