"""What training reports as it goes: to the progress display, to callbacks, to the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Event:
    """One evaluation during training.

    `losses` are mean squared held-out residuals by the name of their term; `heldout` is the root of their weighted
    sum: dimensionless, since residuals are scaled by the size of their own terms. `errors` (relative L2 by field) are
    there only where the problem has a reference; nothing is decided by them.
    """

    phase: str
    step: int
    steps: int
    loss: float
    heldout: float
    best_heldout: float
    losses: Mapping[str, float]
    seconds: float
    points_per_second: float
    errors: Mapping[str, float] = field(default_factory=dict)


Callback = Callable[[Event], None]
