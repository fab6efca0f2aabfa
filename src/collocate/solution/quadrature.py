"""Nodes and weights on a domain, a face of it, or where some coordinates are fixed.

`rule` is the one place that knows the domain's shape: here a product of intervals, by tensor Gauss-Legendre rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from collocate.geometry import BoundaryPart, Domain


@dataclass(frozen=True)
class Rule:
    """∫ f ≈ Σ_n weights_n f(points_n); points (n, d), weights (n,), normals {coordinate: (n,)} on a face, else {}."""

    points: np.ndarray
    weights: np.ndarray
    normals: dict[str, np.ndarray]


Breaks = Mapping[str, Sequence[float]]

HIGHEST_ORDER = 32


def size(domain: Domain, count: int, fixed: Mapping[str, float], part: BoundaryPart | None, breaks: Breaks) -> int:
    """How many nodes `rule` would make."""
    return prod(count * (len(breaks.get(name, ())) + 1) for name in _free(domain, fixed, part))


def rule(domain: Domain, count: int, fixed: Mapping[str, float], part: BoundaryPart | None, breaks: Breaks) -> Rule:
    """`count` nodes along each coordinate that is not fixed, between each two `breaks` of it.

    Exact for polynomials of degree 2 min(count, 32) − 1 in each coordinate. DLMF 3.5(v).
    """
    held = dict(fixed) | ({part.coordinate: part.value} if part else {})
    lines = [
        (np.array([held[name]]), np.ones(1))
        if name in held
        else gauss_legendre(*domain.bounds[name], count, breaks.get(name, ()))
        for name in domain.names
    ]
    points = np.stack([axis.ravel() for axis in np.meshgrid(*(nodes for nodes, _ in lines), indexing="ij")], axis=1)
    weights = np.ones(1)
    for _, line in lines:
        weights = np.multiply.outer(weights, line).ravel()
    normals = {name: np.full(len(points), value) for name, value in part.normal.items()} if part else {}
    return Rule(points, weights, normals)


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


def _free(domain: Domain, fixed: Mapping[str, float], part: BoundaryPart | None) -> list[str]:
    held = {*fixed, *([part.coordinate] if part else [])}
    return [name for name in domain.names if name not in held]
