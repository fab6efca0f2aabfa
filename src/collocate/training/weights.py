"""The weights of training: what the plan's weightings see, and what they make of the points and terms."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from collocate.geometry import Domain
from collocate.planning.specification import INTERIOR, Plan, Term
from collocate.training.objective import Functions, PointObjective
from collocate.weighting import Weighting, create
from collocate.weighting.robust import Robust

# Quasi-Newton steps learn from the gradients of one function: it must stay for a while.
LEAST_EVERY = {"lbfgs": 20, "self_scaled_broyden": 20}


class Weights:
    """The weightings of one plan; their states are in `TrainingState.weighting`."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.each: tuple[Weighting, ...] = tuple(create(item.name, item.options) for item in plan.weighting)

    @property
    def robust(self) -> Robust:
        """The misfits that were asked for in place of squares; for no term, where none were."""
        return next((each for each in self.each if isinstance(each, Robust)), Robust({}))

    def initial(self) -> dict[str, Any]:
        """The states before training; {} where no weighting was asked for."""
        return {"each": [weighting.init() for weighting in self.each], "updates": 0} if self.each else {}

    def updated(
        self, state: dict[str, Any], measurements: Measured, optimizer: str, step: int, redrawn: bool
    ) -> dict[str, Any]:
        """The states for the step after `step` steps of this phase; the same object where none is due."""
        due = [self._due(weighting, optimizer, step, redrawn) for weighting in self.each]
        if not any(due):
            return state
        states = zip(self.each, state["each"], due, strict=True)
        each = [w.update(before, measurements) if now else before for w, before, now in states]
        return {"each": each, "updates": state["updates"] + 1}

    @staticmethod
    def _due(weighting: Weighting, optimizer: str, step: int, redrawn: bool) -> bool:
        every = max(weighting.every, LEAST_EVERY.get(optimizer, 1))
        return step % every == 0 or (redrawn and weighting.by_row)

    def terms(self, state: dict[str, Any]) -> dict[str, float]:
        """w_m of each term: the plan's, times each weighting's; a reduced term's one row counts here."""
        found = {term.name: term.weight for term in self.plan.terms}
        for each in state.get("each", ()):
            for name, weight in each.get("terms", {}).items():
                found[name] *= float(weight)
            for term in self.plan.terms:
                if term.kind == "reduced" and term.name in each.get("rows", {}):
                    found[term.name] *= float(each["rows"][term.name][0]) ** 2
        return found

    def judged(self, pieces: Mapping[str, np.ndarray], points: Mapping[str, Any]) -> dict[str, float]:
        """Σ of the held-out rows' squares by term. Weights are the plan's; outliers count as the asked misfit has them,
        2ϱ for r², else the best solution would be the one that follows them."""
        found = {term.name: float(np.sum(pieces[term.name] ** 2)) for term in self.plan.terms}
        for term in self.plan.terms:
            if term.name in self.robust.misfits:
                share = np.ones(1) if term.kind == "reduced" else points[term.sets[0]]["weight"]
                rows = _unweighted(pieces[term.name] / np.sqrt(term.weight), share)
                squares = self.robust.squares(term.name, rows, term.scale)
                found[term.name] = term.weight * float(np.sum(share * squares))
        return found

    def points(self, points: Mapping[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        """The point sets with the multipliers μ of their rows."""
        multipliers: dict[str, dict[str, np.ndarray]] = {}
        for term in self.plan.terms:
            rows = [each["rows"][term.name] for each in state.get("each", ()) if term.name in each.get("rows", {})]
            if rows and term.kind != "reduced":
                multipliers.setdefault(term.sets[0], {})[term.name] = np.prod(rows, axis=0)
        return {
            name: {**entry, "multipliers": multipliers[name]} if name in multipliers else entry
            for name, entry in points.items()
        }


class Measured:
    """`weighting.Measurements` at one vector on the given points; each is computed once, when it is asked for."""

    def __init__(
        self, functions: Functions, frozen: dict[str, Any], points: dict[str, Any], vector: np.ndarray, domain: Domain
    ):
        self._functions, self._frozen, self._points = functions, frozen, points
        self._vector, self._domain, self._plan = vector, domain, functions.plan
        self.terms = tuple(term.name for term in self._plan.terms)
        self.equations = tuple(term.name for term in self._plan.terms if on_interior(term))
        self.scales = {term.name: term.scale for term in self._plan.terms}

    def residuals(self) -> dict[str, np.ndarray]:
        return self._residuals

    def gradients(self) -> dict[str, np.ndarray]:
        return {
            name: self._objective({other: float(other == name) for other in self.terms}).loss_and_gradient(
                self._vector
            )[1]
            for name in self.terms
        }

    def traces(self) -> dict[str, float]:
        objective = self._objective(dict.fromkeys(self.terms, 1.0))
        matrix = objective.jacobian(self._vector)[1]
        squares = objective.split(np.einsum("np,np->n", matrix, matrix, dtype=np.float64))
        return {name: float(piece.sum()) for name, piece in squares.items()}

    def elapsed(self) -> np.ndarray:
        name = self._domain.time
        low, high = self._domain.bounds[name]  # type: ignore[index]
        return (self._points[INTERIOR]["coordinates"][:, self._domain.names.index(name)] - low) / (high - low)  # type: ignore[arg-type]

    @cached_property
    def _residuals(self) -> dict[str, np.ndarray]:
        objective = self._objective(dict.fromkeys(self.terms, 1.0))
        rows = objective.split(np.asarray(objective.residuals(self._vector), np.float64))
        for term in self._plan.terms:
            if term.kind != "reduced":
                rows[term.name] = _unweighted(rows[term.name], self._points[term.sets[0]]["weight"])
        return rows

    def _objective(self, weights: Mapping[str, float]) -> PointObjective:
        return PointObjective(self._functions, self._frozen, self._points, weights, key=-1)


def _unweighted(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """√ω r → r; 0 where a point has no weight, which only fills up a block."""
    return np.divide(rows, np.sqrt(weight), out=np.zeros(len(rows)), where=weight > 0)


def on_interior(term: Term) -> bool:
    """Whether the rows of a term are the points of the interior."""
    return term.kind == "pointwise" and term.sets[0] == INTERIOR
