"""Expressions of a trained solution at points: compiled once per list of expressions, in blocks of one size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy

from collocate import tree
from collocate.expressions import lower
from collocate.jets import JetAlgebra, JetSpace
from collocate.planning import marching
from collocate.planning.specification import Plan
from collocate.residuals.collapse import needs
from collocate.residuals.parameters import unknown_values
from collocate.residuals.traces import BLOCK, Columns, Traces
from collocate.residuals.trial import check_backend, coordinate_jets, field_jets


class Evaluator:
    """`evaluator(parameters, points (n, d)) -> (n, len(expressions))` for expressions of fields and coordinates."""

    def __init__(self, bk: Any, plan: Plan, expressions: Sequence[sympy.Expr]):
        check_backend(bk, plan)
        self.bk, self.plan = bk, plan
        self.needs = needs(expressions, plan.fields, plan.symbols)
        self.space = JetSpace.of(len(plan.coordinates), self.needs.entries)
        self.values = JetAlgebra(bk, JetSpace.of(len(plan.coordinates)))
        self.traces = Traces(bk, plan, [self.space])
        self._function = bk.compile(self.graph)

    def graph(self, parameters: dict[str, Any], points: Any, columns: Columns) -> Any:
        """The evaluation in protocol arrays alone: what is compiled, and what an exporter records.

        `columns`: the traces that a slab of time starts from (see `Traces`); {} where time is not split.
        """
        algebra = JetAlgebra(self.bk, self.space)
        coordinates = coordinate_jets(algebra, self.plan, points)
        jets = field_jets(algebra, self.plan, parameters, coordinates | self.traces.jets(self.space, columns))
        known: dict[Any, Any] = {symbol: (jet[0],) for symbol, jet in coordinates.items()}
        for node, (field, entry) in self.needs.lookups.items():
            known[node] = (jets[field][self.space.index[entry]],)
        for name, value in unknown_values(self.bk, self.plan, parameters["unknowns"]).items():
            known[sympy.Symbol(name, real=True)] = (self.bk.reshape(value, (1, 1)),)
        rows = self.bk.zeros_like(points[:, :1])  # no shape is read: Keras does not know how many points will come
        values = [self.values.value(lower(e, self.values, known)) for e in self.needs.expressions]
        return self.bk.concat([value + rows for value in values], axis=1)

    def __call__(
        self, parameters: dict[str, Any], points: np.ndarray, before: Sequence[dict[str, Any]] = ()
    ) -> np.ndarray:
        """`before`: the parameters of the slabs of time before this one."""
        start = float(parameters["constants"].get(marching.START, 0.0))
        columns = self.traces(before, start, points) if self.plan.traces and len(points) else {}
        parameters = tree.map(self.bk.asarray, parameters)
        blocks = []
        for low in range(0, len(points), BLOCK):
            rows = np.minimum(np.arange(low, low + BLOCK), len(points) - 1)
            part = {name: column[rows] for name, column in columns.items()}
            blocks.append(self.bk.to_numpy(self._function(parameters, points[rows], part))[: len(points) - low])
        return np.concatenate(blocks) if blocks else np.empty((0, len(self.needs.expressions)))
