"""Residuals and the point sets they are taken on: equations in the interior, soft conditions on their faces.

An integral term of an equation is one more evaluation: its integrand at the nodes of a Gauss-Legendre rule on the line
through each collocation point.
"""

from __future__ import annotations

from typing import Any

import sympy

from collocate.planning.conditions import Soft
from collocate.planning.specification import INTERIOR, Along, PointSetPlan, Term, integral_symbol

VOLUME = "volume"
# Gauss-Legendre nodes of an integral term: exact to rounding for smooth integrands that turn a few times.
NODES = 20
# Measurements with a standard deviation hold noise, and the equation is meant to hold exactly: with equal weights a
# network bends the equation to follow the noise (docs/why/data.md). Exact data lead training, and weigh one.
NOISY_WEIGHT = 1e-4


def terms(problem: Any, soft: tuple[Soft, ...], interior: int, face: int) -> tuple[list[Term], list[PointSetPlan]]:
    """Unscaled terms, and the point sets with `interior` points inside and `face` points on each face."""
    sets = {INTERIOR: PointSetPlan(INTERIOR, interior)}
    found = [_equation(equation, interior, sets) for equation in problem.equations]
    for item in soft:
        kind = item.condition.kind
        if kind == "mean":
            sets[VOLUME] = _volume(problem.domain.dimension, interior)
            found.append(Term(item.condition.label, (item.condition.residual,), (VOLUME,), kind="reduced"))
        elif kind == "periodic":
            found.extend(_periodic(problem, item.condition, face, sets))
        elif kind == "data":
            found.append(_observed(item.condition, sets))
        else:
            found.append(_on_face(problem, item, face, sets))
    return found, list(sets.values())


def _equation(equation: Any, interior: int, sets: dict[str, PointSetPlan]) -> Term:
    """The residual of an equation, its integrals on sets of their own."""
    residual, integrands, names = equation.residual, [], []
    for node in sorted(residual.atoms(sympy.Integral), key=sympy.default_sort_key):
        names.append(f"integral {sum(points.along is not None for points in sets.values()) + 1}")
        coordinate, lower, upper = node.limits[0]
        along = Along(coordinate.name, lower, upper, NODES)
        sets[names[-1]] = PointSetPlan(names[-1], interior * NODES, mirrors=INTERIOR, along=along)
        integrands.append(node.function)
        residual = residual.xreplace({node: integral_symbol(names[-1])})
    return Term(equation.name, (residual, *integrands), (INTERIOR, *names))


def _observed(condition: Any, sets: dict[str, PointSetPlan]) -> Term:
    """What was measured, at the points where it was."""
    sets[condition.label] = PointSetPlan(condition.label, len(condition.observations.values), observed=condition.label)
    weight = 1.0 if condition.observations.sigma is None else NOISY_WEIGHT
    return Term(condition.label, (condition.residual,), (condition.label,), weight=weight)


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
