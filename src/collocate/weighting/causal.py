"""Causal weights: a stretch of time counts once those before it are solved.

    w_i = exp(−ε Σ_{k<i} L_k),      μ_n² = w_i for the points of the i-th chunk of time

L_k is the mean squared residual of the equations over the k-th chunk.

ε takes the next of its values when the least w_i exceeds δ.

Source: Wang, Sankaran & Perdikaris, arXiv:2203.07404, equation 16 and algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar

import numpy as np

from collocate.errors import PlanError
from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class Causal:
    """chunks: equal stretches of time; tolerances: the values of ε, ascending; threshold: δ.

    The conditions keep weight 1.
    """

    name: ClassVar[str] = "causal"
    by_row: ClassVar[bool] = True
    remembers: ClassVar[bool] = False

    chunks: int = 32
    tolerances: tuple[float, ...] = (1e-2, 1e-1, 1.0, 10.0, 100.0)
    threshold: float = 0.99
    every: int = 1

    def __post_init__(self) -> None:
        require(self, chunks=(2, np.inf), threshold=(0.0, 1.0), every=(1, np.inf))
        given: Any = self.tolerances
        several = isinstance(given, Sequence | np.ndarray) and len(given) > 0
        numeric = several and all(isinstance(each, Real) and 0 < float(each) < np.inf for each in given)
        if not numeric or list(given) != sorted(given):
            raise PlanError(f"Causal: tolerances must be positive and ascend, like (0.01, 1, 100); got {given!r}")
        object.__setattr__(self, "tolerances", tuple(given))

    def init(self) -> State:
        return {"rows": {}, "stage": 0}

    def update(self, state: State, seen: Measurements) -> State:
        chunk = np.clip((seen.elapsed() * self.chunks).astype(int), 0, self.chunks - 1)
        residuals = seen.residuals()
        squares = np.sum([residuals[name] ** 2 for name in seen.equations], axis=0)
        weights = causal_weights(squares, chunk, self.chunks, self.tolerances[state["stage"]])
        last = len(self.tolerances) - 1
        stage = min(state["stage"] + 1, last) if weights.min() > self.threshold else state["stage"]
        return {"rows": {name: np.sqrt(weights[chunk]) for name in seen.equations}, "stage": stage}


def causal_weights(squares: np.ndarray, chunk: np.ndarray, chunks: int, tolerance: float) -> np.ndarray:
    """w (chunks,) from the squared residual and the chunk of each point; a chunk without points has L = 0."""
    counts = np.bincount(chunk, minlength=chunks)
    losses = np.bincount(chunk, weights=squares, minlength=chunks) / np.maximum(counts, 1)
    earlier = np.concatenate([[0.0], np.cumsum(losses)[:-1]])
    # A weight of zero would leave no descent at all where the first chunk has no points.
    return np.maximum(np.exp(-tolerance * earlier), 1e-12)
