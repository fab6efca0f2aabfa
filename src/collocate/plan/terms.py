"""Residuals and the point sets they are taken on: equations in the interior, soft conditions on their faces."""

from __future__ import annotations

from typing import Any

import sympy

from collocate.plan.conditions import Soft
from collocate.plan.specification import INTERIOR, PointSetPlan, Term

VOLUME = "volume"


def terms(problem: Any, soft: tuple[Soft, ...], interior: int, face: int) -> tuple[list[Term], list[PointSetPlan]]:
    """Unscaled terms, and the point sets with `interior` points inside and `face` points on each face."""
    found = [Term(equation.name, (equation.residual,), (INTERIOR,)) for equation in problem.equations]
    sets = {INTERIOR: PointSetPlan(INTERIOR, interior)}
    for item in soft:
        kind = item.condition.kind
        if kind == "mean":
            sets[VOLUME] = _volume(problem.domain.dimension, interior)
            found.append(Term(item.condition.label, (item.condition.residual,), (VOLUME,), kind="reduced"))
        elif kind == "periodic":
            found.extend(_periodic(problem, item.condition, face, sets))
        else:
            found.append(_on_face(problem, item, face, sets))
    return found, list(sets.values())


def _volume(dimension: int, interior: int) -> PointSetPlan:
    """Where means are taken: by Gauss-Legendre nodes, exact to rounding for smooth fields; scattered beyond 3-D."""
    if dimension > 3:
        return PointSetPlan(VOLUME, interior)
    return PointSetPlan(VOLUME, round(interior ** (1 / dimension)) ** dimension, quadrature=True)


def _on_face(problem: Any, item: Soft, face: int, sets: dict[str, PointSetPlan]) -> Term:
    name = str(item.part) if item.predicate is None else f"{item.part} where {item.predicate}"
    count = face if problem.domain.dimension > 1 else 1
    sets[name] = PointSetPlan(name, count, part=item.part, predicate=item.predicate)
    return Term(f"{item.condition.label} ({name})", (item.condition.residual,), (name,))


def _periodic(problem: Any, condition: Any, face: int, sets: dict[str, PointSetPlan]) -> list[Term]:
    """∂^j u at one end minus ∂^j u at the other, for every order j below the equation's."""
    low, high = (part for part in problem.domain.parts if part.coordinate == condition.coordinate)
    count = face if problem.domain.dimension > 1 else 1
    sets[low.name] = PointSetPlan(low.name, count, part=low.name)
    opposite = f"{high.name} of {low.name}"
    sets[opposite] = PointSetPlan(opposite, count, part=high.name, mirrors=low.name)
    symbol = problem.domain.coordinates[problem.domain.names.index(condition.coordinate)]
    field = problem.field(condition.field)
    found = []
    for order in range(max(problem.order(condition.field, condition.coordinate), 1)):
        value = sympy.Derivative(field, (symbol, order)) if order else field
        name = f"{condition.label}, order {order}" if order else condition.label
        found.append(Term(name, (value, -value), (low.name, opposite)))
    return found
