"""Weights that bring the gradients of all terms to one size.

    ŵ_m = max_j |∂L_e/∂θ_j| / mean_j |∂L_m/∂θ_j|,      w_m ← α w_m + (1 − α) ŵ_m

L_e is the loss of the equations, whose own weights stay 1.

Source: Wang, Teng & Perdikaris, SIAM J. Sci. Comput. 43 (2021) A3055, arXiv:2001.04536, algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class GradientNorm:
    """memory: α, the share of the old weight that is kept; the first weights are ŵ."""

    name: ClassVar[str] = "gradient_norm"
    by_row: ClassVar[bool] = False
    remembers: ClassVar[bool] = False

    memory: float = 0.9
    every: int = 10

    def __post_init__(self) -> None:
        require(self, memory=(0.0, 1.0), every=(1, np.inf))

    def init(self) -> State:
        return {"terms": {}}

    def update(self, state: State, seen: Measurements) -> State:
        gradients = seen.gradients()
        if not seen.equations or len(seen.equations) == len(seen.terms):
            return state
        largest = float(np.abs(sum(gradients[name] for name in seen.equations)).max())
        terms = dict(state["terms"])
        for name in seen.terms:
            mean = float(np.abs(gradients[name]).mean())
            if name in seen.equations or not (np.isfinite(largest / mean) if mean > 0 else False) or largest == 0:
                continue
            balanced = largest / mean
            terms[name] = self.memory * terms[name] + (1 - self.memory) * balanced if name in terms else balanced
        return {"terms": terms}
