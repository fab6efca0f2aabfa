"""What a solution leaves of a statement: residuals of its equations and of *all* its conditions, on many fresh points.

Conditions that the trial function meets are measured like the others: the statement may be another than the one that
the solution was trained on. Residuals are relative to the size of their own summands for *this* solution:
√Σ mean(summand²), the mean over the points of the residual and, for a condition, over the domain if that is larger
(the summand of u = 0 is all residual on the boundary itself). What was measured is held against the points where it
was, and judged by `misfit`: noise is no residual.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sympy

from collocate.errors import StatementError
from collocate.geometry import NORMAL
from collocate.planning.conditions import Soft, sort_conditions
from collocate.planning.specification import INTERIOR, Plan, PointSetPlan, Term, integral_symbol
from collocate.planning.terms import NODES, terms
from collocate.sampling.point_sets import HELD_OUT, draw, observed, point_set
from collocate.solution import Solution
from collocate.solution.residual_map import worst_place
from collocate.solution.rows import Points, rows_of
from collocate.statement import Problem
from collocate.training.weights import Weights
from collocate.verification.misfit import Misfit, misfit

# Fresh points in the interior by the number of coordinates, and on each face.
INTERIOR_POINTS, MOST_INTERIOR_POINTS, FACE_POINTS = {1: 4096, 2: 32768}, 65536, 4096
SCALE_POINTS = 2048
# A stream of random numbers that training with a seed of ordinary size does not use.
SEED = 2**40


@dataclass(frozen=True)
class Measured:
    """One residual, relative to the size `scale` of its own summands: on fresh points, or for data where they are.

    kind: "equation", "condition" or "data". `largest` is at `place`, {coordinate: value} ({} for a mean over the
    domain).
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

    Raises StatementError where the problem is about other fields or coordinates, or unknown numbers that the solution
    lacks.
    """

    def __init__(self, solution: Solution, problem: Problem | None = None):
        self.solution, self.problem = solution, problem or solution.problem
        _check_same_words(solution.problem, self.problem)
        self.plan = _with_all_conditions(solution.plan, self.problem)
        seen = observed(self.plan, self.problem.observations)
        self.points = draw(self.problem.domain, self.plan, seed=SEED, role=HELD_OUT, given=seen)
        self.equations = tuple(equation.name for equation in self.problem.equations)
        self.rows = rows_of(solution, self.plan)(self.points)
        self.scales = {term.name: self._scale(term) for term in self.plan.terms}
        self.misfits = tuple(self._misfits())

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
        """√Σ rms² over all residuals: one number for how well the statement holds. Noise in the data is not in it."""
        noise = {each.name for each in self.misfits if each.is_noise}
        kept = [term.name for term in self.plan.terms if term.name not in noise]
        return float(np.sqrt(sum(np.mean(self.relative(name) ** 2) for name in kept)))

    def as_trained(self) -> float:
        """√Σ weight · mean (r/scale)² over the terms and with the scales of training: beside its held-out residual.

        As there, data with a sigma are left out, and outliers count as the misfit that was asked for has them.
        """
        own = {term.name: term for term in self.solution.plan.terms}
        noisy = {name for name, each in self.solution.problem.observations.items() if each.sigma is not None}
        robust = Weights(self.solution.plan).robust
        found = 0.0
        for term in self.plan.terms:
            if term.name in own and term.name not in noisy:
                scale, weight = own[term.name].scale, own[term.name].weight
                squares = robust.squares(term.name, self.rows[term.name] / scale, scale)
                shares = 1.0 if term.kind == "reduced" else self.points[term.sets[0]]["weight"]
                found += weight * float(np.sum(shares * squares))
        return float(np.sqrt(found))

    def _misfits(self) -> Iterator[Misfit]:
        bounds = np.array(list(self.problem.domain.bounds.values()))
        robust = Weights(self.solution.plan).robust.misfits
        for name, given in self.problem.observations.items():
            places = (given.coordinates - bounds[:, 0]) / (bounds[:, 1] - bounds[:, 0])
            yield misfit(name, places, self.rows[name], given.sigma, self.scales[name], name in robust)

    def _measure(self, term: Term) -> Measured:
        values = self.relative(term.name)
        coordinates = self.points[term.sets[0]]["coordinates"]
        largest, place = float(np.max(values)), coordinates[int(np.argmax(values))] if term.kind != "reduced" else ()
        if self._kind(term) == "equation":
            largest, place = self._worst(term, values)
        named = dict(zip(self.problem.domain.names, map(float, place), strict=False))
        rms = float(np.sqrt(np.mean(values**2)))
        return Measured(term.name, self._kind(term), rms, largest, named, self.scales[term.name], len(values))

    def _kind(self, term: Term) -> str:
        if term.name in self.equations:
            return "equation"
        return "data" if term.name in self.problem.observations else "condition"

    def _worst(self, term: Term, values: np.ndarray) -> tuple[float, np.ndarray]:
        plan, domain = _only(self.plan, [term]), self.problem.domain
        rows = rows_of(self.solution, plan)

        def residual(points: np.ndarray) -> np.ndarray:
            here = {INTERIOR: point_set(domain, plan.points(INTERIOR), points)}
            return np.abs(rows(draw(domain, plan, seed=SEED, given=here))[term.name]) / self.scales[term.name]

        return worst_place(residual, domain, self.interior, values)

    def _scale(self, term: Term) -> float:
        """The size of the term's summands; 1 where they are all zero."""
        size = self._size(self._apart(term))
        if self._kind(term) != "equation":
            size = max(size, self._size(self._inside(term)))
        return size if np.isfinite(size) and size > 1e-12 else 1.0

    def _apart(self, term: Term) -> list[Term]:
        """Each summand as a term of its own, with the integrals that stand in it."""
        uses = list(zip(term.sets, term.expressions, strict=True))
        integrals = [(name, e) for name, e in uses if self.plan.points(name).along is not None]
        found = []
        for name, expression in uses:
            for summand in _summands(expression) if (name, expression) not in integrals else ():
                held = [(n, e) for n, e in integrals if integral_symbol(n) in summand.free_symbols]
                sets = (name, *(n for n, _ in held))
                found.append(Term(str(len(found)), (summand, *(e for _, e in held)), sets))
        return found

    def _inside(self, term: Term) -> list[Term]:
        """The summands of a condition that have a meaning in the interior, with every normal 1."""
        known = {*self.problem.domain.names, *(unknown.name for unknown in self.problem.unknowns)}
        found = []
        for summand in (each for expression in term.expressions for each in _summands(expression)):
            normals = {s: sympy.Integer(1) for s in summand.free_symbols if s.name.startswith(NORMAL)}
            inside = summand.xreplace(normals)
            if {s.name for s in inside.free_symbols} <= known:
                found.append(Term(str(len(found)), (inside,), (INTERIOR,)))
        return found

    def _size(self, found: list[Term]) -> float:
        if not found:
            return 0.0
        plan = _only(self.plan, found)
        few = {points.name: _first(self.points[points.name], _few(points)) for points in plan.point_sets}
        rows = rows_of(self.solution, plan)(few)
        return float(np.sqrt(sum(np.mean(row**2) for row in rows.values())))


