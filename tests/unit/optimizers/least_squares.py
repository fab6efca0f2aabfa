"""Small least-squares problems with known answers, as objectives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


class LeastSquares:
    """Rows and Jacobian given as functions; counts evaluations."""

    def __init__(self, rows: Callable[[Array], Array], jacobian: Callable[[Array], Array], size: int) -> None:
        self._rows, self._jacobian = rows, jacobian
        self.size, self.key, self.evaluations = size, 0, 0

    def residuals(self, vector: Array) -> Array:
        self.evaluations += 1
        return self._rows(vector)

    def loss_and_gradient(self, vector: Array) -> tuple[float, Array]:
        rows = self.residuals(vector)
        return 0.5 * float(rows @ rows), rows @ self._jacobian(vector)

    def jacobian(self, vector: Array) -> tuple[Array, Array]:
        return self.residuals(vector), np.ascontiguousarray(self._jacobian(vector))


def rosenbrock() -> LeastSquares:
    """Minimum 0 at (1, 1)."""
    return LeastSquares(
        lambda x: np.array([10 * (x[1] - x[0] ** 2), 1 - x[0]]),
        lambda x: np.array([[-20 * x[0], 10.0], [-1.0, 0.0]]),
        2,
    )


def linear(matrix: Array, answer: Array) -> LeastSquares:
    """Rows A(θ − answer)."""
    return LeastSquares(lambda x: matrix @ (x - answer), lambda x: matrix.astype(x.dtype), matrix.shape[1])


def hilbert(rows: int = 40, size: int = 12) -> LeastSquares:
    """Condition number of AᵀA about 1e28; minimum 0 at (1, …, 1)."""
    matrix = 1.0 / (np.arange(rows)[:, None] + np.arange(size)[None, :] + 1.0)
    return linear(matrix, np.ones(size))


def exponentials(count: int = 60) -> tuple[LeastSquares, Array]:
    """Fit of a e^{-bt} + c e^{-dt} to its own values at (1, 1, 0.5, 5): a curved, sloppy valley."""
    t, truth = np.linspace(0, 3, count), np.array([1.0, 1.0, 0.5, 5.0])

    def model(x: Array) -> Array:
        return x[0] * np.exp(-x[1] * t) + x[2] * np.exp(-x[3] * t)

    def jacobian(x: Array) -> Array:
        first, second = np.exp(-x[1] * t), np.exp(-x[3] * t)
        return np.stack([first, -x[0] * t * first, second, -x[2] * t * second], axis=1)

    return LeastSquares(lambda x: model(x) - model(truth), jacobian, 4), truth


def minimise(optimizer, objective: LeastSquares, start: Array, steps: int, loss: float = 1e-26):
    """The last state and the steps taken; stops when stalled or below ``loss``."""
    state = optimizer.init(start)
    for count in range(1, steps + 1):
        state = optimizer.step(state, objective)
        if state["stalled"] or state["loss"] < loss:
            return state, count
    return state, steps
