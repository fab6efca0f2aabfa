"""Weights by the trace of the neural tangent kernel: all terms are to be learnt at one rate.

    w_m = Σ_k tr K_k / tr K_m,      tr K_m = mean_n ‖∂r_n/∂θ‖² over the rows of term m

Source: Wang, Yu & Perdikaris, J. Comput. Phys. 449 (2022) 110768, arXiv:2007.14527, equation 6.5; here with means in
place of sums, as in the loss, so that the number of points does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class NTK:
    """Each update takes the whole Jacobian: as much memory as a Gauss-Newton step, rows × parameters."""

    name: ClassVar[str] = "ntk"
    by_row: ClassVar[bool] = False
    remembers: ClassVar[bool] = False

    every: int = 100

    def __post_init__(self) -> None:
        require(self, every=(1, np.inf))

    def init(self) -> State:
        return {"terms": {}}

    def update(self, state: State, seen: Measurements) -> State:
        traces = seen.traces()
        total = sum(traces.values())
        weights = {name: total / trace for name, trace in traces.items() if trace > 0 and np.isfinite(total / trace)}
        return {"terms": {**state["terms"], **weights}}
