"""The figure of a solution: its fields, errors where a reference is known, and how training went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.solution import plotting
from collocate.solution.grids import display_points
from collocate.solution.measurements import measured
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
        measured=measured(solution),
        sees=solution.problem.sees,
        at=at,
        history=history(solution) or None,
        title=solution.problem.name or "",
        path=path,
    )


def coordinates(solution: Solution) -> list[tuple[str, float, float, bool, bool]]:
    """(name, low, high, is it time, is it a parameter)."""
    domain = solution.problem.domain
    return [(name, *domain.bounds[name], name == domain.time, name in domain.parameters) for name in domain.names]


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
    together = Together(solution, lambda points: solution.table(solution.problem.fields, points))
    return {name: together.column(number) for number, name in enumerate(solution.problem.field_names)}


class Together:
    """`table`, points (n, d) → (n, k), with NaN outside the domain; what is asked one after the other is computed once.

    `column(number)` is a function of {coordinate: (n,)}; a coordinate that is left out is held in its middle.
    """

    def __init__(self, solution: Solution, table: Callable[[np.ndarray], np.ndarray]):
        self.solution, self.table = solution, table
        self._last: tuple[Any, ...] = ()

    def column(self, number: int) -> Callable[[Points], np.ndarray]:
        return lambda points: self.values(points)[:, number]

    def values(self, points: Points) -> np.ndarray:
        table = _table(self.solution, points)
        if not self._last or set(points) != self._last[0] or not np.array_equal(self._last[1], table):
            self._last = set(points), table, _masked(self.solution, points, self.table(table).T).T
        return self._last[2]


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
        arrays = dict(zip(problem.domain.names, _table(solution, points).T, strict=True))
        return _masked(solution, points, reference_values(problem.reference, name, arrays) + shift)

    return values


def _table(solution: Solution, points: Points) -> np.ndarray:
    shape = next(iter(points.values())).shape
    middle = {name: 0.5 * (low + high) for name, (low, high) in solution.problem.domain.bounds.items()}
    return np.stack([points.get(name, np.full(shape, middle[name])) for name in solution.problem.domain.names], axis=1)


def _masked(solution: Solution, points: Points, values: np.ndarray) -> np.ndarray:
    """NaN where the coordinates that are given lie outside a shape of theirs."""
    inside = np.ones(values.shape[-1], bool)
    for shape in solution.problem.domain.shapes:
        if all(name in points for name in shape.names):
            inside &= shape.contains(np.stack([points[name] for name in shape.names], axis=1), tolerance=1e-9)
    return np.where(inside, values, np.nan)
