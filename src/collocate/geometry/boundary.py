"""Pieces of a shape's boundary: faces, circles, spheres, edges, and what set operations leave of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from collocate.geometry import rules
from collocate.geometry.intervals import intervals, middles

Points = Callable[[np.ndarray], np.ndarray]
WHOLE = ((0.0, 1.0),)
_SAMPLES = 2**14


@dataclass(frozen=True, eq=False)
class Piece:
    """A smooth piece of a boundary in d dimensions, of dimension k = d − 1.

    mapping: unit cube (n, k) → points (n, d), preserving area; normal: points (n, d) → outward unit normals (n, d).
    face: (coordinate, side) of a flat face across a coordinate, which the domain names; else `name` is its name.
    size: the area of the whole mapping. A set operation clips it: a curve (k = 1) to `arcs` of its parameter, found
    by bisection, anything else by `keep`, with `fraction` of its area left (by 2^14 Sobol points).
    """

    name: str
    where: str
    dimension: int
    size: float
    mapping: Points
    normal: Points
    rule: Callable[[int], rules.Rule]
    face: tuple[str, int] | None = None
    inner: bool = False
    clipped: bool = False
    arcs: tuple[tuple[float, float], ...] = WHOLE
    keep: Callable[[np.ndarray], np.ndarray] | None = None
    fraction: float = 1.0

    @property
    def measure(self) -> float:
        return self.size * self.fraction

    def placed(self, unit: np.ndarray) -> np.ndarray:
        """Points (n, d) of the unit cube (n, k) on the piece; rows of NaN for what is clipped away."""
        if self.dimension == 1:
            return self.mapping(self._on_arcs(unit[:, 0])[:, None])
        points = self.mapping(unit)
        return points if self.keep is None else np.where(self.keep(points)[:, None], points, np.nan)

    def normals(self, points: np.ndarray) -> np.ndarray:
        """Unit normals (n, d) that point out of the domain."""
        return -self.normal(points) if self.inner else self.normal(points)

    def quadrature(self, count: int) -> rules.Rule:
        """About `count` nodes a direction: exact to rounding for smooth functions, but equally weighted Sobol points
        on a clipped surface."""
        if self.dimension == 1 and self.arcs != WHOLE:
            nodes, weights = rules.gauss(count)
            lengths = np.array([high - low for low, high in self.arcs])
            unit = np.concatenate([low + (high - low) * nodes for low, high in self.arcs])
            return self.mapping(unit[:, None]), np.concatenate([weights * share for share in lengths / lengths.sum()])
        if self.keep is None:
            return self.rule(count)
        points = self.placed(rules.sobol(int(count**self.dimension / self.fraction), self.dimension))
        points = points[~np.isnan(points[:, 0])]
        return points, np.full(len(points), 1.0 / len(points))

    def flipped(self) -> Piece:
        """The same piece as the boundary of a hole."""
        return replace(self, inner=not self.inner)

    def clip(self, keep: Callable[[np.ndarray], np.ndarray]) -> Piece:
        """What is left where `keep(points)` holds; `fraction` is 0 where nothing is."""
        if self.dimension == 1:
            # At the ends of an arc, corners for instance, `keep` may go either way: it is not asked there.
            found = (
                intervals(lambda parameter: keep(self.mapping(parameter[:, None])), middles(*arc), *arc)
                for arc in self.arcs
            )
            arcs = tuple(chain.from_iterable(found))
            return replace(self, clipped=True, arcs=arcs, fraction=float(sum(high - low for low, high in arcs)))
        earlier = self.keep
        both = keep if earlier is None else lambda points: earlier(points) & keep(points)
        samples = self.mapping(rules.sobol(_SAMPLES, self.dimension) if self.dimension else np.zeros((1, 0)))
        held = both(samples)
        return replace(self, clipped=True, keep=None if held.all() else both, fraction=float(held.mean()))

    def _on_arcs(self, parameter: np.ndarray) -> np.ndarray:
        if self.arcs == WHOLE:
            return parameter
        lengths = np.array([high - low for low, high in self.arcs])
        starts = np.concatenate([[0.0], np.cumsum(lengths)])
        travelled = parameter * starts[-1]
        arc = np.clip(np.searchsorted(starts, travelled, side="right") - 1, 0, len(lengths) - 1)
        return np.array([low for low, _ in self.arcs])[arc] + travelled - starts[arc]
