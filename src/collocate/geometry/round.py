"""Disks and balls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy
from scipy.special import betaincinv, gamma

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import number, to_tree
from collocate.expressions.printing import to_text
from collocate.geometry import rules
from collocate.geometry.boundary import Piece
from collocate.geometry.domain import Axis
from collocate.geometry.shape import Shape
from collocate.geometry.shapes import axis_of, expect_coordinates


class Round(Shape):
    """|x − c| ≤ R in two or more coordinates, with one part, "outer": |x − c| = R."""

    center: tuple[sympy.Expr, ...]
    radius: sympy.Expr

    @cached_property
    def volume(self) -> float:
        """π^{d/2} R^d / Γ(d/2 + 1)."""
        half = self.dimension / 2
        return float(math.pi**half * float(self.radius) ** self.dimension / gamma(half + 1))

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        center, radius = self._numbers

        def rule(count: int) -> rules.Rule:
            points, weights = _sphere_rule(count, self.dimension)
            return center + radius * points, weights

        outer = Piece(
            name="outer",
            where=f"|{self._vector} - {self._text(self.center)}| = {to_text(self.radius)}",
            dimension=self.dimension - 1,
            size=self.volume * self.dimension / radius,
            mapping=lambda unit: center + radius * sphere(unit),
            normal=lambda points: (points - center) / np.linalg.norm(points - center, axis=1, keepdims=True),
            rule=rule,
        )
        return (outer,)

    def excess(self, points: np.ndarray) -> np.ndarray:
        center, radius = self._numbers
        return np.linalg.norm(points - center, axis=1) - radius

    def placed(self, unit: np.ndarray) -> np.ndarray:
        """c + R u₁^{1/d} · a point of the unit sphere."""
        center, radius = self._numbers
        return center + radius * unit[:, :1] ** (1 / self.dimension) * sphere(unit[:, 1:])

    def quadrature(self, count: int) -> rules.Rule:
        """Gauss-Jacobi in r (weight r^{d−1}) times a rule on the sphere."""
        center, radius = self._numbers
        points, weights = rules.product(
            rules.jacobi(count, 0.0, self.dimension - 1.0), _sphere_rule(count, self.dimension)
        )
        return center + radius * points[:, :1] * points[:, 1:], weights

    @cached_property
    def _numbers(self) -> tuple[np.ndarray, float]:
        return np.array([float(value) for value in self.center]), float(self.radius)

    @property
    def _vector(self) -> str:
        return f"({', '.join(self.names)})"

    @staticmethod
    def _text(values: Sequence[sympy.Expr]) -> str:
        return f"({', '.join(map(to_text, values))})"

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": type(self).__name__.lower(),
            "coordinates": list(self.names),
            "center": [to_tree(value) for value in self.center],
            "radius": to_tree(self.radius),
        }

    def __str__(self) -> str:
        kind = type(self).__name__.lower()
        return f"{self._vector} in the {kind} of radius {to_text(self.radius)} about {self._text(self.center)}"


@dataclass(frozen=True, init=False)
class Disk(Round):
    """(x − a)² + (y − b)² ≤ R²."""

    axes: tuple[Axis, ...]
    center: tuple[sympy.Expr, ...]
    radius: sympy.Expr

    def __init__(self, coordinates: Sequence[Any], center: Any, radius: Any):
        expect_coordinates(coordinates, "Disk", "(x, y)", 2)
        _initialise(self, coordinates, center, radius)


@dataclass(frozen=True, init=False)
class Ball(Round):
    """|x − c| ≤ R in any number of coordinates from two on."""

    axes: tuple[Axis, ...]
    center: tuple[sympy.Expr, ...]
    radius: sympy.Expr

    def __init__(self, coordinates: Sequence[Any], center: Any, radius: Any):
        expect_coordinates(coordinates, "Ball", "(x, y, z)", None)
        if len(coordinates) < 2:
            raise StatementError(f"Ball needs two coordinates or more; got {coordinates!r}. Write Interval(x, a, b)")
        _initialise(self, coordinates, center, radius)


def _initialise(shape: Round, coordinates: Sequence[Any], center: Any, radius: Any) -> None:
    kind = type(shape).__name__
    if not isinstance(center, (tuple, list, sympy.Tuple, np.ndarray)) or len(center) != len(coordinates):
        example = ", ".join("0" for _ in coordinates)
        raise StatementError(f"{kind} takes a center of {len(coordinates)} numbers, like ({example}); got {center!r}")
    try:
        middle = tuple(number(value, f"{kind}: the center") for value in center)
        size = number(radius, f"{kind}: the radius")
    except ExpressionError as error:
        raise StatementError(str(error)) from error
    if not float(size) > 0:
        raise StatementError(f"{kind}: the radius must be positive; got {size}")
    axes = (axis_of(kind, x, c - size, c + size, "space") for x, c in zip(coordinates, middle, strict=True))
    for name, value in (("axes", tuple(axes)), ("center", middle), ("radius", size)):
        object.__setattr__(shape, name, value)


def sphere(unit: np.ndarray) -> np.ndarray:
    """Points (n, d − 1) of the unit cube onto the unit sphere in d dimensions, preserving area.

    One coordinate t of a uniform point has density ∝ (1 − t²)^{(d−3)/2}, so (t + 1)/2 is Beta((d−1)/2, (d−1)/2); the
    others are √(1 − t²) times a point of the sphere one dimension below, down to the circle.
    """
    rest = unit.shape[1]
    if rest == 1:
        angle = 2 * math.pi * unit[:, 0]
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    height = 2 * betaincinv(rest / 2, rest / 2, unit[:, :1]) - 1
    return np.hstack([np.sqrt(1 - height**2) * sphere(unit[:, 1:]), height])


def _sphere_rule(count: int, dimension: int) -> rules.Rule:
    """Gauss-Jacobi in each height, even angles on the circle."""
    if dimension == 2:
        turns = 2 * count
        return sphere((np.arange(turns)[:, None] + 0.5) / turns), np.full(turns, 1.0 / turns)
    power = (dimension - 3) / 2
    nodes, weights = rules.product(rules.jacobi(count, power, power), _sphere_rule(count, dimension - 1))
    height = 2 * nodes[:, :1] - 1
    return np.hstack([np.sqrt(1 - height**2) * nodes[:, 1:], height]), weights
