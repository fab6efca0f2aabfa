"""The figure of a solution: its fields, errors where a reference is known, and how training went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.solution import plotting
from collocate.solution.grids import display_points
from collocate.statement import reference_values

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

Points = dict[str, np.ndarray]


def draw_solution(solution: Solution, path: Any = None, at: Mapping[str, float] | None = None) -> Any:
    """See `Solution.plot`."""
    return plotting.draw(
        fields(solution),
        coordinates(solution),
        references(solution),
        at=at,
        history=history(solution) or None,
        title=solution.problem.name or "",
        path=path,
    )


def coordinates(solution: Solution) -> list[tuple[str, float, float, bool]]:
    domain = solution.problem.domain
    return [(name, *domain.bounds[name], name == domain.time) for name in domain.names]


def history(solution: Solution) -> dict[str, tuple[list[float], list[float]]]:
    """The curves of training by their names, where there are two values or more."""
    curves = {"loss": "loss", "held-out residual": "heldout"}
    curves |= {f"relative error of {name}": f"error {name}" for name in solution.problem.field_names}
    return {
        label: (solution.history["step"], solution.history[key])
        for label, key in curves.items()
        if len(solution.history.get(key, ())) > 1
    }


def fields(solution: Solution) -> dict[str, Callable[[Points], np.ndarray]]:
    """{field: function of {coordinate: (n,)}}, NaN outside the domain."""
    together = Together(solution, solution.problem.fields)
    return {name: together.column(number) for number, name in enumerate(solution.problem.field_names)}


class Together:
    """Canonical expressions at points, NaN outside the domain; asked for one after the other, they are computed once.

    `column(number)` is a function of {coordinate: (n,)}.
    """

    def __init__(self, solution: Solution, expressions: tuple[Any, ...]):
        self.solution, self.expressions = solution, expressions
        self._last = np.empty((0, 0)), np.empty((0, 0))

    def column(self, number: int) -> Callable[[Points], np.ndarray]:
        return lambda points: self.values(points)[:, number]

    def values(self, points: Points) -> np.ndarray:
        table = _table(self.solution, points)
        if not np.array_equal(self._last[0], table):
            values = self.solution.table(self.expressions, table)
            self._last = table, _masked(self.solution, table, values.T).T
        return self._last[1]


def references(solution: Solution) -> dict[str, Callable[[Points], np.ndarray]]:
    """The truths likewise; of a field that is known up to a constant, moved to the solution's mean."""
    return {name: _reference(solution, name) for name in solution.problem.reference}


def _reference(solution: Solution, name: str) -> Callable[[Points], np.ndarray]:
    problem, shift = solution.problem, 0.0
    if name in problem.floating:
        points = display_points(problem.domain)
        truth = reference_values(problem.reference, name, dict(zip(problem.domain.names, points.T, strict=True)))
        shift = float(np.mean(solution.table((problem.field(name),), points)[:, 0] - truth))

    def values(points: Points) -> np.ndarray:
        return _masked(solution, _table(solution, points), reference_values(problem.reference, name, points) + shift)

    return values


def _table(solution: Solution, points: Points) -> np.ndarray:
    return np.stack([points[coordinate] for coordinate in solution.problem.domain.names], axis=1)


def _masked(solution: Solution, table: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(solution.problem.domain.contains(table, tolerance=1e-9), values, np.nan)
