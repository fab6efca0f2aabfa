"""Left side less right side of each equation at any points, integral terms too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from collocate.backends import select
from collocate.plan.specification import INTERIOR
from collocate.residuals import Residuals
from collocate.sampling.point_sets import draw, point_set

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

BLOCK = 2048


def residual_map(solution: Solution, points: np.ndarray) -> dict[str, np.ndarray]:
    """{equation: residual (n,)} at points (n, d), unscaled; NaN in the time that training did not reach.

    By NumPy in float64 from the terms of the plan, integrals on the lines through the points. Each point is evaluated
    by its own slab of time.
    """
    domain, plan = solution.problem.domain, solution.plan
    names = {equation.name for equation in solution.problem.equations}
    terms = tuple(replace(term, scale=1.0) for term in plan.terms if term.name in names)
    used = {name for term in terms for name in term.sets}
    plan = replace(plan, terms=terms, point_sets=tuple(each for each in plan.point_sets if each.name in used))
    residuals = Residuals(select.get("numpy"), plan)
    found = {term.name: np.full(len(points), np.nan) for term in terms}
    owners = solution.slab_of(points)
    for number, slab in enumerate(solution.slabs):
        chosen = np.flatnonzero((owners == number) & ~solution.unsolved(points))
        for rows in np.split(chosen, range(BLOCK, len(chosen), BLOCK)):
            given = {INTERIOR: point_set(domain, plan.points(INTERIOR), points[rows])}
            with np.errstate(all="ignore"):
                values = residuals(slab.parameters, draw(domain, plan, seed=0, given=given)) if len(rows) else {}
            for name, column in values.items():
                found[name][rows] = column
    return found
