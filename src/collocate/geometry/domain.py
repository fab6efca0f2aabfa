"""The product of shapes on which a problem is stated: coordinates, bounds, boundary parts, and maps from unit cubes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
import sympy

from collocate.errors import NotYetError, StatementError
from collocate.expressions import to_tree
from collocate.expressions.printing import to_text

_FACES = {
    1: (("left", "right"),),
    2: (("left", "right"), ("bottom", "top")),
    3: (("left", "right"), ("front", "back"), ("bottom", "top")),
}
NORMAL = "normal_"  # normal_x is the component of the outward normal along x, in expressions and in point sets


@dataclass(frozen=True)
class Axis:
    """One coordinate with its bounds, kept exact (π stays π); `role` is "space", "time" or "parameter".

    A parameter is a coordinate of the solution in which no equation differentiates: it has no boundary.
    """

    coordinate: sympy.Symbol
    lower: sympy.Expr
    upper: sympy.Expr
    role: str = "space"

    @property
    def name(self) -> str:
        return self.coordinate.name


class Factor(ABC):
    """What `*` takes: a shape or a product of shapes."""

    @property
    @abstractmethod
    def shapes(self) -> tuple[Shape, ...]: ...

    def __mul__(self, other: Any) -> Domain:
        if not isinstance(other, Factor):
            raise StatementError(
                f"a domain is a product of shapes, like Interval(x, 0, 1) * Time(t, 0, 1); got * {other!r}"
            )
        return Domain(self.shapes + other.shapes)

    def _set_operation(self, other: Any) -> Any:
        raise NotYetError(
            "differences, unions and intersections of shapes (-, +, &) come with a later release; "
            "for now a domain is a product (*) of Interval, Rectangle, Box and Time"
        )

    __sub__ = __add__ = __and__ = _set_operation


class Shape(Factor):
    """An axis-aligned shape: one or more coordinates with their bounds."""

    axes: tuple[Axis, ...]

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return (self,)


@dataclass(frozen=True)
class BoundaryPart:
    """A face {coordinate = value} of a domain; `side` is −1 at the lower bound, +1 at the upper one."""

    name: str
    coordinate: str
    side: int
    exact: sympy.Expr
    value: float
    normal: dict[str, float]
    measure: float


@dataclass(frozen=True)
class Domain(Factor):
    """A product of shapes with at most one Time.

    `coordinates` are canonical symbols in the order stated, `names` their names; points are (n, d) in that order.
    Raises StatementError for a coordinate stated twice and for two Times.
    """

    factors: tuple[Shape, ...]

    def __post_init__(self) -> None:
        names = [axis.name for axis in self.axes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise StatementError(
                f"the domain has the coordinate {', '.join(twice)} twice; each shape needs its own symbols"
            )
        times = [axis.name for axis in self.axes if axis.role == "time"]
        if len(times) > 1:
            raise StatementError(f"the domain has two Times, {' and '.join(times)}; a domain has at most one")
        reserved = [name for name in names if name.startswith(NORMAL)]
        if reserved:
            raise StatementError(f"the coordinate {reserved[0]!r} starts with {NORMAL!r}, which is kept for normals")

    @property
    def shapes(self) -> tuple[Shape, ...]:
        return self.factors

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(axis for shape in self.factors for axis in shape.axes)

    @cached_property
    def coordinates(self) -> tuple[sympy.Symbol, ...]:
        return tuple(axis.coordinate for axis in self.axes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    @property
    def dimension(self) -> int:
        """Coordinates in all, time included."""
        return len(self.axes)

    @cached_property
    def bounds(self) -> dict[str, tuple[float, float]]:
        return {axis.name: (float(axis.lower), float(axis.upper)) for axis in self.axes}

    @cached_property
    def exact_bounds(self) -> dict[str, tuple[sympy.Expr, sympy.Expr]]:
        """The bounds as stated: π, not 3.14…"""
        return {axis.name: (axis.lower, axis.upper) for axis in self.axes}

    @cached_property
    def time(self) -> str | None:
        """The name of the time coordinate."""
        return next((axis.name for axis in self.axes if axis.role == "time"), None)

    @cached_property
    def space(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes if axis.role == "space")

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the coordinates that are parameters of the problem."""
        return tuple(axis.name for axis in self.axes if axis.role == "parameter")

    @cached_property
    def volume(self) -> float:
        return prod(upper - lower for lower, upper in self.bounds.values())

    @cached_property
    def parts(self) -> tuple[BoundaryPart, ...]:
        """The faces in space: left, right; with y also bottom, top; in 3-D y has front, back and z bottom, top;
        from four space coordinates on they are named by what holds on them, like "x=0"."""
        space = [axis for axis in self.axes if axis.role == "space"]
        named = _FACES.get(len(space)) or [(f"{a.name}={a.lower}", f"{a.name}={a.upper}") for a in space]
        return tuple(
            self._face(name, axis, side)
            for axis, names in zip(space, named, strict=True)
            for name, side in zip(names, (-1, 1), strict=True)
        )

    @cached_property
    def initial(self) -> BoundaryPart | None:
        """The face at the start of time."""
        return next((self._face("initial", axis, -1) for axis in self.axes if axis.role == "time"), None)

    @cached_property
    def final(self) -> BoundaryPart | None:
        """The face at the end of time."""
        return next((self._face("final", axis, 1) for axis in self.axes if axis.role == "time"), None)

    def part(self, name: str) -> BoundaryPart:
        """The face of that name ("initial", "final" included). Raises StatementError that lists the names there are."""
        faces = {part.name: part for part in (*self.parts, self.initial, self.final) if part}
        if name not in faces:
            raise StatementError(f"the domain has no part {name!r}; its parts: {', '.join(faces) or 'none'}")
        return faces[name]

    def _face(self, name: str, axis: Axis, side: int) -> BoundaryPart:
        exact = axis.lower if side < 0 else axis.upper
        lower, upper = self.bounds[axis.name]
        normal = {other: float(side) if other == axis.name else 0.0 for other in self.names}
        return BoundaryPart(name, axis.name, side, exact, float(exact), normal, self.volume / (upper - lower))

    def interior_points(self, unit: np.ndarray) -> np.ndarray:
        """Points (n, d) of the unit cube, stretched onto the domain."""
        return self._stretch(unit, self.names)

    def part_points(self, part: BoundaryPart | str, unit: np.ndarray) -> np.ndarray:
        """Points (n, d−1) of the unit cube, stretched onto a face; its fixed coordinate is inserted."""
        face = self.part(part) if isinstance(part, str) else part
        points = self._stretch(unit, tuple(name for name in self.names if name != face.coordinate))
        return np.insert(points, self.names.index(face.coordinate), face.value, axis=1)

    def _stretch(self, unit: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        unit = np.asarray(unit, dtype=np.float64)
        if unit.ndim != 2 or unit.shape[1] != len(names):
            raise ValueError(f"points of shape (n, {len(names)}) were expected for {names}; got {unit.shape}")
        lower = np.array([self.bounds[name][0] for name in names])
        upper = np.array([self.bounds[name][1] for name in names])
        return (1.0 - unit) * lower + unit * upper  # hits both bounds exactly

    def contains(self, points: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """Which points (n, d) lie in the closed domain, widened by `tolerance` times its extent: booleans (n,)."""
        points = np.asarray(points, dtype=np.float64)
        lower, upper = np.array(list(self.bounds.values())).T
        slack = tolerance * (upper - lower)
        return np.all((points >= lower - slack) & (points <= upper + slack), axis=1)

    def grid(self, counts: int | Sequence[int]) -> dict[str, np.ndarray]:
        """An even grid, bounds included: {name: array of shape `counts`}, axes in the order of the coordinates."""
        sizes = [counts] * self.dimension if isinstance(counts, int) else list(counts)
        if len(sizes) != self.dimension:
            raise ValueError(f"{self.dimension} counts were expected for {self.names}; got {sizes}")
        lines = [np.linspace(*self.bounds[name], size) for name, size in zip(self.names, sizes, strict=True)]
        return dict(zip(self.names, np.meshgrid(*lines, indexing="ij"), strict=True))

    def to_json(self) -> dict[str, Any]:
        return {
            "shapes": [
                {
                    "kind": type(shape).__name__.lower(),
                    "coordinates": [axis.name for axis in shape.axes],
                    "lower": [to_tree(axis.lower) for axis in shape.axes],
                    "upper": [to_tree(axis.upper) for axis in shape.axes],
                }
                for shape in self.factors
            ]
        }

    def __str__(self) -> str:
        return " × ".join(f"{axis.name} ∈ [{to_text(axis.lower)}, {to_text(axis.upper)}]" for axis in self.axes)


def as_domain(given: Any) -> Domain:
    """A shape or product as a Domain. Raises StatementError for anything else."""
    if not isinstance(given, Factor):
        raise StatementError(
            f"the domain must be a shape or a product, like Interval(x, 0, 1) * Time(t, 0, 1); got {given!r}"
        )
    return Domain(given.shapes)
