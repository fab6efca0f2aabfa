"""Limited-memory BFGS: a quasi-Newton method that keeps the last few steps in place of a matrix.

    d = −H g,  H from the last m pairs s = θ⁺ − θ, y = g⁺ − g by the two-loop recursion, H₀ = (sᵀy / yᵀy) I

Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.optimizers.line_search import Trial, strong_wolfe
from collocate.optimizers.options import require_whole, require_wolfe
from collocate.optimizers.protocol import Objective, State, require_finite
from collocate.optimizers.ray import evaluate, ray

# yᵀs below this part of ‖y‖ ‖s‖ says nothing about the curvature.
LEAST_CURVATURE = 1e-10


@dataclass(frozen=True)
class LBFGS:
    """θ ← θ + α d, α from a strong Wolfe search.

    memory: pairs that are kept. When the points change, the gradient is taken anew and the pairs stay: they describe
    nearly the same loss. They are forgotten where d does not descend or the search fails.
    """

    name: ClassVar[str] = "lbfgs"

    memory: int = 20
    c1: float = 1e-4
    c2: float = 0.9
    evaluations: int = 25

    def __post_init__(self) -> None:
        require_whole(self, "memory")
        require_wolfe(self)

    def init(self, vector: np.ndarray) -> State:
        none = np.zeros((0, vector.size))
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False, "key": -1,
                "gradient": np.zeros(vector.size), "steps": none, "changes": none.copy()}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector, loss, gradient = state["vector"], state["loss"], state["gradient"]
        steps, changes = state["steps"], state["changes"]
        if state["key"] != objective.key:
            loss, gradient = evaluate(objective, vector)
            require_finite(loss, "The loss")
            require_finite(float(gradient @ gradient), "The squared norm of the gradient")
        direction = two_loops(gradient, steps, changes)
        fresh = len(steps) == 0
        start = Trial(0.0, loss, float(gradient @ direction), gradient)
        first = min(1.0, 1.0 / max(np.abs(gradient).sum(), 1e-300)) if fresh else 1.0
        trial = None
        if start.slope < 0:
            trial = strong_wolfe(ray(objective, vector, direction), start, first, self.c1, self.c2, self.evaluations)
        if trial is None:
            none = np.zeros((0, vector.size))
            return {"vector": vector, "loss": loss, "gradient": gradient, "key": objective.key, "accepted": False,
                    "stalled": fresh, "steps": none, "changes": none.copy()}  # fmt: skip
        moved, change = trial.length * direction, trial.gradient - gradient
        if moved @ change > LEAST_CURVATURE * np.linalg.norm(moved) * np.linalg.norm(change):
            steps = np.concatenate([steps, moved[None]])[-self.memory :]
            changes = np.concatenate([changes, change[None]])[-self.memory :]
        return {"vector": vector + moved, "loss": trial.loss, "gradient": trial.gradient, "key": objective.key,
                "accepted": True, "stalled": False, "steps": steps, "changes": changes,
                "step_length": trial.length}  # fmt: skip


def two_loops(gradient: np.ndarray, steps: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """−H g, shape (P,), from pairs s and y, each (m, P) with the latest last; −g where there is none."""
    if len(steps) == 0:
        return -gradient
    curvatures = np.einsum("mp,mp->m", steps, changes)
    direction = -gradient
    shares = np.zeros(len(steps))
    for i in reversed(range(len(steps))):
        shares[i] = steps[i] @ direction / curvatures[i]
        direction = direction - shares[i] * changes[i]
    direction = direction * (curvatures[-1] / (changes[-1] @ changes[-1]))
    for i in range(len(steps)):
        direction = direction + (shares[i] - changes[i] @ direction / curvatures[i]) * steps[i]
    return direction
