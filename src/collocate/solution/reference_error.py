"""How far training is from the reference, for display and history; nothing is decided by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from collocate.geometry import Domain
from collocate.residuals import Evaluator
from collocate.solution.grids import display_points
from collocate.solution.solution import relative_l2
from collocate.statement import Problem, reference_values


class ErrorAgainstReference:
    """`errors(parameters, domain, before) -> {field: relative L2}` on a few points of the domain; {} without a
    reference. `before`: the parameters of the slabs of time before."""

    def __init__(self, problem: Problem, evaluator: Evaluator):
        self.problem, self.evaluator = problem, evaluator
        self._truths: dict[Any, tuple[np.ndarray, dict[str, np.ndarray]]] = {}

    def __call__(
        self, parameters: dict[str, Any], domain: Domain, before: Sequence[dict[str, Any]] = ()
    ) -> dict[str, float]:
        if not self.problem.reference:
            return {}
        points, truth = self._truth(domain)
        columns = dict(zip(self.problem.field_names, self.evaluator(parameters, points, before).T, strict=True))
        return {
            name: relative_l2(columns[name], values, name in self.problem.floating) for name, values in truth.items()
        }

    def _truth(self, domain: Domain) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        key = tuple(domain.bounds.values())
        if key not in self._truths:
            points = display_points(domain)
            arrays = dict(zip(domain.names, points.T, strict=True))
            reference = self.problem.reference
            self._truths[key] = points, {name: reference_values(reference, name, arrays) for name in reference}
        return self._truths[key]
