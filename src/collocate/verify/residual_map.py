"""What a solution leaves of a statement: residuals of its equations and of *all* its conditions, on many fresh points.

Conditions that the trial function meets are measured like the others: the statement may be another than the one that
the solution was trained on. Everything is evaluated by NumPy in float64, the oracle of the house, whichever framework
trained. Residuals are relative to the size of their own summands for *this* solution: √Σ mean(summand²), the mean over
the points of the residual and, for a condition, over the domain if that is larger (the summand of u = 0 is all
residual on the boundary itself).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy

from collocate.backends import select
from collocate.errors import StatementError
from collocate.geometry import NORMAL
from collocate.plan.conditions import Soft, sort_conditions
from collocate.plan.specification import INTERIOR, Plan, Term
from collocate.plan.terms import terms
from collocate.residuals import Residuals
from collocate.sampling.point_sets import HELD_OUT, draw, point_set
from collocate.solution import Solution
from collocate.statement import Problem

# Fresh points in the interior by the number of coordinates, and on each face.
INTERIOR_POINTS, MOST_INTERIOR_POINTS, FACE_POINTS = {1: 4096, 2: 32768}, 65536, 4096
SCALE_POINTS = 2048
# A stream of random numbers that training with a seed of ordinary size does not use.
SEED = 2**40
# The search for the worst place: around the worst points, boxes that halve.
STARTS, AROUND, ROUNDS, FIRST_BOX = 12, 64, 10, 0.02


@dataclass(frozen=True)
class Measured:
    """One residual on fresh points, relative to the size `scale` of its own summands.

    kind: "equation" or "condition". `largest` is at `place`, {coordinate: value} ({} for a mean over the domain).
    """

    name: str
    kind: str
    rms: float
    largest: float
    place: dict[str, float]
    scale: float
    points: int


class ResidualMap:
    """Residuals of `problem` (by default the solution's own) for one solution.

    Raises StatementError where the problem is about other fields or coordinates.
    """

    def __init__(self, solution: Solution, problem: Problem | None = None):
        self.solution, self.problem = solution, problem or solution.problem
        _check_same_words(solution.problem, self.problem)
        self.plan = _with_all_conditions(solution.plan, self.problem)
        self.points = draw(self.problem.domain, self.plan, seed=SEED, role=HELD_OUT)
        self.equations = tuple(equation.name for equation in self.problem.equations)
        self.rows = evaluate(solution, self.plan, self.points)
        self.scales = self._scales()

    @property
    def interior(self) -> np.ndarray:
        """The fresh points of the interior (n, d)."""
        return self.points[INTERIOR]["coordinates"]

    def relative(self, name: str) -> np.ndarray:
        """|r| / scale of one residual, at the points of its set."""
        return np.abs(self.rows[name]) / self.scales[name]

    def of_equations(self) -> np.ndarray:
        """√Σ (r / scale)² over the equations, at the points of the interior: what a map of residuals shows."""
        return np.sqrt(sum(self.relative(name) ** 2 for name in self.equations))

    def measured(self) -> tuple[Measured, ...]:
        """Every residual, equations first; the worst place of an equation is searched for between the points."""
        return tuple(self._measure(term) for term in self.plan.terms)

    def level(self) -> float:
        """√Σ rms² over all residuals: one number for how well the statement holds."""
        return float(np.sqrt(sum(np.mean(self.relative(term.name) ** 2) for term in self.plan.terms)))

    def as_trained(self) -> float:
        """√Σ weight · mean (r/scale)² over the terms and with the scales of training: beside its held-out residual."""
        own = {term.name: term for term in self.solution.plan.terms}
        squares = (
            own[name].weight * float(np.mean(rows**2)) / own[name].scale ** 2
            for name, rows in self.rows.items()
            if name in own
        )
        return float(np.sqrt(sum(squares)))

    def _measure(self, term: Term) -> Measured:
        values = self.relative(term.name)
        coordinates = self.points[term.sets[0]]["coordinates"]
        kind = "equation" if term.name in self.equations else "condition"
        largest, place = float(np.max(values)), coordinates[int(np.argmax(values))]
        if kind == "equation":
            largest, place = self._worst(term.name, values)
        named = {} if term.kind == "reduced" else dict(zip(self.problem.domain.names, map(float, place), strict=True))
        rms = float(np.sqrt(np.mean(values**2)))
        return Measured(term.name, kind, rms, largest, named, self.scales[term.name], len(values))

    def _worst(self, name: str, values: np.ndarray) -> tuple[float, np.ndarray]:
        interior = [term for term in self.plan.terms if term.name == name]
        if any(set(term.sets) != {INTERIOR} for term in interior):
            return float(values.max()), self.interior[int(np.argmax(values))]
        plan = _only(self.plan, interior)

        def residual(points: np.ndarray) -> np.ndarray:
            sets = {INTERIOR: point_set(self.problem.domain, plan.point_sets[0], points)}
            return np.abs(evaluate(self.solution, plan, sets)[name]) / self.scales[name]

        return worst_place(residual, self.problem.domain, self.interior, values)

    def _scales(self) -> dict[str, float]:
        """The size of each term's summands; 1 where they are all zero."""
        return {term.name: self._scale(term) for term in self.plan.terms}

    def _scale(self, term: Term) -> float:
        condition = term.name not in self.equations
        here = self._size(_summands(term), list(term.sets))
        there = self._size([self._without_normals(term)], [INTERIOR]) if condition else 0.0
        size = max(here, there)
        return size if np.isfinite(size) and size > 1e-12 else 1.0

    def _without_normals(self, term: Term) -> list[sympy.Expr]:
        """The summands of a condition that have a meaning in the interior, with every normal 1."""
        known = {*self.problem.domain.names, *(unknown.name for unknown in self.problem.unknowns)}
        found = []
        for summand in (each for group in _summands(term) for each in group):
            normals = {s: sympy.Integer(1) for s in summand.free_symbols if s.name.startswith(NORMAL)}
            inside = summand.xreplace(normals)
            if {s.name for s in inside.free_symbols} <= known:
                found.append(inside)
        return found

    def _size(self, summands: list[list[sympy.Expr]], sets: list[str]) -> float:
        named = {
            f"{number}.{place}": Term(f"{number}.{place}", (summand,), (name,))
            for number, (group, name) in enumerate(zip(summands, sets, strict=False))
            for place, summand in enumerate(group)
        }
        if not named:
            return 0.0
        few = {name: _first(points, SCALE_POINTS) for name, points in self.points.items() if name in sets}
        rows = evaluate(self.solution, _only(self.plan, list(named.values())), few)
        return float(np.sqrt(sum(np.mean(row**2) for row in rows.values())))


def worst_place(
    residual: Callable[[np.ndarray], np.ndarray], domain: Any, points: np.ndarray, values: np.ndarray
) -> tuple[float, np.ndarray]:
    """The largest value found, and where: from the worst of `points` on, in boxes around the best that halve."""
    values = np.where(np.isfinite(values), values, np.inf)
    order = np.argsort(values)[::-1][:STARTS]
    best, found = points[order], values[order]
    lower, upper = np.array(list(domain.bounds.values())).T
    box = FIRST_BOX * (upper - lower)
    generator = np.random.default_rng(0)
    for _ in range(ROUNDS):
        moves = generator.uniform(-1.0, 1.0, (len(best), AROUND, points.shape[1])) * box
        tried = np.clip(best[:, None, :] + moves, lower, upper).reshape(-1, points.shape[1])
        inside = domain.contains(tried)
        scores = np.where(inside, residual(tried), -np.inf).reshape(len(best), AROUND)
        winner = scores.argmax(axis=1)
        better = scores.max(axis=1) > found
        best = np.where(better[:, None], tried.reshape(len(best), AROUND, -1)[np.arange(len(best)), winner], best)
        found = np.where(better, scores.max(axis=1), found)
        box = 0.5 * box
    return float(found.max()), best[int(found.argmax())]


def evaluate(solution: Solution, plan: Plan, points: dict[str, Any]) -> dict[str, np.ndarray]:
    """{term: rows r} of a plan's terms for a solution; with slabs each point is evaluated by its own."""
    residuals = Residuals(select.get("numpy"), plan)
    owners = {name: _owners(solution, members["coordinates"]) for name, members in points.items()}
    total: dict[str, Any] = {term.name: 0.0 for term in plan.terms}
    with np.errstate(all="ignore"):  # a slab is evaluated outside its own time too, and that is thrown away
        for number, slab in enumerate(solution.slabs):
            of_slab = {
                name: {**members, "weight": np.where(owners[name] == number, members["weight"], 0.0)}
                for name, members in points.items()
            }
            rows = residuals(slab.parameters, of_slab)
            for term in plan.terms:
                mask = True if term.kind == "reduced" else owners[term.sets[0]] == number
                total[term.name] = total[term.name] + np.where(mask, rows[term.name], 0.0)
    return total


def _owners(solution: Solution, points: np.ndarray) -> np.ndarray:
    """Which slab each point belongs to."""
    if len(solution.slabs) == 1:
        return np.zeros(len(points), int)
    axis = solution.problem.domain.names.index(str(solution.problem.domain.time))
    return np.searchsorted([slab.start for slab in solution.slabs[1:]], points[:, axis], side="right")


def _check_same_words(own: Problem, other: Problem) -> None:
    if own.domain.names != other.domain.names or own.field_names != other.field_names:
        raise StatementError(
            f"the solution has the fields {', '.join(map(str, own.fields))} of {', '.join(own.domain.names)}, the "
            f"problem to check it against {', '.join(map(str, other.fields))} of {', '.join(other.domain.names)}; "
            "they must be the same"
        )


def _with_all_conditions(plan: Plan, problem: Problem) -> Plan:
    """The plan with every equation and every condition of `problem` as an unscaled term, on many points."""
    found = sort_conditions(problem)
    soft = (*found.soft, *_exact(problem, found.soft))
    dimension = problem.domain.dimension
    unscaled, sets = terms(problem, soft, INTERIOR_POINTS.get(dimension, MOST_INTERIOR_POINTS), FACE_POINTS)
    return replace(plan, terms=tuple(unscaled), point_sets=tuple(sets))


def _exact(problem: Problem, soft: tuple[Soft, ...]) -> Iterator[Soft]:
    """The conditions, place by place, that are not among those left soft."""
    kept = {(item.condition.label, item.part, item.predicate) for item in soft}
    for condition in problem.conditions:
        places = [(place.part, place.predicate) for place in condition.selections]
        if condition.kind in ("periodic", "mean"):
            places = [(None, None)]
        yield from (Soft(condition, *place) for place in places if (condition.label, *place) not in kept)


def _only(plan: Plan, found: list[Term]) -> Plan:
    used = {name for term in found for name in term.sets}
    return replace(plan, terms=tuple(found), point_sets=tuple(p for p in plan.point_sets if p.name in used))


def _summands(term: Term) -> list[list[sympy.Expr]]:
    return [list(sympy.Add.make_args(sympy.expand_mul(expression))) for expression in term.expressions]


def _first(points: dict[str, Any], count: int) -> dict[str, Any]:
    columns = {name: column[:count] for name, column in points["columns"].items()}
    return {"coordinates": points["coordinates"][:count], "weight": points["weight"][:count], "columns": columns}
