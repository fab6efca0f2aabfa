"""The figure of a solution: its fields, errors where a reference is known, and how training went."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.solution import plotting
from collocate.statement import reference_values

if TYPE_CHECKING:
    from collocate.solution.solution import Solution


def draw_solution(solution: Solution, path: Any = None) -> Any:
    """See `plotting.draw`. Raises NotYetError for three coordinates or more."""
    problem = solution.problem
    coordinates = [(name, *problem.domain.bounds[name], name == problem.domain.time) for name in problem.domain.names]
    curves = {"loss": "loss", "held-out residual": "heldout"}
    curves |= {f"relative error of {name}": f"error {name}" for name in problem.field_names}
    history = {
        label: (solution.history["step"], solution.history[key])
        for label, key in curves.items()
        if len(solution.history.get(key, ())) > 1
    }
    return plotting.draw(
        {name: _field(solution, name) for name in problem.field_names},
        coordinates,
        {name: _reference(solution, name) for name in problem.reference},
        history=history or None,
        title=problem.name or "",
        path=path,
    )


def _field(solution: Solution, name: str) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    def values(points: dict[str, np.ndarray]) -> np.ndarray:
        table = np.stack([points[coordinate] for coordinate in solution.problem.domain.names], axis=1)
        return solution.table((solution.problem.field(name),), table)[:, 0]

    return values


def _reference(solution: Solution, name: str) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
    return lambda points: reference_values(solution.problem.reference, name, points)
