"""What the optimizers see: residual rows, gradient and Jacobian over one flat vector, compiled once."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from collocate import tree
from collocate.backends import select
from collocate.memory import keep_freed
from collocate.planning.specification import Plan, Term
from collocate.residuals import Residuals, jacobian, join, trained


class Functions:
    """The compiled functions of one plan on one backend.

    Each takes (vector (P,), frozen parameters, point_sets, weights {term: scalar}). Shapes never change, so each is
    compiled once: `compile_seconds` adds up the first calls.
    """

    def __init__(self, bk: Any, plan: Plan, template: dict[str, Any]):
        self.bk, self.plan = bk, plan
        self.residuals = Residuals(bk, plan)
        self.like = trained(template)
        self.size = tree.size(self.like)
        self.compile_seconds = 0.0
        self._warm: set[Any] = set()
        keep_freed()
        matrix = jacobian(self.residuals, template)
        self._functions = {
            "rows": bk.compile(self._rows),
            "jacobian": bk.compile(lambda vector, frozen, *rest: matrix(self._parameters(vector, frozen), *rest)),
            "loss_and_gradient": bk.sum_over_blocks(self._block_loss_and_gradient, plan.blocks),
        }

    def call(self, name: str, vector: Any, frozen: dict[str, Any], points: Any, weights: Mapping[str, Any]) -> Any:
        """Call a compiled function; what the first call takes counts as compilation."""
        started = time.perf_counter()
        found = self._functions[name](*self._arguments(name, vector, frozen, points, weights))
        kind = name, tuple((path, np.shape(leaf)) for path, leaf in zip(*_walked(points), strict=True))
        if kind not in self._warm:
            self._warm.add(kind)
            tree.map(self.bk.to_numpy, found)
            self.compile_seconds += time.perf_counter() - started
        return found

    @staticmethod
    def _arguments(
        name: str, vector: Any, frozen: dict[str, Any], points: Any, weights: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        if name == "loss_and_gradient":
            return {"vector": vector, "frozen": frozen, "weights": dict(weights)}, points
        return vector, frozen, points, dict(weights)

    def unravelled(self, vector: np.ndarray) -> dict[str, Any]:
        """The trained part of the parameters on the host, in float64."""
        return tree.unravel(select.get("numpy"), np.asarray(vector, np.float64), self.like)

    def _parameters(self, vector: Any, frozen: dict[str, Any]) -> dict[str, Any]:
        return join(tree.unravel(self.bk, vector, self.like), frozen)

    def _scaled(self, vector: Any, frozen: dict[str, Any], points: Any, weights: dict[str, Any]) -> list[Any]:
        rows = self.residuals(self._parameters(vector, frozen), points)
        return [rows[term.name] * self.residuals.row_factor(term, points, weights) for term in self.plan.terms]

    def _rows(self, vector: Any, frozen: dict[str, Any], points: Any, weights: dict[str, Any]) -> Any:
        return self.bk.concat(self._scaled(vector, frozen, points, weights), axis=0)

    def _block_loss_and_gradient(self, given: dict[str, Any], points: Any) -> tuple[Any, Any]:
        def loss(vector: Any) -> Any:
            rows = self._scaled(vector, given["frozen"], points, given["weights"])
            total = self.bk.sum(rows[0] * rows[0])
            for row in rows[1:]:
                total = total + self.bk.sum(row * row)
            return 0.5 * total

        return self.bk.value_and_grad(loss)(given["vector"])


class PointObjective:
    """`optimizers.Objective` on the given points and weights; what is frozen stays as it is."""

    def __init__(
        self,
        functions: Functions,
        frozen: dict[str, Any],
        points: dict[str, Any],
        weights: Mapping[str, float],
        key: int,
    ):
        self.size, self.key = functions.size, key
        self._functions = functions
        # Converted once: every call of a step takes the same.
        self._frozen, self._weights, self._points = (
            tree.map(functions.bk.asarray, given) for given in (frozen, dict(weights), points)
        )

    def _call(self, name: str, vector: np.ndarray) -> Any:
        found = self._functions.call(name, vector, self._frozen, self._points, self._weights)
        return tree.map(self._functions.bk.to_numpy, found)

    def residuals(self, vector: np.ndarray) -> np.ndarray:
        return self._call("rows", vector)

    def row_factors(self) -> dict[str, np.ndarray]:
        """√(w ω) μ of each row, by the name of its term: what r/s is multiplied by."""
        bk, residuals = self._functions.bk, self._functions.residuals
        with bk.scope():
            found = {
                term.name: residuals.row_factor(term, self._points, self._weights) for term in residuals.plan.terms
            }
        return {name: np.asarray(bk.to_numpy(factor), np.float64) for name, factor in found.items()}

    def loss_and_gradient(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        loss, gradient = self._call("loss_and_gradient", vector)
        return float(loss), gradient

    def jacobian(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self._call("jacobian", vector)

    def split(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Scaled rows by the name of their term."""
        counts = [_row_count(self._functions.plan, term) for term in self._functions.plan.terms]
        pieces = np.split(rows, np.cumsum(counts)[:-1])
        return {term.name: piece for term, piece in zip(self._functions.plan.terms, pieces, strict=True)}

    def not_finite(self, vector: np.ndarray) -> str:
        """A sentence that names the residuals with a row that is not finite; empty where all are finite."""
        rows = self.split(self.residuals(vector))
        counts = {name: int(np.sum(~np.isfinite(row))) for name, row in rows.items()}
        found = [f"{name} (at {count} of {len(rows[name])} points)" for name, count in counts.items() if count]
        return f" Not finite: {', '.join(found)}." if found else ""


def _row_count(plan: Plan, term: Term) -> int:
    return 1 if term.kind == "reduced" else plan.count(term.sets[0])


def _walked(points: Any) -> tuple[list[Any], list[Any]]:
    return tree.paths(points), tree.leaves(points)
