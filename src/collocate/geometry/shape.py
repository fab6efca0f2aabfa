"""What every shape can do, and the shapes that -, + and & make of two."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, ClassVar

import numpy as np
import sympy

from collocate.errors import StatementError, warn
from collocate.geometry import rules
from collocate.geometry.boundary import Piece
from collocate.geometry.domain import Axis, Factor

# Of the extent: how far from a boundary the two sides are tried, where a shape has nothing left, Sobol points.
_STEP, _NOTHING, _SAMPLES = 1e-9, 1e-9, 2**16
# How close the inside must be to a point on a boundary, and in how many directions it is looked for.
_NEARBY, _DIRECTIONS = 1e-7, 64


class Shape(Factor):
    """A closed set of one or more coordinates; `axes` are its coordinates with the bounding box.

    Points are (n, d); `placed` maps the unit cube (n, d) onto it, preserving volume, with rows of NaN for what falls
    outside; `pieces` are its boundary.
    """

    axes: tuple[Axis, ...]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return (self,)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    @cached_property
    def box(self) -> np.ndarray:
        """The bounding box (d, 2)."""
        return np.array([[float(axis.lower), float(axis.upper)] for axis in self.axes])

    @property
    def dimension(self) -> int:
        return len(self.axes)

    @cached_property
    def extent(self) -> float:
        """The longest side of the bounding box."""
        return float(np.max(self.box[:, 1] - self.box[:, 0]))

    @property
    @abstractmethod
    def volume(self) -> float: ...

    @property
    @abstractmethod
    def pieces(self) -> tuple[Piece, ...]: ...

    @abstractmethod
    def excess(self, points: np.ndarray) -> np.ndarray:
        """Negative inside, 0 on the boundary, positive outside, (n,); in size at most the distance to the boundary."""

    @abstractmethod
    def placed(self, unit: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def quadrature(self, count: int) -> rules.Rule:
        """Points and weights (summing to 1) with about `count` nodes a coordinate."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]: ...

    def contains(self, points: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """Which points (n, d) lie in the shape, widened by `tolerance` times its extent: booleans (n,)."""
        return self.excess(np.asarray(points, np.float64)) <= tolerance * self.extent

    def interior_points(self, unit: np.ndarray) -> np.ndarray:
        """Points of the unit cube (n, d) mapped into the shape; those that fall outside are dropped."""
        points = self.placed(np.asarray(unit, np.float64))
        return points[~np.isnan(points[:, 0])]

    def __sub__(self, other: Any) -> Shape:
        return Difference(self, self._operand(other, "-"))

    def __add__(self, other: Any) -> Shape:
        return Union(self, self._operand(other, "+"))

    def __and__(self, other: Any) -> Shape:
        return Intersection(self, self._operand(other, "&"))

    def _operand(self, other: Any, sign: str) -> Shape:
        if not isinstance(other, Shape):
            raise (
                self._refused(sign)
                if isinstance(other, Factor)
                else StatementError(
                    f"{sign} takes another shape of the same coordinates, like Rectangle((x, y), 0, 1) - "
                    f"Disk((x, y), (0, 0), 1); got {other!r}"
                )
            )
        if self.names != other.names:
            raise StatementError(
                f"{sign} takes two shapes of the same coordinates in the same order; got ({', '.join(self.names)}) "
                f"and ({', '.join(other.names)})"
            )
        if any(axis.role != "space" for axis in (*self.axes, *other.axes)):
            raise StatementError(
                f"{sign} is for shapes in space; a Time is multiplied on: (A {sign} B) * Time(t, 0, 1)"
            )
        return other


@dataclass(frozen=True)
class Combination(Shape):
    """Two shapes of the same coordinates, put together by a set operation.

    The boundary is what of both boundaries has the inside on one side and the outside on the other. In one and two
    dimensions its volume is ∮ x·n dS / d over clipped curves, to about 1e-8 where they cross at an angle; from three
    on the share of 2^16 Sobol points of the bounding box, to about 1e-3. Raises StatementError where nothing is left.
    """

    one: Shape
    other: Shape
    _sign: ClassVar[str]
    _why_empty: ClassVar[str]

    def __post_init__(self) -> None:
        empty = any(float(axis.lower) >= float(axis.upper) for axis in self.axes)
        if empty or not self.volume > _NOTHING * prod(self.box[:, 1] - self.box[:, 0]):
            raise StatementError(f"{self} is empty: {self._why_empty}")

    @cached_property
    def volume(self) -> float:
        if self.dimension > 2:
            return float(np.mean(self.excess(self._stretched(rules.sobol(_SAMPLES, self.dimension))) <= 0)) * float(
                prod(self.box[:, 1] - self.box[:, 0])
            )
        total = 0.0
        for piece in self.pieces:
            points, weights = piece.quadrature(40)
            flux = np.sum((points - self.box.mean(axis=1)) * piece.normals(points), axis=1)
            total += piece.measure * float(weights @ flux) / self.dimension
        return total

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        clipped = (
            piece.clip(lambda points, piece=piece, second=second: self._on_boundary(piece, points, second))
            for piece, second in self._all_pieces()
        )
        return tuple(piece for piece in clipped if piece.fraction > _NOTHING)

    def _all_pieces(self) -> Iterator[tuple[Piece, bool]]:
        yield from ((piece, False) for piece in self.one.pieces)
        yield from ((piece, True) for piece in self.other.pieces)

    def _on_boundary(self, piece: Piece, points: np.ndarray, second: bool) -> np.ndarray:
        """Where one side of the piece is inside and the other outside; where the two boundaries coincide the first's
        piece counts."""
        step = _STEP * self.extent * piece.normals(points)
        held = (self.excess(points - step) < 0) & (self.excess(points + step) > 0)
        return held & (np.abs(self.one.excess(points)) > 0.1 * _STEP * self.extent) if second else held

    def contains(self, points: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """Which points (n, d) lie in the shape, widened by `tolerance` times its extent: booleans (n,).

        Where the boundaries of the two shapes coincide a wall without an inside may be left, like the right end of
        [0, 1]² − [½, 1] × [0, 1]; so a point on a boundary counts only with a point inside close by.
        """
        points = np.asarray(points, np.float64)
        excess = self.excess(points)
        found = excess <= tolerance * self.extent
        step = max(_NEARBY, 10 * tolerance) * self.extent
        doubtful = found & (excess > -step)
        near = points[doubtful][:, None, :] + step * _directions(self.dimension)
        inside = self.excess(near.reshape(-1, self.dimension)) < 0
        found[doubtful] = inside.reshape(near.shape[:2]).any(axis=1)
        return found

    def placed(self, unit: np.ndarray) -> np.ndarray:
        points = self._stretched(unit)
        return np.where(self.contains(points)[:, None], points, np.nan)

    def _stretched(self, unit: np.ndarray) -> np.ndarray:
        return (1.0 - unit) * self.box[:, 0] + unit * self.box[:, 1]

    def quadrature(self, count: int) -> rules.Rule:
        """Equally weighted Sobol points: n of them miss a mean by about (1/n)^0.75, where other shapes' rules are exact
        to rounding."""
        share = self.volume / prod(self.box[:, 1] - self.box[:, 0])
        points = self.interior_points(rules.sobol(max(1, round(count**self.dimension / share)), self.dimension))
        return points, np.full(len(points), 1.0 / max(len(points), 1))

    def to_json(self) -> dict[str, Any]:
        return {"kind": type(self).__name__.lower(), "shapes": [self.one.to_json(), self.other.to_json()]}

    def __str__(self) -> str:
        return f"({self.one}) {self._sign} ({self.other})"


class Difference(Combination):
    """A − B: the points of A that don't lie inside B."""

    _sign = "∖"
    _why_empty = "the second shape covers the first"

    def __post_init__(self) -> None:
        super().__post_init__()
        # From three dimensions on a volume is not known closely enough to tell.
        same = self.dimension <= 2 and self.volume > (1.0 - _NOTHING) * self.one.volume
        (lows, highs), (other_lows, other_highs) = self.one.box.T, self.other.box.T
        if same or np.any((lows >= other_highs) | (other_lows >= highs)):
            warn(f"{self} is {self.one}: nothing of the subtracted shape lies in it")

    @property
    def axes(self) -> tuple[Axis, ...]:
        return self.one.axes

    def excess(self, points: np.ndarray) -> np.ndarray:
        return np.maximum(self.one.excess(points), -self.other.excess(points))

    def _all_pieces(self) -> Iterator[tuple[Piece, bool]]:
        yield from ((piece, False) for piece in self.one.pieces)
        yield from ((piece.flipped(), False) for piece in self.other.pieces)


class Union(Combination):
    """A + B: the points of A or B."""

    _sign = "∪"
    _why_empty = "both shapes are"

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(
            Axis(a.coordinate, _smaller(a.lower, b.lower), _larger(a.upper, b.upper))
            for a, b in zip(self.one.axes, self.other.axes, strict=True)
        )

    def excess(self, points: np.ndarray) -> np.ndarray:
        return np.minimum(self.one.excess(points), self.other.excess(points))


class Intersection(Combination):
    """A & B: the points of both."""

    _sign = "∩"
    _why_empty = "the shapes don't overlap"

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(
            Axis(a.coordinate, _larger(a.lower, b.lower), _smaller(a.upper, b.upper))
            for a, b in zip(self.one.axes, self.other.axes, strict=True)
        )

    def excess(self, points: np.ndarray) -> np.ndarray:
        return np.maximum(self.one.excess(points), self.other.excess(points))


def _directions(dimension: int) -> np.ndarray:
    """(m, d): scattered unit vectors."""
    vectors = np.random.default_rng(0).standard_normal((_DIRECTIONS, dimension))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _smaller(one: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
    return one if float(one) <= float(other) else other


def _larger(one: sympy.Expr, other: sympy.Expr) -> sympy.Expr:
    return one if float(one) >= float(other) else other
