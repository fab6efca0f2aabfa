"""The hinge: plan × network × backend → named residual vectors.

Adam, quasi-Newton, Gauss-Newton, adaptive weights and adaptive points all read this one function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from collocate.expressions import lower
from collocate.jets import Jet, JetAlgebra, JetSpace, affine
from collocate.planning.specification import Plan, Term, integral_symbol
from collocate.residuals.collapse import Needs, needs
from collocate.residuals.parameters import unknown_values
from collocate.residuals.traces import Traces
from collocate.residuals.trial import check_backend, coordinate_jets, field_jets

Environment = dict[sympy.Basic, Jet]


class Residuals:
    """`residuals(parameters, point_sets) -> {name: vector}`, one row per point (one in all for a reduced residual).

    parameters: {"stages": [tree, …], "unknowns": {name: scalar}}.
    point_sets: {set name: {"coordinates": (n, d), "weight": (n,), "columns": {name: (n,)}}}, where rows are weighted
    "multipliers": {term: (n,)}, and in slabs of time "traces" (see `traced`); the weights of a set sum to one. Rows are
    r/scale, not yet multiplied by √weight (see `row_factor`).
    The function is free of shapes and blocks; compile it with `bk.compile`.
    """

    def __init__(self, bk: Any, plan: Plan):
        check_backend(bk, plan)
        self.bk, self.plan = bk, plan
        self.values = JetAlgebra(bk, JetSpace.of(len(plan.coordinates)))
        self.nodes = {points.name: points.along.nodes for points in plan.point_sets if points.along is not None}
        self.needs = {points.name: self._needs(points.name) for points in plan.point_sets}
        self.spaces = {name: JetSpace.of(len(plan.coordinates), needed.entries) for name, needed in self.needs.items()}
        self.traces = Traces(bk, plan, self.spaces.values())

    def traced(self, point_sets: dict[str, Any], before: Sequence[Any], start: float) -> dict[str, Any]:
        """The point sets of a slab from `start` on, with the traces that it starts from (see `Traces`)."""
        if not self.plan.traces:
            return point_sets
        return {
            name: {**points, "traces": self.traces(before, start, points["coordinates"])}
            for name, points in point_sets.items()
        }

    def _needs(self, set_name: str) -> Needs:
        return needs([e for _, _, e in self._uses(set_name)], self.plan.fields, self.plan.symbols)

    def _uses(self, set_name: str) -> list[tuple[Term, int, sympy.Expr]]:
        """(term, evaluation, expression) of all that is evaluated on one point set, in the plan's order."""
        return [
            (term, number, expression)
            for term in self.plan.terms
            for number, (used, expression) in enumerate(zip(term.sets, term.expressions, strict=True))
            if used == set_name
        ]

    def __call__(self, parameters: dict[str, Any], point_sets: dict[str, Any]) -> dict[str, Any]:
        environments = {
            name: self.environment(name, parameters, points) for name, points in point_sets.items() if self._uses(name)
        }
        return {term.name: self.rows(term, environments, point_sets) for term in self.plan.terms}

    def environment(
        self,
        set_name: str,
        parameters: dict[str, Any],
        points: dict[str, Any],
        affine_map: Callable[..., Any] = affine,
        unknowns: Mapping[str, Any] | None = None,
    ) -> Environment:
        """What each symbol, field and derivative in the residuals on `set_name` is worth there: (n, 1) arrays."""
        algebra = JetAlgebra(self.bk, self.spaces[set_name])
        coordinates = coordinate_jets(algebra, self.plan, points["coordinates"])
        known = coordinates | self.traces.jets(algebra.space, points.get("traces", {}))
        jets = field_jets(algebra, self.plan, parameters, known, affine_map)
        found: Environment = {symbol: (jet[0],) for symbol, jet in coordinates.items()}
        for node, (field, entry) in self.needs[set_name].lookups.items():
            found[node] = (jets[field][algebra.space.index[entry]],)
        free = unknowns if unknowns is not None else parameters["unknowns"]
        for name, value in unknown_values(self.bk, self.plan, free).items():
            found[sympy.Symbol(name, real=True)] = (self.bk.reshape(value, (-1, 1)),)
        for name, column in points["columns"].items():
            found[sympy.Symbol(name, real=True)] = (self.bk.reshape(column, (-1, 1)),)
        return found

    def rows(self, term: Term, environments: dict[str, Environment], point_sets: dict[str, Any]) -> Any:
        """The residual vector of one term: (n,), or (1,) where it is reduced."""
        parts = []
        known = dict(environments[term.sets[0]])
        for number, set_name in reversed(list(enumerate(term.sets))):
            expression = self._rewritten(term, number, set_name)
            if set_name in self.nodes:
                known[integral_symbol(set_name)] = (self._integral(expression, environments, point_sets, set_name),)
            else:
                parts.append(lower(expression, self.values, known if number == 0 else environments[set_name]))
        first = point_sets[term.sets[0]]
        size = first["coordinates"].shape[0]
        total = self.values.value(self.values.scale(1.0 / term.scale, self.values.add(*parts)))
        column = self.bk.reshape(self.bk.broadcast_to(total, (size, 1)), (size,))
        return self.bk.sum(column * first["weight"], axis=0, keepdims=True) if term.kind == "reduced" else column

    def _integral(
        self, expression: sympy.Expr, environments: dict[str, Environment], point_sets: dict[str, Any], set_name: str
    ) -> Any:
        """Σ_q ω_nq f_nq over the nodes of each line: (n, 1)."""
        weight = point_sets[set_name]["weight"]
        values = self.values.value(lower(expression, self.values, environments[set_name]))
        column = self.bk.broadcast_to(values, (weight.shape[0], 1)) * self.bk.reshape(weight, (-1, 1))
        return self.bk.sum(self.bk.reshape(column, (-1, self.nodes[set_name])), axis=1, keepdims=True)

    def _rewritten(self, term: Term, number: int, set_name: str) -> sympy.Expr:
        uses = [(used, count) for used, count, _ in self._uses(set_name)]
        return self.needs[set_name].expressions[uses.index((term, number))]

    def row_factor(self, term: Term, point_sets: dict[str, Any], weights: dict[str, Any]) -> Any:
        """√(w_m ω_n) μ_n: what scales a row so that ½‖scaled rows‖² is the loss ½ Σ_m w_m Σ_n ω_n μ_n² r².

        μ, (n,), is in the set's "multipliers" by the name of the term; one where it is not there.
        """
        root = self.bk.sqrt(weights[term.name])
        if term.kind == "reduced":
            return root
        points = point_sets[term.sets[0]]
        factor = root * self.bk.sqrt(points["weight"])
        multiplier = points.get("multipliers", {}).get(term.name)
        return factor if multiplier is None else factor * multiplier
