"""Pieces of a shape's boundary: faces, circles, spheres, edges, and what set operations leave of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from collocate.geometry import rules

Points = Callable[[np.ndarray], np.ndarray]
WHOLE = ((0.0, 1.0),)
_SAMPLES = 2**14
_CELLS, _BISECTIONS = 2048, 50


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
            arcs = _clipped_arcs(self.arcs, lambda parameter: keep(self.mapping(parameter[:, None])))
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


def _clipped_arcs(
    arcs: tuple[tuple[float, float], ...], keep: Callable[[np.ndarray], np.ndarray]
) -> tuple[tuple[float, float], ...]:
    """The intervals of the parameter where `keep` holds: changes seen on 2,048 cells an arc, located by bisection."""
    found: list[tuple[float, float]] = []
    for low, high in arcs:
        middles = low + (high - low) * (np.arange(_CELLS) + 0.5) / _CELLS
        held = keep(middles)
        changes = np.flatnonzero(held[1:] != held[:-1])
        left, right = middles[changes], middles[changes + 1]
        for _ in range(_BISECTIONS):
            middle = 0.5 * (left + right)
            same = keep(middle) == held[changes]
            left, right = np.where(same, middle, left), np.where(same, right, middle)
        ends = [*([low] if held[0] else []), *left.tolist(), *([high] if held[-1] else [])]
        found += zip(ends[::2], ends[1::2], strict=True)
    return tuple(found)
