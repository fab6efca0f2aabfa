"""Weights that are given and stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class Fixed:
    """w_m as given, 1 for a term that is not named. `weights` has the names of the plan's terms."""

    name: ClassVar[str] = "fixed"
    by_row: ClassVar[bool] = False
    remembers: ClassVar[bool] = False
    every: ClassVar[int] = 2**62

    weights: Mapping[str, float]

    def init(self) -> State:
        return {"terms": {name: float(weight) for name, weight in self.weights.items()}}

    def update(self, state: State, seen: Measurements) -> State:
        return state
