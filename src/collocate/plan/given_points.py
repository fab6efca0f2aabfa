"""Collocation points that the user gives: read, checked, and as arrays (n, d)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from collocate.errors import PlanError
from collocate.geometry import Domain
from collocate.plan.specification import PointSetPlan

# How far outside a point may lie, as a share of the domain: rounding, not a mistake.
TOLERANCE = 1e-9


def is_array(value: Any) -> bool:
    """Whether this is meant as points, not as their number."""
    return isinstance(value, Mapping | np.ndarray | list | tuple)


def given_points(points: Any, domain: Domain, sets: Sequence[PointSetPlan]) -> dict[str, np.ndarray]:
    """{set: (n, d)} for the sets of `points` that are given as arrays.

    Raises PlanError for a set that the plan does not draw, another shape, a value that is not finite, or a point
    outside the domain or off the set's face.
    """
    if not isinstance(points, Mapping):
        return {}
    mirrored = {entry.mirrors for entry in sets}
    free = {s.name: s for s in sets if s.mirrors is None and not s.quadrature and s.name not in mirrored}
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
            columns = {str(coordinate): np.asarray(column, np.float64) for coordinate, column in value.items()}
            if set(columns) != set(domain.names):
                raise PlanError(
                    f"points of {name!r} have the columns {', '.join(columns)}; expected {', '.join(domain.names)}"
                )
            found = np.stack([columns[coordinate] for coordinate in domain.names], axis=-1)
        else:
            found = np.array(value, np.float64)
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
    return found


def _require(holds: np.ndarray, points: np.ndarray, what: str) -> None:
    if not holds.all():
        row = int(np.argmin(holds))
        raise PlanError(f"{what}; row {row} is {points[row].tolist()} ({(~holds).sum()} of {len(points)} rows)")
