"""First-order optimizers of the framework that trains, by name: torch.optim, keras.optimizers, optax.

The update rule is the framework's (`backends.protocol.UpdateRule`); the gradient, the learning rate and the state are
here, so that a schedule and a checkpoint work the same way on all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, final

import numpy as np

from collocate.backends.protocol import UpdateRule
from collocate.errors import PlanError
from collocate.optimizers.protocol import Objective, State, require_finite
from collocate.optimizers.schedules import Schedule, from_json, rate_at, require_rate


@final
@dataclass(frozen=True, init=False)
class FirstOrder:
    """`FirstOrder("rmsprop", learning_rate=1e-3, momentum=0.9)`: the framework's own optimizer of that name.

    The name is that of the class or function in torch.optim, keras.optimizers or optax, capitals aside. The options
    are the framework's and mean what its documentation says; they differ from one to another.
    """

    name: ClassVar[str] = "first_order"

    algorithm: str
    learning_rate: float | Schedule
    options: Mapping[str, Any]

    def __init__(self, algorithm: str, learning_rate: float | Schedule = 1e-3, **options: Any) -> None:
        if not isinstance(algorithm, str) or not algorithm:
            raise PlanError(f'FirstOrder takes the name of an optimizer, like "rmsprop"; got {algorithm!r}')
        require_rate(learning_rate)
        unfit = {key: value for key, value in options.items() if not isinstance(value, bool | int | float | str)}
        if unfit:
            raise PlanError(f"FirstOrder: options must be numbers, truth values or texts; got {unfit}")
        object.__setattr__(self, "algorithm", algorithm.lower())
        object.__setattr__(self, "learning_rate", learning_rate)
        object.__setattr__(self, "options", MappingProxyType(dict(options)))

    def to_json(self) -> dict[str, Any]:
        """The options of a phase of the plan: "algorithm", "learning_rate" and those of the framework."""
        rate = self.learning_rate
        return {
            "algorithm": self.algorithm,
            "learning_rate": float(rate) if isinstance(rate, int | float) else rate.to_json(),
            **self.options,
        }


@final
class RuleOptimizer:
    """An update rule as an optimizer over flat vectors.

    The state beside what every optimizer has: `count`, `inner` (the rule's own), and the last learning rate.
    """

    name: ClassVar[str] = "first_order"

    def __init__(self, rule: UpdateRule, learning_rate: Any) -> None:
        self.rule, self.learning_rate = rule, from_json(learning_rate)

    def init(self, vector: np.ndarray) -> State:
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False, "count": 0,
                "inner": self.rule.init(vector), "learning_rate": rate_at(self.learning_rate, 0)}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector, count = state["vector"], state["count"]
        loss, gradient = objective.loss_and_gradient(vector)
        gradient = np.array(gradient, np.float64)
        require_finite(float(loss), "The loss")
        require_finite(float(gradient @ gradient), "The squared norm of the gradient")
        rate = rate_at(self.learning_rate, count)
        moved, inner = self.rule.update(vector, gradient, state["inner"], rate)
        return {"vector": moved, "loss": float(loss), "accepted": True, "stalled": not gradient.any(),
                "count": count + 1, "inner": inner, "learning_rate": rate}  # fmt: skip
