"""How far the quadrature of an equation's integral terms is off: against a rule with twice the nodes.

Training, held-out residuals and verification all use the same nodes, so that none of them sees an integrand that the
rule does not follow: a kernel with a kink at s = x, or one that is infinite there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from collocate.backends import select
from collocate.errors import warn
from collocate.planning import INTERIOR, Plan
from collocate.residuals import Residuals
from collocate.sampling.point_sets import draw
from collocate.statement import Problem

POINTS = 64
TOLERANCE = 1e-7


def warn_of_rough_integrals(problem: Problem, plan: Plan, parameters: dict[str, Any]) -> None:
    """A warning for each equation whose residual, relative to its own terms, moves with the number of nodes.

    For the network as it starts, by NumPy; nothing for networks that it cannot evaluate.
    """
    names = {points.name for points in plan.point_sets if points.along is not None}
    terms = tuple(term for term in plan.terms if names.intersection(term.sets))
    if not terms or not hasattr(plan.stages[-1].network, "apply"):
        return
    rows = [_rows(problem, replace(plan, terms=terms), parameters, factor) for factor in (1, 2)]
    for term in terms:
        difference = float(np.max(np.abs(rows[0][term.name] - rows[1][term.name])))
        if difference > TOLERANCE:
            warn(
                f"{term.name}: its integral is off by about {difference:.1e} of the equation's size: its kernel is not "
                "smooth along the line of integration. Where it has a kink, as Abs(x - s) has at s = x, write it as "
                "two integrals, up to the kink and from it; one that is infinite there cannot be computed so"
            )


def _rows(problem: Problem, plan: Plan, parameters: dict[str, Any], factor: int) -> dict[str, np.ndarray]:
    """The residuals with `factor` times as many nodes on each line."""
    sets = []
    for points in plan.point_sets:
        if points.along is not None:
            along = replace(points.along, nodes=factor * points.along.nodes)
            sets.append(replace(points, along=along, count=POINTS * along.nodes))
        elif points.name == INTERIOR:
            sets.append(replace(points, count=POINTS))
    finer = replace(plan, point_sets=tuple(sets))
    return Residuals(select.get("numpy"), finer)(parameters, draw(problem.domain, finer, seed=0))
