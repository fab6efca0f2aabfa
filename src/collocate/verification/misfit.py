"""How measured values are met: whether what is left is noise, or says that something is wrong.

Two tests. Where σ is known, χ² = mean (misfit/σ)² is one within √(2/n) for noise of that size. And noise has no
memory: over the pairs (i, j) of neighbouring points,

    z = Σ e_i e_j / √(Σ e_i² e_j²),   e = misfit/σ,

has mean 0 and variance 1 for independent noise of mean 0, whatever its distribution; a curve that runs past the data
on one side for a while makes it large. Source: P. A. P. Moran, Biometrika 37 (1950), doi:10.1093/biomet/37.1-2.17.

Where training was told of outliers (by `co.Huber` or `co.MeanAbsolute`), those are put aside first: what lies beyond
four standard deviations, as told by the median, 1.4826 · median |e|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from collocate.solution.measure import BY_MEDIAN

# Neighbours of each point, how few points tell nothing, and how many standard deviations are no chance.
NEIGHBOURS, FEWEST, UNLIKELY = 3, 16, 4.0


@dataclass(frozen=True)
class Misfit:
    """rms: root mean square misfit over the size of what was measured. chi_squared: a point's, None where no σ is
    known. trend: z above, None for too few points. outliers: how many points were put aside, and are not in `points`.
    """

    name: str
    points: int
    rms: float
    chi_squared: float | None
    trend: float | None
    outliers: int = 0

    @property
    def too_large(self) -> bool:
        """More than σ explains."""
        limit = 1.0 + UNLIKELY * math.sqrt(2.0 / self.points)
        return self.chi_squared is not None and not self.chi_squared <= limit

    @property
    def has_trend(self) -> bool:
        return self.trend is not None and not self.trend <= UNLIKELY

    @property
    def is_noise(self) -> bool:
        """Nothing speaks against it, and something was there to tell by: σ, or points enough."""
        told = self.chi_squared is not None or self.trend is not None
        return told and math.isfinite(self.rms) and not self.too_large and not self.has_trend


def misfit(
    name: str, places: np.ndarray, rows: np.ndarray, sigma: np.ndarray | None, size: float, robust: bool = False
) -> Misfit:
    """Of the misfits `rows` (n,) at `places` (n, d), mapped to the unit cube; without outliers where it is `robust`."""
    scaled = rows if sigma is None else rows / sigma
    near = ~(np.abs(scaled) > (UNLIKELY * BY_MEDIAN * np.median(np.abs(scaled)) if robust else np.inf))
    chi_squared = None if sigma is None else float(np.mean(scaled[near] ** 2))
    rms = float(np.sqrt(np.mean(rows[near] ** 2))) / size
    return Misfit(name, int(near.sum()), rms, chi_squared, _trend(places[near], scaled[near]), int((~near).sum()))


def _trend(places: np.ndarray, errors: np.ndarray) -> float | None:
    if len(errors) < FEWEST:
        return None
    _, near = KDTree(places).query(places, NEIGHBOURS + 1)
    pairs = np.stack([np.repeat(np.arange(len(errors)), NEIGHBOURS + 1), near.ravel()], axis=1)
    pairs = np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0)
    products = errors[pairs[:, 0]] * errors[pairs[:, 1]]
    size = float(np.sqrt(np.sum(products**2)))
    return float(np.sum(products)) / size if size > 0 else 0.0
