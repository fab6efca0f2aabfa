"""Left side less right side of each equation at any points, integral terms too, and where it is largest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.planning.specification import INTERIOR
from collocate.sampling.point_sets import draw, point_set
from collocate.solution.rows import rows_of

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

BLOCK = 2048
# The search for the worst place: around the worst points, boxes that halve.
STARTS, AROUND, ROUNDS, FIRST_BOX = 12, 64, 10, 0.02


def residual_map(solution: Solution, points: np.ndarray) -> dict[str, np.ndarray]:
    """{equation: residual (n,)} at points (n, d), unscaled; NaN in the time that training did not reach.

    In float64 from the terms of the plan, integrals on the lines through the points. Each point is evaluated by its own
    slab of time.
    """
    return {equation.name: residual_of(solution, equation.name)(points) for equation in solution.problem.equations}


def residual_of(solution: Solution, equation: str) -> Callable[[np.ndarray], np.ndarray]:
    """points (n, d) -> residual (n,) of one equation, as `residual_map` gives it."""
    domain = solution.problem.domain
    term = replace(next(each for each in solution.plan.terms if each.name == equation), scale=1.0)
    sets = tuple(each for each in solution.plan.point_sets if each.name in term.sets)
    plan = replace(solution.plan, terms=(term,), point_sets=sets)
    rows = rows_of(solution, plan)

    def residual(points: np.ndarray) -> np.ndarray:
        found = np.full(len(points), np.nan)
        solved = np.flatnonzero(~solution.unsolved(points))
        for block in np.split(solved, range(BLOCK, len(solved), BLOCK)) if len(solved) else ():
            given = {INTERIOR: point_set(domain, plan.points(INTERIOR), points[block])}
            found[block] = rows(draw(domain, plan, seed=0, given=given))[equation]
        return found

    return residual


def worst_place(
    residual: Callable[[np.ndarray], np.ndarray], domain: Any, points: np.ndarray, values: np.ndarray
) -> tuple[float, np.ndarray]:
    """The largest |residual| found, and where: from the worst of `points` on, in boxes around the best that halve.

    values: the residual at `points`, infinitely large where it is not finite. What has no value between them (outside
    the domain, or in the time that training did not reach) is passed over.
    """
    values = np.where(np.isfinite(values), np.abs(values), np.inf)
    order = np.argsort(values)[::-1][:STARTS]
    best, found = points[order], values[order]
    lower, upper = np.array(list(domain.bounds.values())).T
    box = FIRST_BOX * (upper - lower)
    generator = np.random.default_rng(0)
    for _ in range(ROUNDS):
        moves = generator.uniform(-1.0, 1.0, (len(best), AROUND, points.shape[1])) * box
        tried = np.clip(best[:, None, :] + moves, lower, upper).reshape(-1, points.shape[1])
        sizes = np.abs(residual(tried))
        known = domain.contains(tried) & ~np.isnan(sizes)
        scores = np.where(known, sizes, -np.inf).reshape(len(best), AROUND)
        winner = scores.argmax(axis=1)
        better = scores.max(axis=1) > found
        best = np.where(better[:, None], tried.reshape(len(best), AROUND, -1)[np.arange(len(best)), winner], best)
        found = np.where(better, scores.max(axis=1), found)
        box = 0.5 * box
    return float(found.max()), best[int(found.argmax())]
