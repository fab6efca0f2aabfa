"""Collocation points of a plan, drawn on its domain: a pure function of (seed, step, role)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy

from collocate.errors import PlanError, StatementError
from collocate.expressions import evaluate
from collocate.geometry import NORMAL, Domain
from collocate.planning.specification import Plan, PointSetPlan
from collocate.sampling.unit_cube import unit_cube
from collocate.statement import MEASURED, Observations
from collocate.statement.integrals import OUTER

# Roles keep the streams of random numbers apart: what is held out is never trained on.
TRAINING, HELD_OUT, CANDIDATES = 0, 1, 2
_ROLES = 3


def draw(
    domain: Domain,
    plan: Plan,
    *,
    seed: int,
    step: int = 0,
    role: int = TRAINING,
    given: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """{set name: {"coordinates": (n, d), "weight": (n,), "columns": {name: (n,)}}} for every set of the plan.

    Sets that are `given` are taken as they are (those that are observed must be); their streams are free for whoever
    made them. Weights are 1/n, or of a quadrature rule: weighted means are means over the domain. Columns hold the
    normal, or where a point lies on a line, the point of its equation.
    Raises PlanError where a predicate holds (almost) nowhere.
    """
    found: dict[str, Any] = dict(given or {})
    for number, points in enumerate(plan.point_sets):
        if points.name in found:
            continue
        if points.quadrature:
            found[points.name] = _quadrature(domain, points)
            continue
        if points.along is not None:
            found[points.name] = _lines(domain, points, found[points.mirrors or ""]["coordinates"])
            continue
        if points.mirrors is not None:
            coordinates = _moved(domain, found[points.mirrors]["coordinates"], points)
        else:
            coordinates = _points(domain, plan.sampling, points, seed, step, stream=_ROLES * number + role)
        found[points.name] = point_set(domain, points, coordinates)
    return found


def _quadrature(domain: Domain, points: PointSetPlan) -> dict[str, Any]:
    """The nodes of the domain's own rule, with weights that sum to one."""
    coordinates, weights = domain.quadrature(points.count)
    return {**point_set(domain, points, coordinates), "weight": weights}


def _lines(domain: Domain, points: PointSetPlan, outer: np.ndarray) -> dict[str, Any]:
    """Gauss-Legendre nodes on the line through each outer point, (n · nodes, d); weighted sums are integrals."""
    assert points.along is not None
    nodes, weights = np.polynomial.legendre.leggauss(points.along.nodes)
    arrays = {name: outer[:, axis] for axis, name in enumerate(domain.names)}
    lower, upper = (
        np.broadcast_to(evaluate(bound, arrays), len(outer))[:, None]
        for bound in (points.along.lower, points.along.upper)
    )
    repeated = np.repeat(outer, len(nodes), axis=0)
    coordinates = repeated.copy()
    places = 0.5 * ((1.0 - nodes) * lower + (1.0 + nodes) * upper)
    coordinates[:, domain.names.index(points.along.coordinate)] = places.ravel()
    columns = {OUTER + name: repeated[:, axis] for axis, name in enumerate(domain.names)}
    return {"coordinates": coordinates, "weight": (0.5 * weights * (upper - lower)).ravel(), "columns": columns}


def observed(plan: Plan, observations: Mapping[str, Observations]) -> dict[str, Any]:
    """The point sets of what was measured, padded to the plan's counts by points of weight zero."""
    found = {}
    for points in plan.point_sets:
        if points.observed is not None:
            given = observations[points.observed]
            rows = np.minimum(np.arange(points.count), len(given.values) - 1)
            weight = np.where(np.arange(points.count) < len(given.values), given.weight[rows], 0.0)
            columns = {MEASURED: given.values[rows]}
            found[points.name] = {"coordinates": given.coordinates[rows], "weight": weight, "columns": columns}
    return found


def point_set(domain: Domain, points: PointSetPlan, coordinates: np.ndarray) -> dict[str, Any]:
    """The point set of given coordinates, equally weighted."""
    count = len(coordinates)
    normals = domain.normals(points.part, coordinates) if points.part is not None else {}
    columns = {NORMAL + name: components for name, components in normals.items()}
    return {"coordinates": coordinates, "weight": np.full(count, 1.0 / count), "columns": columns}


def _points(domain: Domain, rule: str, points: PointSetPlan, seed: int, step: int, stream: int) -> np.ndarray:
    def drawn(count: int, dimension: int) -> np.ndarray:
        return unit_cube(rule, count, dimension, seed=seed, step=step, stream=stream)

    predicate = points.predicate
    keep = None if predicate is None else lambda candidates: _holds(predicate, domain, candidates)
    try:
        return domain.sample(points.count, points.part, draw=drawn, keep=keep)
    except StatementError as error:
        raise PlanError(
            f"the condition of {points.name!r} holds at hardly any point of its part; use Eq(coordinate, value)"
        ) from error


def _holds(predicate: sympy.Basic, domain: Domain, candidates: np.ndarray) -> np.ndarray:
    columns = {name: candidates[:, axis] for axis, name in enumerate(domain.names)}
    return np.broadcast_to(np.asarray(evaluate(predicate, columns), bool), len(candidates))


def _moved(domain: Domain, coordinates: np.ndarray, points: PointSetPlan) -> np.ndarray:
    face = domain.part(points.part or "")
    moved = coordinates.copy()
    moved[:, domain.names.index(str(face.coordinate))] = face.value
    return moved
