"""How much of the solution the trial function holds before training: where nearly all, a solution proves nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from collocate.expressions import evaluate
from collocate.planning.specification import Trial
from collocate.statement import reference_values

POINTS_PER_AXIS = {1: 1001, 2: 101, 3: 25}


def trial_errors(problem: Any, trials: tuple[Trial, ...], scales: tuple[float, ...]) -> tuple[tuple[str, float], ...]:
    """Relative L2 error of G + c Φ s with the best constant c, for each field that has a reference.

    Shown and stored; nothing is decided by it.
    """
    points = problem.domain.grid_points(POINTS_PER_AXIS.get(problem.domain.dimension, 9))
    arrays = dict(zip(problem.domain.names, points.T, strict=True))
    found = []
    for trial, scale in zip(trials, scales, strict=True):
        if trial.field in problem.reference:
            truth = reference_values(problem.reference, trial.field, arrays)
            with np.errstate(all="ignore"):
                rest = truth - evaluate(trial.particular, arrays)
                factor = scale * evaluate(trial.factor, arrays)
            usable = np.isfinite(rest) & np.isfinite(factor)
            rest, factor, truth = rest[usable], factor[usable], truth[usable]
            constant = (rest @ factor) / (factor @ factor) if factor.any() else 0.0
            size = np.linalg.norm(truth)
            found.append((trial.field, float(np.linalg.norm(rest - constant * factor) / (size if size > 0 else 1.0))))
    return tuple(found)
