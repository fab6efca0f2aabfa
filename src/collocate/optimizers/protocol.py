"""What an optimizer sees of a problem, and what the training loop sees of an optimizer.

Everything here is over flat NumPy vectors on the host; no framework is known.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from collocate.errors import TrainingError

State = dict[str, Any]
"""A tree of NumPy arrays and Python numbers, bools and strings, so that it can be written to a checkpoint.

Always there: ``vector``; ``loss``, as measured on the objective just used; ``accepted``, whether the vector moved;
``stalled``, whether another step on the same points would achieve nothing. Other scalars are diagnostics.
"""


@runtime_checkable
class Objective(Protocol):
    """The loss L(θ) = ½‖r(θ)‖² bound to the current points and weights; rows are already scaled.

    ``key`` names the points and weights: two objectives with the same key are the same function, so an optimizer may
    carry the gradient from one step to the next.
    """

    size: int
    key: int

    def loss_and_gradient(self, vector: np.ndarray) -> tuple[float, np.ndarray]: ...

    def residuals(self, vector: np.ndarray) -> np.ndarray:
        """The rows r, shape (N,)."""
        ...

    def jacobian(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The rows r, shape (N,), and J = ∂r/∂θ, shape (N, P), C-contiguous. Neither is written to."""
        ...


class Optimizer(Protocol):
    """Frozen options with two pure methods; the same state and objective give bitwise the same next state."""

    name: ClassVar[str]

    def init(self, vector: np.ndarray) -> State: ...

    def step(self, state: State, objective: Objective) -> State: ...


def require_finite(value: float, what: str) -> None:
    """Raise TrainingError where training cannot even start: its first loss or gradient is not a number."""
    if not np.isfinite(value):
        raise TrainingError(
            f"{what} is {value} at the current parameters, so no step can be computed. Expected a finite number: "
            "check the equation for divisions by zero, roots or logarithms of negative numbers inside the domain, "
            "and the initial guesses of unknowns."
        )
