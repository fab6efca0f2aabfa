"""The error of a solution against a reference: the problem's, or one that the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.solution import Solution
from collocate.solution.grids import verification_points
from collocate.solution.solution import relative_l2
from collocate.statement import Problem, reference_values
from collocate.statement.reference import Reference, read_reference
from collocate.statement.vocabulary import Vocabulary


@dataclass(frozen=True)
class Error:
    """The relative L2 error of one field; `largest` over the field's size, at `place`."""

    relative: float
    largest: float
    place: dict[str, float]


def reference_of(problem: Problem, given: Any) -> Reference:
    """What is given, read as `Problem(reference=…)` reads it; left out, the problem's own.

    Raises StatementError where it does not fit the problem.
    """
    if given is None:
        return problem.reference
    names = tuple(unknown.name for unknown in problem.unknowns)
    equations = [(equation.name, equation.left, equation.right) for equation in problem.equations]
    return read_reference(given, Vocabulary.of(problem.domain, names, equations))


def errors(solution: Solution, problem: Problem, reference: Reference) -> dict[str, Error]:
    """By field, on the fixed verification points; {} without a reference. Floating fields without their means."""
    if not reference:
        return {}
    points = verification_points(problem.domain)
    arrays = dict(zip(problem.domain.names, points.T, strict=True))
    columns = dict(zip(solution.problem.field_names, solution.table(solution.problem.fields, points).T, strict=True))
    return {
        name: _error(columns[name], reference_values(reference, name, arrays), name in problem.floating, arrays)
        for name in reference
    }


def _error(values: np.ndarray, truth: np.ndarray, floating: bool, arrays: dict[str, np.ndarray]) -> Error:
    apart = values - truth - ((values - truth).mean() if floating else 0.0)
    size = float(np.sqrt(np.mean(truth**2))) or 1.0
    worst = int(np.argmax(np.abs(apart)))
    place = {name: float(array[worst]) for name, array in arrays.items()}
    return Error(relative_l2(values, truth, floating), float(np.abs(apart[worst])) / size, place)
