"""Nodes and weights on a domain, a part of its boundary, or where some coordinates are fixed.

A domain is a product of shapes, and so is its rule. Boxes have Gauss-Legendre lines, other shapes rules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import prod

import numpy as np

from collocate.errors import StatementError
from collocate.geometry import BoundaryPart, Combination, Cuboid, Domain, Shape, rules
from collocate.geometry.intervals import intervals, middles


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
    their `quadrature` says.
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
        if held or (isinstance(shape, Combination) and shape.dimension > 2):
            return _cut(shape, count, held)  # its volume by the same points, not by a sample that no order refines
        points, weights = shape.quadrature(count)
        return points, shape.volume * weights
    if held:
        raise StatementError(
            f"{', '.join(held)} cannot be held on {own.name!r}, where {own.where}: there {', '.join(shape.names)} "
            "depend on each other"
        )
    piece = domain.piece_of(own)
    if piece.keep is not None:
        points = piece.placed(rules.sobol(count**piece.dimension, piece.dimension))
        left = ~np.isnan(points[:, 0])
        return points[left], np.full(left.sum(), piece.size / len(points))
    if piece.dimension == 1 and count > HIGHEST_ORDER:
        steps = np.linspace(0.0, 1.0, count // HIGHEST_ORDER + 1)
        ends = [(low + (high - low) * steps).tolist() for low, high in piece.arcs]
        arcs = tuple(pair for each in ends for pair in pairwise(each))
        piece, count = replace(piece, arcs=arcs), HIGHEST_ORDER
    points, weights = piece.quadrature(count)
    return points, piece.measure * weights


def _cut(shape: Shape, count: int, held: Mapping[str, float]) -> rules.Rule:
    """A shape where some coordinates are held: the point itself, Gauss rules on chords, scattered points on more."""
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
        line = np.concatenate([[low], middles(low, high), [high]])
        chords = intervals(lambda values: shape.excess(placed(values[:, None])) <= 0, line, low, high)
        found = [gauss_legendre(*chord, count) for chord in chords] or [(np.zeros(0), np.zeros(0))]
        nodes, weights = (np.concatenate(each) for each in zip(*found, strict=True))
        return placed(nodes[:, None]), weights
    unit = rules.sobol(count ** len(free), len(free))
    points = placed(box[:, 0] + unit * (box[:, 1] - box[:, 0]))
    inside = shape.excess(points) <= 0
    return points[inside], np.full(inside.sum(), float(np.prod(box[:, 1] - box[:, 0])) / len(points))


def _at(held: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:g}" for name, value in held.items())
