"""Misfits that outliers do not rule, by iteratively reweighted least squares: μ_n² = ϱ′(r_n)/r_n.

    Huber(δ)              ϱ = r²/2 where |r| ≤ δ, else δ (|r| − δ/2)       μ² = min(1, δ/|r|)
    MeanAbsolute(floor)   ϱ = |r|                                          μ² = 1/max(|r|, floor)

With the weights of the current residual the gradient of the weighted squares is that of ϱ.

Sources: Huber, Ann. Math. Stat. 35 (1964) 73; Holland & Welsch, Commun. Stat. A 6 (1977) 813.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from collocate.weighting.options import require
from collocate.weighting.protocol import Measurements, State


@dataclass(frozen=True)
class Huber:
    """threshold: δ, in the units of the residual: of the field, for data."""

    kind: ClassVar[str] = "huber"

    threshold: float

    def __post_init__(self) -> None:
        require(self, threshold=(1e-300, np.inf))

    def squared_multipliers(self, rows: np.ndarray, scale: float) -> np.ndarray:
        """μ² of rows r/scale."""
        return np.minimum(1.0, self.threshold / np.maximum(scale * np.abs(rows), 1e-300))


@dataclass(frozen=True)
class MeanAbsolute:
    """floor: the |r| below which squares are taken, as a share of the term's scale."""

    kind: ClassVar[str] = "mean_absolute"

    floor: float = 1e-3

    def __post_init__(self) -> None:
        require(self, floor=(1e-12, np.inf))

    def squared_multipliers(self, rows: np.ndarray, scale: float) -> np.ndarray:
        """μ² of rows r/scale; it is taken of r/scale, whatever the scale."""
        return 1.0 / np.maximum(np.abs(rows), self.floor)


MISFITS: dict[str, type[Huber] | type[MeanAbsolute]] = {Huber.kind: Huber, MeanAbsolute.kind: MeanAbsolute}


@dataclass(frozen=True)
class Robust:
    """misfits: {term: {"kind": …, options}}."""

    name: ClassVar[str] = "robust"
    by_row: ClassVar[bool] = True
    remembers: ClassVar[bool] = False

    misfits: Mapping[str, Mapping[str, Any]]
    every: int = 1

    def init(self) -> State:
        return {"rows": {}}

    def update(self, state: State, seen: Measurements) -> State:
        residuals = seen.residuals()
        squares = {name: self.squared_multipliers(name, residuals[name], seen.scales[name]) for name in self.misfits}
        return {"rows": {name: np.sqrt(square) for name, square in squares.items()}}

    def squared_multipliers(self, name: str, rows: np.ndarray, scale: float) -> np.ndarray:
        """μ² of the rows r/scale of one term, 1 where it has no misfit of its own."""
        if name not in self.misfits:
            return np.ones_like(rows)
        options = dict(self.misfits[name])
        return MISFITS[options.pop("kind")](**options).squared_multipliers(rows, scale)
