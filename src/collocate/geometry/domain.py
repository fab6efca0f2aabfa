"""The product of shapes on which a problem is stated: coordinates, bounds, boundary parts, and maps from unit cubes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count as counting
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from collocate.errors import StatementError
from collocate.geometry import rules
from collocate.geometry.boundary import Piece

if TYPE_CHECKING:
    from collocate.geometry.shape import Shape

_FACES = {
    1: (("left", "right"),),
    2: (("left", "right"), ("bottom", "top")),
    3: (("left", "right"), ("front", "back"), ("bottom", "top")),
}
_ENDS = ("initial", "final")
_ROUNDS = 20
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

    def __sub__(self, other: Any) -> Shape:
        raise self._refused("-")

    def __add__(self, other: Any) -> Shape:
        raise self._refused("+")

    def __and__(self, other: Any) -> Shape:
        raise self._refused("&")

    def _refused(self, sign: str) -> StatementError:
        return StatementError(
            f"{sign} is for single shapes, not for products: write (A {sign} B) * Time(t, 0, 1), with "
            "Rectangle((x, y), lo, hi) or Box in place of a product of Intervals"
        )


@dataclass(frozen=True)
class BoundaryPart:
    """A named piece of a domain's boundary, times the whole of the other shapes.

    A whole end {coordinate = value} of the domain has `side` −1 at the lower bound, +1 at the upper one; any other part
    (curved, slanted, clipped) has coordinate, exact and value None and side 0. where: how it is described, "x = 1".
    """

    name: str
    where: str
    measure: float
    coordinate: str | None = None
    side: int = 0
    exact: sympy.Expr | None = None
    value: float | None = None


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
        return prod(shape.volume for shape in self.factors)

    @property
    def parts(self) -> tuple[BoundaryPart, ...]:
        """The boundary in space.

        Flat ends are called left, right; with y also bottom, top; in 3-D y has front, back and z bottom, top; from four
        space coordinates on they are named by what holds on them, like "x=0". Shapes name the rest: "outer", "edge 1".
        The boundary of a hole is called "inner", or "inner left"; a name that occurs again is numbered, "inner 2".
        """
        return tuple(part for part in self._parts.values() if part.name not in _ENDS)

    @property
    def initial(self) -> BoundaryPart | None:
        """The face at the start of time."""
        return self._parts.get("initial")

    @property
    def final(self) -> BoundaryPart | None:
        """The face at the end of time."""
        return self._parts.get("final")

    def part(self, name: str) -> BoundaryPart:
        """The face of that name ("initial", "final" included). Raises StatementError that lists the names there are."""
        if name not in self._parts:
            raise StatementError(f"the domain has no part {name!r}; its parts: {', '.join(self._parts) or 'none'}")
        return self._parts[name]

    @cached_property
    def _parts(self) -> dict[str, BoundaryPart]:
        return {name: self._part(name, *place) for name, place in self._pieces.items()}

    @cached_property
    def _pieces(self) -> dict[str, tuple[int, Piece]]:
        """{name: (number of the shape, its piece)}, ends of time last."""
        ends = _end_names([axis for axis in self.axes if axis.role == "space"])
        found: dict[str, tuple[int, Piece]] = {}
        for last in (False, True):
            for number, shape in enumerate(self.factors):
                role = shape.axes[0].role
                if (role == "time") is not last or role == "parameter":
                    continue
                for piece in shape.pieces:
                    name = _ENDS[piece.face[1] > 0] if last and piece.face else _part_name(piece, ends)
                    found[_fresh(name, found)] = (number, piece)
        return found

    def shape_of(self, part: BoundaryPart) -> Shape:
        """The shape to whose boundary a part belongs."""
        return self.factors[self._pieces[part.name][0]]

    def piece_of(self, part: BoundaryPart) -> Piece:
        """The piece of that shape's boundary which a part is."""
        return self._pieces[part.name][1]

    def _part(self, name: str, number: int, piece: Piece) -> BoundaryPart:
        rest = prod(shape.volume for k, shape in enumerate(self.factors) if k != number)
        if piece.face is None or piece.clipped:
            return BoundaryPart(name, piece.where, piece.measure * rest)
        coordinate, side = piece.face
        exact = self.exact_bounds[coordinate][side > 0]
        return BoundaryPart(name, piece.where, piece.measure * rest, coordinate, side, exact, float(exact))

    def interior_points(self, unit: np.ndarray) -> np.ndarray:
        """Points (n, d) of the unit cube, mapped onto the domain; where a shape has no such map they are mapped onto
        its bounding box and those outside dropped."""
        return self._placed(unit, None)

    def part_points(self, part: BoundaryPart | str, unit: np.ndarray) -> np.ndarray:
        """Points (n, d−1) of the unit cube, mapped onto a part; what a set operation cut off may be dropped."""
        return self._placed(unit, part if isinstance(part, str) else part.name)

    def _placed(self, unit: np.ndarray, part: str | None) -> np.ndarray:
        unit = np.asarray(unit, dtype=np.float64)
        number, piece = (None, None) if part is None else self._pieces[self.part(part).name]
        expected = self.dimension - (piece is not None)
        if unit.ndim != 2 or unit.shape[1] != expected:
            raise ValueError(f"points of shape (n, {expected}) were expected for {self.names}; got {unit.shape}")
        columns, start = [], 0
        for k, shape in enumerate(self.factors):
            owner = piece if piece and k == number else shape
            columns.append(owner.placed(unit[:, start : start + owner.dimension]))
            start += owner.dimension
        points = np.hstack(columns)
        return points[~np.isnan(points).any(axis=1)]

    def sample(
        self,
        count: int,
        part: BoundaryPart | str | None = None,
        *,
        draw: Callable[[int, int], np.ndarray] | None = None,
        keep: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> np.ndarray:
        """Exactly `count` points (count, d) inside, or on a part, where `keep(points)` holds.

        draw(n, k) gives points of the unit cube; random ones of a fixed seed by default. More are drawn until enough
        are kept. Raises StatementError where hardly any are.
        """
        draw = draw or (lambda number, dimension: np.random.default_rng(0).random((number, dimension)))
        dimension = self.dimension - (part is not None)
        drawn = count
        for _ in range(_ROUNDS):
            unit = draw(drawn, dimension)
            points = self.interior_points(unit) if part is None else self.part_points(part, unit)
            if keep is not None:
                points = points[keep(points)]
            if len(points) >= count:
                return points[:count]
            drawn *= 2
        raise StatementError(f"hardly any of {drawn // 2} points are kept in {self}")

    def normals(self, part: BoundaryPart | str, points: np.ndarray) -> dict[str, np.ndarray]:
        """{coordinate: (n,)}: the outward unit normal of a part at points (n, d) of it; 0 along time."""
        number, piece = self._pieces[part if isinstance(part, str) else part.name]
        start = sum(shape.dimension for shape in self.factors[:number])
        own = slice(start, start + self.factors[number].dimension)
        found = np.zeros((len(points), self.dimension))
        found[:, own] = piece.normals(np.asarray(points, np.float64)[:, own])
        return dict(zip(self.names, found.T, strict=True))

    def quadrature(self, count: int) -> rules.Rule:
        """About `count` points (n, d) and weights (n,) that add up to 1: a weighted sum is a mean over the domain.

        Gauss rules, exact to rounding for smooth functions, on boxes, disks, balls and polygons; set operations take
        equally weighted Sobol points, whose error falls about like count^(−3/4).
        """
        each = max(1, round(count ** (1 / self.dimension)))
        return rules.product(*(shape.quadrature(each) for shape in self.factors))

    def contains(self, points: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
        """Which points (n, d) lie in the closed domain, widened by `tolerance` times its extent: booleans (n,)."""
        points = np.asarray(points, dtype=np.float64)
        found, start = np.ones(len(points), dtype=bool), 0
        for shape in self.factors:
            found &= shape.contains(points[:, start : start + shape.dimension], tolerance)
            start += shape.dimension
        return found

    def grid(self, counts: int | Sequence[int]) -> dict[str, np.ndarray]:
        """An even grid over the bounding box, bounds included: {name: array of shape `counts`}, axes as coordinates."""
        sizes = [counts] * self.dimension if isinstance(counts, int) else list(counts)
        if len(sizes) != self.dimension:
            raise ValueError(f"{self.dimension} counts were expected for {self.names}; got {sizes}")
        lines = [np.linspace(*self.bounds[name], size) for name, size in zip(self.names, sizes, strict=True)]
        return dict(zip(self.names, np.meshgrid(*lines, indexing="ij"), strict=True))

    def grid_points(self, counts: int | Sequence[int]) -> np.ndarray:
        """The points (n, d) of an even grid over the bounding box that lie in the domain."""
        points = np.stack([values.ravel() for values in self.grid(counts).values()], axis=1)
        return points[self.contains(points, 1e-12)]

    def to_json(self) -> dict[str, Any]:
        return {"shapes": [shape.to_json() for shape in self.factors]}

    def __str__(self) -> str:
        if len(self.factors) == 1:
            return str(self.factors[0])
        return " × ".join(f"({shape})" if shape.to_json().get("shapes") else str(shape) for shape in self.factors)


def _end_names(space: Sequence[Axis]) -> dict[tuple[str, int], str]:
    """{(coordinate, side): name} of flat ends."""
    named = _FACES.get(len(space)) or [(f"{a.name}={a.lower}", f"{a.name}={a.upper}") for a in space]
    return {
        (axis.name, side): name
        for axis, names in zip(space, named, strict=True)
        for side, name in zip((-1, 1), names, strict=True)
    }


def _part_name(piece: Piece, ends: dict[tuple[str, int], str]) -> str:
    name = ends[piece.face] if piece.face else piece.name
    if not piece.inner:
        return name
    return "inner" if name == "outer" else f"inner {name}"


def _fresh(name: str, taken: Container[str]) -> str:
    return next(fresh for k in counting(1) if (fresh := name if k == 1 else f"{name} {k}") not in taken)


def as_domain(given: Any) -> Domain:
    """A shape or product as a Domain. Raises StatementError for anything else."""
    if not isinstance(given, Factor):
        raise StatementError(
            f"the domain must be a shape or a product, like Interval(x, 0, 1) * Time(t, 0, 1); got {given!r}"
        )
    return Domain(given.shapes)
