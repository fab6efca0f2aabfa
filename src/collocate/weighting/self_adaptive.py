"""Self-adaptive weights: the loss is a saddle, least in the parameters and largest in the weights.

    μ_n ← μ_n + η ∂/∂μ_n [½ Σ_k μ_k² r_k²] = μ_n (1 + η r_n²)

Source: McClenny & Braga-Neto, J. Comput. Phys. 474 (2023) 111722, arXiv:2009.04544, equations 8 to 11 with the mask
m(λ) = λ²; the sum, not the mean, is climbed, so that the number of points does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class SelfAdaptive:
    """rate: η. largest: where μ stops to grow, since the ascent has no end of its own."""

    name: ClassVar[str] = "self_adaptive"
    by_row: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    rate: float = 5e-3
    largest: float = 1e3
    every: int = 1

    def __post_init__(self) -> None:
        require(self, rate=(1e-300, np.inf), largest=(1.0, np.inf), every=(1, np.inf))

    def init(self) -> State:
        return {"rows": {}}

    def update(self, state: State, seen: Measurements) -> State:
        rows = {}
        for name, residual in seen.residuals().items():
            before = state["rows"].get(name, np.ones_like(residual))
            climbed = before * (1.0 + self.rate * residual**2)
            rows[name] = np.where(np.isfinite(climbed), np.minimum(climbed, self.largest), self.largest)
        return {"rows": rows}
