"""What training reports as it goes: to the progress display, to callbacks, to the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Event:
    """One evaluation during training.

    `losses` are mean squared held-out residuals by the name of their term; `heldout` is the root of their weighted
    sum, with the noise in data: dimensionless, since residuals are scaled by the size of their own terms. `errors`
    (relative L2 by field) are there only where the problem has a reference; nothing is decided by them. `steps` is the
    most that there can be, None where that is not known: slabs of time are as many as it takes. `learning_rate` is that
    of a first-order optimizer. `weights` are those of the terms in training, where a weighting was asked for; held-out
    residuals are weighed as the plan says all the while. `vector` is the trained parameters in one array, of float64.
    """

    phase: str
    step: int
    steps: int | None
    loss: float
    heldout: float
    best_heldout: float
    losses: Mapping[str, float]
    seconds: float
    points_per_second: float
    errors: Mapping[str, float] = field(default_factory=dict)
    learning_rate: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    vector: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False, compare=False)

    def __str__(self) -> str:
        """One line to read, so that `callbacks=[print]` shows progress anywhere."""
        parts = [
            f"step {self.count} {self.phase}",
            f"held-out {self.heldout:.2e} (best {self.best_heldout:.2e})",
            f"losses {named(self.losses)}",
            *([f"relative error {named(self.errors)}"] if self.errors else []),
            self.pace,
        ]
        return " | ".join(parts)

    @property
    def count(self) -> str:
        return f"{self.step}" if self.steps is None else f"{self.step}/{self.steps}"

    @property
    def pace(self) -> str:
        return f"{self.points_per_second:.2g} points/s, {self.seconds:.0f} s"


def named(values: Mapping[str, float]) -> str:
    """Numbers by name, as text."""
    return "  ".join(f"{name} {value:.2e}" for name, value in values.items())


# Training ends, as by Ctrl-C, where one returns True; whatever else it returns means nothing.
Callback = Callable[[Event], Any]
