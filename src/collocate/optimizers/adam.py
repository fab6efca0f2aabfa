"""Adam, the first-order method for warm-up and for networks too large for the others.

Source: Kingma & Ba, arXiv:1412.6980, algorithm 1, with an exponentially decaying learning rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.optimizers.options import require_not_negative, require_positive, require_share
from collocate.optimizers.protocol import Objective, State, require_finite
from collocate.optimizers.schedules import Schedule, require_rate


@dataclass(frozen=True)
class Adam:
    """θ ← θ − η_k m̂/(√v̂ + ε), η_k = learning_rate · decay_rate^(k / decay_steps), or what a schedule says.

    A schedule in place of the learning rate replaces the decay too. The loss in the state is the one that the
    gradient was taken at, before the step.
    """

    name: ClassVar[str] = "adam"

    learning_rate: float | Schedule = 5e-3
    decay_rate: float = 0.9
    decay_steps: int = 1000
    first_decay: float = 0.9
    second_decay: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        require_rate(self.learning_rate)
        require_positive(self, "decay_rate", "decay_steps")
        require_not_negative(self, "epsilon")
        require_share(self, "first_decay", "second_decay")

    def init(self, vector: np.ndarray) -> State:
        zeros = np.zeros(vector.shape)
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False, "count": 0,
                "first_moment": zeros, "second_moment": zeros.copy()}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector = state["vector"]
        loss, gradient = objective.loss_and_gradient(vector)
        gradient = np.asarray(gradient, np.float64)
        require_finite(float(loss), "The loss")
        require_finite(float(gradient @ gradient), "The squared norm of the gradient")
        count = state["count"] + 1
        first = self.first_decay * state["first_moment"] + (1 - self.first_decay) * gradient
        second = self.second_decay * state["second_moment"] + (1 - self.second_decay) * gradient**2
        mean = first / (1 - self.first_decay**count)
        spread = np.sqrt(second / (1 - self.second_decay**count))
        rate = self._rate(count - 1)
        moved = vector - rate * mean / (spread + self.epsilon)
        return {"vector": moved, "loss": float(loss), "accepted": True, "stalled": not gradient.any(), "count": count,
                "first_moment": first, "second_moment": second, "learning_rate": rate}  # fmt: skip

    def _rate(self, count: int) -> float:
        if callable(self.learning_rate):
            return self.learning_rate(count)
        return self.learning_rate * self.decay_rate ** (count / self.decay_steps)
