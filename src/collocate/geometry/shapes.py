"""The shapes that a domain is a product of: `Interval(x, -1, 1) * Time(t, 0, 1)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, NotYetError, StatementError
from collocate.expressions import from_tree, number, symbol
from collocate.geometry.domain import Axis, Domain, Shape


@dataclass(frozen=True, init=False)
class Interval(Shape):
    """a ≤ x ≤ b, of a space coordinate."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, lower: Any, upper: Any):
        object.__setattr__(self, "axes", _axes("Interval", (coordinate,), lower, upper))


@dataclass(frozen=True, init=False)
class Time(Shape):
    """a ≤ t ≤ b: the coordinate in which Initial conditions hold at a."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, start: Any, end: Any):
        object.__setattr__(self, "axes", _axes("Time", (coordinate,), start, end, role="time"))


@dataclass(frozen=True, init=False)
class Range(Shape):
    """lo ≤ ν ≤ hi, of a parameter of the problem (see `statement.Parameter`)."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinate: Any, lower: Any, upper: Any):
        object.__setattr__(self, "axes", _axes("Parameter", (coordinate,), lower, upper, role="parameter"))


@dataclass(frozen=True, init=False)
class Rectangle(Shape):
    """lo ≤ (x, y) ≤ hi; the corners are pairs, or numbers used for both."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinates: Sequence[Any], lower: Any, upper: Any):
        _expect(coordinates, "Rectangle", "(x, y)", 2)
        object.__setattr__(self, "axes", _axes("Rectangle", coordinates, lower, upper))


@dataclass(frozen=True, init=False)
class Box(Shape):
    """lo ≤ (x, y, z, …) ≤ hi, of any number of coordinates; the corners are tuples, or numbers used for all."""

    axes: tuple[Axis, ...] = field()

    def __init__(self, coordinates: Sequence[Any], lower: Any, upper: Any):
        _expect(coordinates, "Box", "(x, y, z)", None)
        object.__setattr__(self, "axes", _axes("Box", coordinates, lower, upper))


class _Later:
    """A documented shape that a later release fills."""

    def __init__(self, *arguments: Any, **options: Any):
        raise NotYetError(
            f"{type(self).__name__} comes with a later release; for now a domain is a product (*) of "
            "Interval, Rectangle, Box and Time"
        )


class Disk(_Later):
    """A disk of given center and radius."""


class Ball(_Later):
    """A ball of given center and radius."""


class Polygon(_Later):
    """A polygon of given vertices."""


def _expect(coordinates: Any, shape: str, example: str, count: int | None) -> None:
    if not isinstance(coordinates, (tuple, list)) or not coordinates or (count and len(coordinates) != count):
        raise StatementError(f"{shape} takes its coordinates as a tuple {example}; got {coordinates!r}")


def _axes(shape: str, coordinates: Sequence[Any], lower: Any, upper: Any, role: str = "space") -> tuple[Axis, ...]:
    lowers, uppers = (_corner(shape, coordinates, corner) for corner in (lower, upper))
    return tuple(
        _axis(shape, coordinate, a, b, role) for coordinate, a, b in zip(coordinates, lowers, uppers, strict=True)
    )


def _corner(shape: str, coordinates: Sequence[Any], corner: Any) -> list[Any]:
    if not isinstance(corner, (tuple, list, sympy.Tuple)):
        return [corner] * len(coordinates)
    if len(corner) != len(coordinates):
        raise StatementError(
            f"{shape} has {len(coordinates)} coordinates, its corner {tuple(corner)!r} has {len(corner)} numbers"
        )
    return list(corner)


def _axis(shape: str, coordinate: Any, lower: Any, upper: Any, role: str) -> Axis:
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


_SHAPES: dict[str, Any] = {"interval": Interval, "time": Time, "range": Range, "rectangle": Rectangle, "box": Box}


def domain_from_json(data: Any) -> Domain:
    """The domain that `Domain.to_json` wrote. Raises StatementError for anything else."""
    try:
        return Domain(tuple(_shape_from_json(shape) for shape in data["shapes"]))
    except (KeyError, TypeError, ExpressionError) as error:
        raise StatementError(f"the stored domain is not well formed: {error!r}") from error


def _shape_from_json(data: Mapping[str, Any]) -> Shape:
    kind, names = data["kind"], data["coordinates"]
    if kind not in _SHAPES or not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise StatementError(f"a stored shape is one of {', '.join(_SHAPES)} with a list of coordinates; got {data!r}")
    coordinates = tuple(symbol(name) for name in names)
    lower, upper = ([from_tree(tree) for tree in data[bound]] for bound in ("lower", "upper"))
    if kind not in ("interval", "time", "range"):
        return _SHAPES[kind](coordinates, lower, upper)
    if not len(coordinates) == len(lower) == len(upper) == 1:
        raise StatementError(f"a stored {kind} has one coordinate and two bounds; got {data!r}")
    return _SHAPES[kind](coordinates[0], lower[0], upper[0])
