"""Polygons: triangulated for sampling and quadrature, with a part for each edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
import sympy

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import number, to_tree
from collocate.expressions.printing import to_text
from collocate.geometry import rules
from collocate.geometry.boundary import Piece
from collocate.geometry.domain import Axis
from collocate.geometry.shape import Shape
from collocate.geometry.shapes import axis_of, expect_coordinates


@dataclass(frozen=True, init=False)
class Polygon(Shape):
    """A simple polygon of given vertices, either way round; "edge 1" goes from the first vertex to the second.

    Vertices are pairs of numbers (kept exact) or an array (n, 2); the first may be repeated at the end. A hole is cut
    with -. Raises StatementError for fewer than three, for edges that cross or touch, and for no area.
    """

    axes: tuple[Axis, ...]
    vertices: tuple[tuple[sympy.Expr, sympy.Expr], ...]

    def __init__(self, coordinates: Sequence[Any], vertices: Any):
        expect_coordinates(coordinates, "Polygon", "(x, y)", 2)
        corners = _corners(vertices)
        columns = list(zip(*corners, strict=True))
        axes = (
            axis_of("Polygon", x, min(column, key=float), max(column, key=float), "space")
            for x, column in zip(coordinates, columns, strict=True)
        )
        object.__setattr__(self, "axes", tuple(axes))
        object.__setattr__(self, "vertices", corners)

    @cached_property
    def corners(self) -> np.ndarray:
        """The vertices as numbers (n, 2)."""
        return np.array([[float(value) for value in vertex] for vertex in self.vertices])

    @cached_property
    def volume(self) -> float:
        return abs(_signed_area(self.corners))

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(self._edge(k) for k in range(len(self.corners)))

    def _edge(self, k: int) -> Piece:
        start, end = self.corners[k], self.corners[(k + 1) % len(self.corners)]
        along = end - start
        length = float(np.hypot(*along))
        turn = np.sign(_signed_area(self.corners))
        normal = turn * np.array([along[1], -along[0]]) / length

        def mapping(unit: np.ndarray) -> np.ndarray:
            return (1.0 - unit) * start + unit * end  # a coordinate that both ends share stays exact

        def rule(count: int) -> rules.Rule:
            nodes, weights = rules.gauss(count)
            return mapping(nodes[:, None]), weights

        first, second = (_pair(self.vertices[j % len(self.vertices)]) for j in (k, k + 1))
        return Piece(
            name=f"edge {k + 1}",
            where=f"from {first} to {second}",
            dimension=1,
            size=length,
            mapping=mapping,
            normal=lambda points: np.broadcast_to(normal, points.shape),
            rule=rule,
        )

    def excess(self, points: np.ndarray) -> np.ndarray:
        """The signed distance to the boundary."""
        smallest = np.full(len(points), np.inf)
        inside = np.zeros(len(points), dtype=bool)
        for start, end in pairwise([*self.corners, self.corners[0]]):
            along, away = end - start, points - start
            share = np.clip(away @ along / (along @ along), 0.0, 1.0)
            smallest = np.minimum(smallest, np.sum((away - share[:, None] * along) ** 2, axis=1))
            # A ray to the right crosses the edge: an odd number of crossings means inside.
            spans = (start[1] > points[:, 1]) != (end[1] > points[:, 1])
            turn = along[0] * away[:, 1] - along[1] * away[:, 0]
            inside ^= spans & ((turn > 0) == (along[1] > 0))
        return np.where(inside, -1.0, 1.0) * np.sqrt(smallest)

    @cached_property
    def triangles(self) -> np.ndarray:
        """(m, 3, 2): a triangulation (constrained Delaunay, by shapely)."""
        parts = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.Polygon(self.corners)))
        return np.array([shapely.get_coordinates(part)[:3] for part in parts])

    @cached_property
    def _shares(self) -> np.ndarray:
        areas = np.array([abs(_signed_area(triangle)) for triangle in self.triangles])
        return areas / areas.sum()

    def placed(self, unit: np.ndarray) -> np.ndarray:
        """The first column chooses a triangle, by area; what is left of it and the second place a point there."""
        ends = np.cumsum(self._shares)
        chosen = np.minimum(np.searchsorted(ends, unit[:, 0], side="right"), len(ends) - 1)
        left = np.clip((unit[:, 0] - ends[chosen] + self._shares[chosen]) / self._shares[chosen], 0.0, 1.0)
        return _in_triangles(self.triangles[chosen], np.sqrt(left), unit[:, 1])

    def quadrature(self, count: int) -> rules.Rule:
        """A collapsed Gauss rule on each triangle, exact for polynomials of degree 2n − 1 with n nodes a direction."""
        each = max(4, round(count / len(self.triangles) ** 0.5))
        nodes, weights = rules.product(rules.jacobi(each, 0.0, 1.0), rules.gauss(each))
        repeated = np.repeat(self.triangles, len(weights), axis=0)
        tiled = np.tile(nodes, (len(self.triangles), 1))
        return _in_triangles(repeated, tiled[:, 0], tiled[:, 1]), np.repeat(self._shares, len(weights)) * np.tile(
            weights, len(self.triangles)
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "polygon",
            "coordinates": list(self.names),
            "vertices": [[to_tree(value) for value in vertex] for vertex in self.vertices],
        }

    def __str__(self) -> str:
        shown = list(map(_pair, self.vertices))
        if len(shown) > 6:
            shown = [*shown[:3], "…", shown[-1]]
        return f"({', '.join(self.names)}) in the polygon {', '.join(shown)}"


def _in_triangles(triangles: np.ndarray, away: np.ndarray, across: np.ndarray) -> np.ndarray:
    """(1 − s) A + s (1 − b) B + s b C: uniform where s² and b are."""
    first, second, third = (triangles[:, k] for k in range(3))
    away, across = away[:, None], across[:, None]
    return (1 - away) * first + away * ((1 - across) * second + across * third)


def _signed_area(corners: np.ndarray) -> float:
    """Positive anticlockwise."""
    x, y = (corners - corners[0]).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _pair(vertex: Sequence[sympy.Expr]) -> str:
    return f"({', '.join(map(to_text, vertex))})"


def _corners(vertices: Any) -> tuple[tuple[sympy.Expr, sympy.Expr], ...]:
    rows = vertices.tolist() if isinstance(vertices, np.ndarray) else vertices
    pairs = (tuple, list, sympy.Tuple, np.ndarray)
    if not isinstance(rows, pairs) or not all(isinstance(row, pairs) and len(row) == 2 for row in rows):
        raise StatementError(
            f"Polygon takes its vertices as pairs of numbers, like [(0, 0), (1, 0), (0, 1)]; got {rows!r}"
        )
    try:
        found = [(number(x, "Polygon: a vertex"), number(y, "Polygon: a vertex")) for x, y in rows]
    except ExpressionError as error:
        raise StatementError(str(error)) from error
    if len(found) > 1 and found[0] == found[-1]:
        found.pop()
    if len(found) < 3:
        raise StatementError(f"a Polygon has three vertices or more; got {len(found)}")
    outline = shapely.Polygon([(float(x), float(y)) for x, y in found])
    lengths = np.hypot(*np.diff(shapely.get_coordinates(outline), axis=0).T)
    if not lengths.all():
        raise StatementError(f"the Polygon has the vertex {_pair(found[int(np.argmin(lengths))])} twice in a row")
    if not shapely.convex_hull(outline).area > 1e-12 * lengths.max() ** 2:
        raise StatementError("the Polygon has no area: its vertices lie on one line")
    if not outline.is_valid:
        raise StatementError(
            f"the edges of the Polygon cross or touch ({shapely.is_valid_reason(outline)}); give its vertices in order "
            "around it. A hole is cut with -: Polygon(…) - Polygon(…)"
        )
    return tuple(found)
