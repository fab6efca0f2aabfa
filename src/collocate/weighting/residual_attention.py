"""Residual-based attention: rows whose residual stays large come to weigh more.

    μ_n ← γ μ_n + η |r_n| / max_k |r_k|,      so 0 ≤ μ ≤ η / (1 − γ)

Source: Anagnostopoulos, Toscano, Stergiopulos & Karniadakis, Comput. Methods Appl. Mech. Eng. 421 (2024) 116805,
arXiv:2307.00379, equation 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class ResidualAttention:
    """decay: γ; rate: η; start: μ before the first update."""

    name: ClassVar[str] = "residual_attention"
    by_row: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    decay: float = 0.999
    rate: float = 0.01
    start: float = 0.0
    every: int = 1

    def __post_init__(self) -> None:
        require(self, decay=(0.0, 1.0), rate=(1e-300, np.inf), start=(0.0, np.inf), every=(1, np.inf))

    def init(self) -> State:
        return {"rows": {}}

    def update(self, state: State, seen: Measurements) -> State:
        rows = {}
        for name, residual in seen.residuals().items():
            size = np.abs(residual)
            largest = size.max(initial=0.0)
            share = size / largest if 0 < largest < np.inf else np.ones_like(size)
            rows[name] = self.decay * state["rows"].get(name, np.full(size.shape, self.start)) + self.rate * share
        return {"rows": rows}
