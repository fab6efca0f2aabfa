"""Axis-aligned shapes: `Interval(x, -1, 1) * Time(t, 0, 1)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import number, symbol, to_tree
from collocate.expressions.printing import to_text
from collocate.geometry import rules
from collocate.geometry.boundary import Piece
from collocate.geometry.domain import Axis
from collocate.geometry.shape import Shape


class Cuboid(Shape):
    """An axis-aligned shape: lo ≤ x ≤ hi."""

    @cached_property
    def volume(self) -> float:
        return float(np.prod(self.box[:, 1] - self.box[:, 0]))

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(self._face(axis, side) for axis in range(self.dimension) for side in (-1, 1))

    def excess(self, points: np.ndarray) -> np.ndarray:
        return np.max(np.maximum(self.box[:, 0] - points, points - self.box[:, 1]), axis=1)

    def contains(self, points: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """Which points lie in the box, widened by `tolerance` times its extent in each coordinate: booleans (n,)."""
        slack = tolerance * (self.box[:, 1] - self.box[:, 0])
        return np.all((points >= self.box[:, 0] - slack) & (points <= self.box[:, 1] + slack), axis=1)

    def placed(self, unit: np.ndarray) -> np.ndarray:
        return _stretched(unit, self.box)

    def quadrature(self, count: int) -> rules.Rule:
        points, weights = rules.product(*[rules.gauss(count)] * self.dimension)
        return self.placed(points), weights

    def _face(self, number: int, side: int) -> Piece:
        axis = self.axes[number]
        exact = axis.upper if side > 0 else axis.lower
        others = np.delete(self.box, number, axis=0)

        def mapping(unit: np.ndarray) -> np.ndarray:
            return np.insert(_stretched(unit, others), number, float(exact), axis=1)

        def rule(count: int) -> rules.Rule:
            points, weights = rules.product(*[rules.gauss(count)] * len(others))
            return mapping(points), weights

        normal = np.where(np.arange(self.dimension) == number, float(side), 0.0)
        return Piece(
            name="",
            where=f"{axis.name} = {to_text(exact)}",
            dimension=len(others),
            size=float(np.prod(others[:, 1] - others[:, 0])),
            mapping=mapping,
            normal=lambda points: np.broadcast_to(normal, points.shape),
            rule=rule,
            face=(axis.name, side),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": type(self).__name__.lower(),
            "coordinates": [axis.name for axis in self.axes],
            "lower": [to_tree(axis.lower) for axis in self.axes],
            "upper": [to_tree(axis.upper) for axis in self.axes],
        }

    def __str__(self) -> str:
        return " × ".join(f"{axis.name} ∈ [{to_text(axis.lower)}, {to_text(axis.upper)}]" for axis in self.axes)


@dataclass(frozen=True, init=False)
class Interval(Cuboid):
    """a ≤ x ≤ b, of a space coordinate."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, lower: Any, upper: Any):
        object.__setattr__(self, "axes", _axes("Interval", (coordinate,), lower, upper))


@dataclass(frozen=True, init=False)
class Time(Cuboid):
    """a ≤ t ≤ b: the coordinate in which Initial conditions hold at a."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, start: Any, end: Any):
        object.__setattr__(self, "axes", _axes("Time", (coordinate,), start, end, role="time"))


@dataclass(frozen=True, init=False)
class Range(Cuboid):
    """lo ≤ ν ≤ hi, of a parameter of the problem (see `statement.Parameter`)."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, lower: Any, upper: Any):
        object.__setattr__(self, "axes", _axes("Parameter", (coordinate,), lower, upper, role="parameter"))


@dataclass(frozen=True, init=False)
class Rectangle(Cuboid):
    """lo ≤ (x, y) ≤ hi; the corners are pairs, or numbers used for both."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinates: Sequence[Any], lower: Any, upper: Any):
        expect_coordinates(coordinates, "Rectangle", "(x, y)", 2)
        object.__setattr__(self, "axes", _axes("Rectangle", coordinates, lower, upper))


@dataclass(frozen=True, init=False)
class Box(Cuboid):
    """lo ≤ (x, y, z, …) ≤ hi, of any number of coordinates; the corners are tuples, or numbers used for all."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinates: Sequence[Any], lower: Any, upper: Any):
        expect_coordinates(coordinates, "Box", "(x, y, z)", None)
        object.__setattr__(self, "axes", _axes("Box", coordinates, lower, upper))


def _stretched(unit: np.ndarray, box: np.ndarray) -> np.ndarray:
    return (1.0 - unit) * box[:, 0] + unit * box[:, 1]  # hits both bounds exactly


def expect_coordinates(coordinates: Any, shape: str, example: str, count: int | None) -> None:
    if not isinstance(coordinates, (tuple, list)) or not coordinates or (count and len(coordinates) != count):
        raise StatementError(f"{shape} takes its coordinates as a tuple {example}; got {coordinates!r}")


def _axes(shape: str, coordinates: Sequence[Any], lower: Any, upper: Any, role: str = "space") -> tuple[Axis, ...]:
    lowers, uppers = (_corner(shape, coordinates, corner) for corner in (lower, upper))
    return tuple(
        axis_of(shape, coordinate, a, b, role) for coordinate, a, b in zip(coordinates, lowers, uppers, strict=True)
    )


def _corner(shape: str, coordinates: Sequence[Any], corner: Any) -> list[Any]:
    if not isinstance(corner, (tuple, list, sympy.Tuple)):
        return [corner] * len(coordinates)
    if len(corner) != len(coordinates):
        raise StatementError(
            f"{shape} has {len(coordinates)} coordinates, its corner {tuple(corner)!r} has {len(corner)} numbers"
        )
    return list(corner)


def axis_of(shape: str, coordinate: Any, lower: Any, upper: Any, role: str) -> Axis:
    if not isinstance(coordinate, sympy.Symbol):
        hint = f"; {coordinate} is a field: give one of its coordinates" if isinstance(coordinate, AppliedUndef) else ""
        raise StatementError(f"{shape} needs a SymPy symbol as its coordinate; got {coordinate!r}{hint}")
    try:
        a = number(lower, f"{shape}: the lower bound of {coordinate}")
        b = number(upper, f"{shape}: the upper bound of {coordinate}")
    except ExpressionError as error:
        raise StatementError(str(error)) from error
    if not float(a) < float(b):
        swap = f"; write {shape}({coordinate}, {b}, {a})" if float(a) > float(b) else ""
        raise StatementError(f"{shape}: the lower bound of {coordinate}, {a}, isn't below the upper one, {b}{swap}")
    return Axis(symbol(coordinate.name), a, b, role)
