"""Learning rates that change from step to step: frozen functions of the number of steps taken, k = 0, 1, …"""

from __future__ import annotations

import bisect
import dataclasses
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from collocate.errors import PlanError
from collocate.optimizers.options import is_positive, require_positive


class Schedule(Protocol):
    """η_k for the step after k steps; `to_json` is what `from_json` reads."""

    def __call__(self, step: int) -> float: ...

    def to_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class ExponentialDecay:
    """η_k = rate · decay_rate^(k / decay_steps)."""

    rate: float
    decay_rate: float = 0.9
    decay_steps: int = 1000

    def __post_init__(self) -> None:
        require_positive(self, "rate", "decay_rate", "decay_steps")

    def __call__(self, step: int) -> float:
        return self.rate * self.decay_rate ** (step / self.decay_steps)

    def to_json(self) -> dict[str, Any]:
        return {"schedule": "exponential", **dataclasses.asdict(self)}


@dataclass(frozen=True)
class CosineDecay:
    """η_k = last + (rate − last) (1 + cos(π k / steps)) / 2 for k < steps, then `last`.

    Source: Loshchilov & Hutter, arXiv:1608.03983, equation 5, without restarts.
    """

    rate: float
    steps: int
    last: float = 0.0

    def __post_init__(self) -> None:
        require_positive(self, "rate", "steps")

    def __call__(self, step: int) -> float:
        share = min(step / self.steps, 1.0)
        return self.last + (self.rate - self.last) * 0.5 * (1.0 + math.cos(math.pi * share))

    def to_json(self) -> dict[str, Any]:
        return {"schedule": "cosine", **dataclasses.asdict(self)}


@dataclass(frozen=True)
class PiecewiseConstant:
    """η_k = rates[i], i the number of `boundaries` that are ≤ k: one rate more than boundaries, which ascend."""

    boundaries: tuple[int, ...]
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        several = all(isinstance(each, Sequence | np.ndarray) for each in (self.boundaries, self.rates))
        numeric = several and all(isinstance(each, numbers.Real) for each in self.boundaries)
        numeric = numeric and all(map(is_positive, self.rates))
        ascending = numeric and list(self.boundaries) == sorted(set(self.boundaries))
        if not ascending or len(self.rates) != len(self.boundaries) + 1:
            raise PlanError(
                "PiecewiseConstant takes ascending boundaries and one positive rate more than boundaries, like "
                f"PiecewiseConstant((1000, 5000), (1e-2, 1e-3, 1e-4)); got {self.boundaries} and {self.rates}"
            )
        object.__setattr__(self, "boundaries", tuple(self.boundaries))
        object.__setattr__(self, "rates", tuple(self.rates))

    def __call__(self, step: int) -> float:
        return self.rates[bisect.bisect_right(self.boundaries, step)]

    def to_json(self) -> dict[str, Any]:
        return {"schedule": "piecewise", "boundaries": list(self.boundaries), "rates": list(self.rates)}


@dataclass(frozen=True)
class WarmUp:
    """η_k = η′_0 · (k + 1) / steps for k < steps, then η′_(k − steps): a linear rise to the first rate of `then`."""

    steps: int
    then: float | Schedule

    def __post_init__(self) -> None:
        require_positive(self, "steps")
        require_rate(self.then, "WarmUp: then")

    def __call__(self, step: int) -> float:
        if step < self.steps:
            return rate_at(self.then, 0) * (step + 1) / self.steps
        return rate_at(self.then, step - self.steps)

    def to_json(self) -> dict[str, Any]:
        then = self.then if isinstance(self.then, numbers.Real) else self.then.to_json()  # type: ignore[union-attr]
        return {"schedule": "warm_up", "steps": self.steps, "then": then}


def rate_at(rate: float | Schedule, step: int) -> float:
    """The learning rate after `step` steps: a number stays what it is."""
    return float(rate(step)) if callable(rate) else float(rate)


_KINDS: dict[str, Any] = {
    "exponential": ExponentialDecay,
    "cosine": CosineDecay,
    "piecewise": PiecewiseConstant,
    "warm_up": WarmUp,
}


def from_json(document: Any) -> Any:
    """The schedule that `to_json` wrote; any other value as it is."""
    if not isinstance(document, Mapping) or document.get("schedule") not in _KINDS:
        return document
    options = {name: from_json(value) for name, value in document.items() if name != "schedule"}
    return _KINDS[document["schedule"]](**options)


def require_rate(rate: Any, what: str = "learning_rate") -> None:
    """Raises PlanError for what is neither a positive number nor a schedule."""
    if not is_positive(rate) and not isinstance(rate, tuple(_KINDS.values())):
        raise PlanError(
            f"{what} must be a positive number or a schedule such as co.CosineDecay(1e-3, steps=5000); got {rate!r}"
        )
