"""The fields on fixed points while they are trained, and how far they are from the reference: that decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from collocate.geometry import Domain
from collocate.residuals import Evaluator
from collocate.solution.grids import display_points
from collocate.solution.solution import relative_l2
from collocate.statement import Problem, reference_values


class Watch:
    """`values(parameters, domain, before) -> (n, fields)` and `errors(values, domain) -> {field: relative L2}`."""

    def __init__(self, problem: Problem, evaluator: Evaluator):
        self.problem, self.evaluator = problem, evaluator
        self._points: dict[Any, np.ndarray] = {}
        self._truths: dict[Any, dict[str, np.ndarray]] = {}

    def values(self, parameters: dict[str, Any], domain: Domain, before: Sequence[dict[str, Any]] = ()) -> np.ndarray:
        """The fields on a few points of the domain, less their mean where only that fixes them.

        `before`: the parameters of the slabs of time before.
        """
        found = self.evaluator(parameters, self._on(domain), before)
        floating = np.array([name in self.problem.floating for name in self.problem.field_names])
        return found - np.where(floating, found.mean(axis=0), 0.0)

    @property
    def known(self) -> bool:
        """Whether there is a reference."""
        return bool(self.problem.reference)

    def errors(self, values: np.ndarray, domain: Domain) -> dict[str, float]:
        """Against the reference."""
        columns = dict(zip(self.problem.field_names, values.T, strict=True))
        return {
            name: relative_l2(columns[name], truth, name in self.problem.floating)
            for name, truth in self._truth(domain).items()
        }

    def _on(self, domain: Domain) -> np.ndarray:
        key = tuple(domain.bounds.values())
        if key not in self._points:
            self._points[key] = display_points(domain)
        return self._points[key]

    def _truth(self, domain: Domain) -> dict[str, np.ndarray]:
        key = tuple(domain.bounds.values())
        if key not in self._truths:
            arrays = dict(zip(domain.names, self._on(domain).T, strict=True))
            reference = self.problem.reference
            self._truths[key] = {name: reference_values(reference, name, arrays) for name in reference}
        return self._truths[key]
