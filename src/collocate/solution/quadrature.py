"""Nodes and weights on a domain, a part of its boundary, or where some coordinates are fixed.

A domain is a product of shapes, and so is its rule. Boxes have Gauss-Legendre lines, other shapes rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np

from collocate.errors import StatementError
from collocate.geometry import BoundaryPart, Combination, Cuboid, Domain, Shape, rules
from collocate.geometry.boundary import Piece


@dataclass(frozen=True)
class Rule:
    """∫ f ≈ Σ_n weights_n f(points_n); points (n, d), weights (n,), normals {coordinate: (n,)} on a face, else {}."""

    points: np.ndarray
    weights: np.ndarray
    normals: dict[str, np.ndarray]


Breaks = Mapping[str, Sequence[float]]

HIGHEST_ORDER = 32
# How many nodes a shape's own rule makes is read off a small one, since it grows by a power of the order.
_SMALL = 8
_CELLS, _BISECTIONS = 2048, 50


def size(domain: Domain, count: int, fixed: Mapping[str, float], part: BoundaryPart | None, breaks: Breaks) -> int:
    """About how many nodes `rule` would make."""

    def of_shape(shape: Shape) -> float:
        own = _own(shape, domain, part)
        held, free = _held(shape, fixed, own)
        if isinstance(shape, Cuboid):
            return prod(count * (len(breaks.get(name, ())) + 1) for name in free)
        if held:
            return float(count ** len(free))
        dimension = shape.dimension - (own is not None)
        small = len(_shape_rule(shape, domain, _SMALL, {}, own, {})[1])
        return small * (count / _SMALL) ** dimension

    return round(prod(map(of_shape, domain.shapes)))


def rule(domain: Domain, count: int, fixed: Mapping[str, float], part: BoundaryPart | None, breaks: Breaks) -> Rule:
    """`count` nodes along each coordinate that is not fixed, between each two `breaks` of it.

    Exact for polynomials of degree 2 min(count, 32) − 1 in each coordinate of a box (DLMF 3.5(v)); other shapes as
    their `quadrature` says; set operations in 3-D and what they leave of surfaces by scattered points, whose error
    falls about like count^(−9/4) and count^(−3/2).
    """
    each = (_shape_rule(shape, domain, count, fixed, _own(shape, domain, part), breaks) for shape in domain.shapes)
    points, weights = rules.product(*each)
    return Rule(points, weights, domain.normals(part, points) if part else {})


def gauss_legendre(
    lower: float, upper: float, count: int, breaks: Sequence[float] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [lower, upper], `count` (a power of two) on each stretch between the breaks.

    More than 32 are spread over equal pieces of 32 each: a steep layer then spoils only the pieces that it lies in.
    """
    nodes, weights = np.polynomial.legendre.leggauss(min(count, HIGHEST_ORDER))
    pieces = max(count // HIGHEST_ORDER, 1)
    coarse = np.array([lower, *breaks, upper])
    ends = np.interp(np.arange(pieces * (len(coarse) - 1) + 1) / pieces, np.arange(len(coarse)), coarse)
    middle, half = (ends[1:] + ends[:-1]) / 2, np.diff(ends) / 2
    return (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()


def _own(shape: Shape, domain: Domain, part: BoundaryPart | None) -> BoundaryPart | None:
    """The part, if it is of this shape's boundary."""
    return part if part and domain.shape_of(part) is shape else None


def _held(shape: Shape, fixed: Mapping[str, float], own: BoundaryPart | None) -> tuple[dict[str, float], list[str]]:
    """The coordinates of a shape that are held, the whole end of a box included, and those that are free."""
    held = {name: fixed[name] for name in shape.names if name in fixed}
    if own and own.coordinate and own.value is not None and isinstance(shape, Cuboid):
        held[own.coordinate] = own.value
    return held, [name for name in shape.names if name not in held]


def _shape_rule(
    shape: Shape, domain: Domain, count: int, fixed: Mapping[str, float], own: BoundaryPart | None, breaks: Breaks
) -> rules.Rule:
    """Nodes (n, d) and weights (n,) of one shape, adding up to its volume, its part's area or its cut's."""
    held, _ = _held(shape, fixed, own)
    if isinstance(shape, Cuboid):
        return rules.product(
            *(
                (np.array([held[name]]), np.ones(1))
                if name in held
                else gauss_legendre(*domain.bounds[name], count, breaks.get(name, ()))
                for name in shape.names
            )
        )
    if own is None:
        if held:
            return _cut(shape, count, held)
        if isinstance(shape, Combination) and shape.dimension > 2:
            return _scattered(shape, count, float(np.prod(shape.box[:, 1] - shape.box[:, 0])), shape.volume)
        points, weights = shape.quadrature(count)
        return points, shape.volume * weights
    if held:
        raise StatementError(
            f"{', '.join(held)} cannot be held on {own.name!r}, where {own.where}: there {', '.join(shape.names)} "
            "depend on each other"
        )
    piece = domain.piece_of(own)
    if piece.dimension == 1 and count > HIGHEST_ORDER:
        steps = np.linspace(0.0, 1.0, count // HIGHEST_ORDER + 1)
        ends = [(low + (high - low) * steps).tolist() for low, high in piece.arcs]
        arcs = tuple(pair for each in ends for pair in pairwise(each))
        piece, count = replace(piece, arcs=arcs), HIGHEST_ORDER
    if piece.keep is not None:
        return _scattered(piece, count, piece.size, piece.measure)
    points, weights = piece.quadrature(count)
    return points, piece.measure * weights


def _scattered(place: Shape | Piece, count: int, whole: float, part: float) -> rules.Rule:
    """About count^dimension points on what is left of `whole`, of which `part` is roughly the size.

    Its size is measured by these points, anew at each order: by one size for all, orders would agree on its error.
    """
    unit = rules.sobol(round(count**place.dimension * whole / part), place.dimension)
    points = place.placed(unit)
    points = points[~np.isnan(points[:, 0])]
    return points, np.full(len(points), whole / len(unit))


def _cut(shape: Shape, count: int, held: Mapping[str, float]) -> rules.Rule:
    """Where some coordinates of a shape are held: the point itself, Gauss rules on chords, scattered points on more."""
    free = [axis for axis, name in enumerate(shape.names) if name not in held]

    def placed(values: np.ndarray) -> np.ndarray:
        """Values (n, free) as points (n, d)."""
        points = np.array([held.get(name, 0.0) for name in shape.names]) + np.zeros((len(values), 1))
        points[:, free] = values
        return points

    if not free:
        point = placed(np.zeros((1, 0)))
        if not shape.contains(point, 1e-9).all():
            raise StatementError(f"{_at(held)} lies outside {shape}")
        return point, np.ones(1)
    box = shape.box[free]
    if len(free) == 1:
        low, high = box[0].tolist()
        chords = _chords(lambda line: shape.excess(placed(line[:, None])) <= 0, low, high)
        found = [gauss_legendre(low, high, count) for low, high in chords] or [(np.zeros(0), np.zeros(0))]
        nodes, weights = (np.concatenate(each) for each in zip(*found, strict=True))
        return placed(nodes[:, None]), weights
    unit = rules.sobol(count ** len(free), len(free))
    points = placed(box[:, 0] + unit * (box[:, 1] - box[:, 0]))
    inside = shape.excess(points) <= 0
    return points[inside], np.full(inside.sum(), float(np.prod(box[:, 1] - box[:, 0])) / len(points))


def _chords(inside: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> list[tuple[float, float]]:
    """The intervals of [low, high] where `inside(values)` holds: changes seen on 2,048 cells, located by bisection."""
    middles = low + (high - low) * (np.arange(_CELLS) + 0.5) / _CELLS
    line = np.concatenate([[low], middles, [high]])
    held = inside(line)
    changes = np.flatnonzero(held[1:] != held[:-1])
    left, right = line[changes], line[changes + 1]
    for _ in range(_BISECTIONS):
        middle = 0.5 * (left + right)
        same = inside(middle) == held[changes]
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    ends = [*([low] if held[0] else []), *(0.5 * (left + right)).tolist(), *([high] if held[-1] else [])]
    return list(zip(ends[::2], ends[1::2], strict=True))


def _at(held: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in held.items())
