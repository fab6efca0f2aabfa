"""Misfits that outliers do not rule, by iteratively reweighted least squares: μ_n² = ϱ′(r_n)/r_n.

    Huber(δ)              ϱ = r²/2 where |r| ≤ δ, else δ (|r| − δ/2)       μ² = min(1, δ/|r|)
    MeanAbsolute(floor)   ϱ = |r|                                          μ² = 1/max(|r|, floor)

With the weights of the current residual the gradient of the weighted squares is that of ϱ; their value is not: it
counts an outlier half. So what is judged is `squares`, 2ϱ, which is r² where nothing is an outlier.

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

    def squares(self, rows: np.ndarray, scale: float) -> np.ndarray:
        """2ϱ/scale² of rows r/scale."""
        size, threshold = np.abs(rows), self.threshold / scale
        return np.where(size <= threshold, size**2, threshold * (2.0 * size - threshold))


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

    def squares(self, rows: np.ndarray, scale: float) -> np.ndarray:
        """2ϱ of rows r/scale."""
        size = np.abs(rows)
        return np.where(size <= self.floor, size**2 / self.floor, 2.0 * size - self.floor)


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
        residuals, rows = seen.residuals(), {}
        for name in self.misfits:
            rows[name] = np.sqrt(self.misfit(name).squared_multipliers(residuals[name], seen.scales[name]))
        return {"rows": rows}

    def squares(self, name: str, rows: np.ndarray, scale: float) -> np.ndarray:
        """2ϱ of the rows r/scale of one term, their squares where it has no misfit of its own."""
        return self.misfit(name).squares(rows, scale) if name in self.misfits else rows**2

    def misfit(self, name: str) -> Huber | MeanAbsolute:
        """That of a term which has one of its own."""
        options = dict(self.misfits[name])
        return MISFITS[options.pop("kind")](**options)