def _check_same_words(own: Problem, other: Problem) -> None:
    if own.domain.names != other.domain.names or own.field_names != other.field_names:
        raise StatementError(
            f"the solution has the fields {', '.join(map(str, own.fields))} of {', '.join(own.domain.names)}, the "
            f"problem to check it against {', '.join(map(str, other.fields))} of {', '.join(other.domain.names)}; "
            "they must be the same"
        )
    lacking = [each.name for each in other.unknowns if each.name not in {one.name for one in own.unknowns}]
    if lacking:
        raise StatementError(
            f"the problem to check against has the unknown numbers {', '.join(lacking)}, which the solution did not "
            "find: state it with values in their place"
        )


def _with_all_conditions(plan: Plan, problem: Problem) -> Plan:
    """The plan with every equation and every condition of `problem` as an unscaled term, on many points."""
    found = sort_conditions(problem)
    soft = (*found.soft, *_exact(problem, found.soft))
    dimension = problem.domain.dimension
    interior = INTERIOR_POINTS.get(dimension, MOST_INTERIOR_POINTS)
    if any(equation.residual.has(sympy.Integral) for equation in problem.equations):
        interior = max(interior // NODES, SCALE_POINTS)  # each point brings as many nodes
    unscaled, sets = terms(problem, soft, interior, FACE_POINTS)
    return replace(plan, terms=tuple(unscaled), point_sets=tuple(sets))


def _exact(problem: Problem, soft: tuple[Soft, ...]) -> Iterator[Soft]:
    """The conditions, place by place, that are not among those left soft."""
    kept = {(item.condition.label, item.part, item.predicate) for item in soft}
    for condition in problem.conditions:
        places = [(place.part, place.predicate) for place in condition.selections]
        if condition.kind in ("periodic", "mean", "data"):
            places = [(None, None)]
        yield from (Soft(condition, *place) for place in places if (condition.label, *place) not in kept)


def _only(plan: Plan, found: list[Term]) -> Plan:
    used = {name for term in found for name in term.sets}
    return replace(plan, terms=tuple(found), point_sets=tuple(p for p in plan.point_sets if p.name in used))


def _summands(expression: sympy.Expr) -> Sequence[sympy.Expr]:
    return sympy.Add.make_args(sympy.expand_mul(expression))


def _few(points: PointSetPlan) -> int:
    """How many points tell the size of a summand; the nodes of a line stay together."""
    return SCALE_POINTS if points.along is None else SCALE_POINTS * points.along.nodes


def _first(points: Points, count: int) -> Points:
    columns = {name: column[:count] for name, column in points["columns"].items()}
    return {"coordinates": points["coordinates"][:count], "weight": points["weight"][:count], "columns": columns}
