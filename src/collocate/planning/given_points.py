"""Collocation points that the user gives: read, checked, and as arrays (n, d)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from collocate.errors import PlanError
from collocate.expressions import evaluate
from collocate.geometry import BoundaryPart, Domain, rules
from collocate.planning.specification import PointSetPlan
from collocate.statement.observations import real_array

# How far outside a point may lie, as a share of the domain: rounding, not a mistake.
TOLERANCE = 1e-9
SAMPLES = 4096


def is_array(value: Any) -> bool:
    """Whether this is meant as points, not as their number."""
    return isinstance(value, Mapping | np.ndarray | list | tuple)


def any_given(points: Any) -> bool:
    """Whether some of `points` are arrays."""
    return isinstance(points, Mapping) and any(map(is_array, points.values()))


def given_points(points: Any, domain: Domain, sets: Sequence[PointSetPlan]) -> dict[str, np.ndarray]:
    """{set: (n, d)} for the sets of `points` that are given as arrays.

    Raises PlanError for a set that the plan does not draw, another shape, a value that is not finite, or a point
    outside the domain, off the set's part of the boundary, or where its predicate does not hold.
    """
    if not isinstance(points, Mapping):
        return {}
    mirrored = {entry.mirrors for entry in sets}
    drawn = [s for s in sets if s.mirrors is None and s.observed is None and not s.quadrature]
    free = {s.name: s for s in drawn if s.name not in mirrored}
    found = {}
    for name, value in points.items():
        if not is_array(value):
            continue
        if name not in free:
            raise PlanError(f"points for {name!r} cannot be given; this plan takes them for {', '.join(free)}")
        found[name] = _checked(name, _read(name, value, domain), domain, free[name])
    return found


def _read(name: str, value: Any, domain: Domain) -> np.ndarray:
    """(n, d) in float64, from an array or {coordinate: column}."""
    try:
        if isinstance(value, Mapping):
            columns = {str(coordinate): real_array(column) for coordinate, column in value.items()}
            if set(columns) != set(domain.names):
                raise PlanError(
                    f"points of {name!r} have the columns {', '.join(columns)}; expected {', '.join(domain.names)}"
                )
            found = np.stack([columns[coordinate] for coordinate in domain.names], axis=-1)
        else:
            found = real_array(value)
    except (TypeError, ValueError) as error:
        if isinstance(error, PlanError):
            raise
        raise PlanError(
            f"points of {name!r} are no array of numbers, or columns of different length: {error}"
        ) from None
    if found.ndim != 2 or found.shape[1] != domain.dimension or not len(found):
        raise PlanError(
            f"points of {name!r} must be an array (n, {domain.dimension}) with columns {', '.join(domain.names)}; "
            f"got the shape {found.shape}"
        )
    return found


def _checked(name: str, found: np.ndarray, domain: Domain, plan: PointSetPlan) -> np.ndarray:
    finite = np.asarray(np.isfinite(found).all(axis=1))
    _require(finite, found, f"points of {name!r} must be finite numbers")
    _require(domain.contains(found, TOLERANCE), found, f"points of {name!r} must lie in the domain {domain}")
    face = None if plan.part is None else domain.part(plan.part)
    if face is not None and face.coordinate is not None and face.value is not None:
        low, high = domain.bounds[face.coordinate]
        off = np.abs(found[:, domain.names.index(face.coordinate)] - face.value)
        where = f"on {face.coordinate} = {face.value:g}"
        _require(off <= TOLERANCE * (high - low), found, f"points of {name!r} must lie {where}")
    elif face is not None:
        _require(_on_part(found, face, domain), found, f"points of {name!r} must lie on {face.name!r}, {face.where}")
    if plan.predicate is not None:
        columns = dict(zip(domain.names, found.T, strict=True))
        held = np.broadcast_to(np.asarray(evaluate(plan.predicate, columns), bool), len(found))
        _require(held, found, f"points of {name!r} must lie where {plan.predicate}")
    return found


def _on_part(points: np.ndarray, part: BoundaryPart, domain: Domain) -> np.ndarray:
    """Which points (n, d) of the domain lie on a part without a coordinate of its own, booleans (n,).

    On the boundary of the shape to rounding, by its `excess`; on this piece of it to the spacing of 4,096 samples.
    """
    shape, piece = domain.shape_of(part), domain.piece_of(part)
    own = points[:, [domain.names.index(name) for name in shape.names]]
    samples = piece.placed(rules.sobol(SAMPLES, piece.dimension) if piece.dimension else np.zeros((1, 0)))
    samples = samples[~np.isnan(samples[:, 0])]
    spacing = 2 * (piece.measure / SAMPLES) ** (1 / piece.dimension) if piece.dimension else 0.0
    distance, _ = cKDTree(samples).query(own)
    slack = TOLERANCE * shape.extent
    return (shape.excess(own) >= -slack) & (distance <= max(spacing, slack))


def _require(holds: np.ndarray, points: np.ndarray, what: str) -> None:
    if not holds.all():
        row = int(np.argmin(holds))
        raise PlanError(f"{what}; row {row} is {points[row].tolist()} ({(~holds).sum()} of {len(points)} rows)")
