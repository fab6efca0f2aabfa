"""The loss along one direction, as a line search asks for it."""

from __future__ import annotations

import numpy as np

from collocate.optimizers.line_search import Evaluate, Trial
from collocate.optimizers.protocol import Objective


def evaluate(objective: Objective, vector: np.ndarray) -> tuple[float, np.ndarray]:
    """(loss, gradient) in float64; the gradient is a copy of its own."""
    loss, gradient = objective.loss_and_gradient(vector)
    return float(loss), np.array(gradient, np.float64)


def ray(objective: Objective, vector: np.ndarray, direction: np.ndarray) -> Evaluate:
    """α ↦ the trial at θ + α d; a loss or gradient that is not finite counts as infinitely high."""

    def along(length: float) -> Trial:
        loss, gradient = evaluate(objective, vector + length * direction)
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            loss = float("inf")
        return Trial(length, loss, float(gradient @ direction), gradient)

    return along
