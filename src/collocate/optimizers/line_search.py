"""A step length that meets the strong Wolfe conditions.

    f(α) ≤ f(0) + c₁ α f′(0)   and   |f′(α)| ≤ c₂ |f′(0)|

Source: Nocedal & Wright, Numerical Optimization (2006), algorithms 3.5 and 3.6, with cubic interpolation (3.59).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Trial:
    """One point on the line: α, f(α), the slope f′(α), and the gradient there."""

    length: float
    loss: float
    slope: float
    gradient: np.ndarray


Evaluate = Callable[[float], Trial]


def strong_wolfe(
    evaluate: Evaluate, start: Trial, length: float = 1.0, c1: float = 1e-4, c2: float = 0.9, evaluations: int = 25
) -> Trial | None:
    """A trial that meets both conditions; else the lowest one that meets the first; else None.

    A trial whose loss is not finite counts as infinitely high, so the search backs away from it.
    """
    previous, best = start, None
    for used in range(1, evaluations + 1):
        trial = evaluate(length)
        if not _sufficient(trial, start, c1) or (used > 1 and trial.loss >= previous.loss):
            return _zoom(evaluate, start, previous, trial, c1, c2, evaluations - used) or best
        if abs(trial.slope) <= -c2 * start.slope:
            return trial
        if trial.slope >= 0:
            return _zoom(evaluate, start, trial, previous, c1, c2, evaluations - used) or trial
        previous = best = trial
        length *= 2.0
    return best


def _zoom(
    evaluate: Evaluate, start: Trial, low: Trial, high: Trial, c1: float, c2: float, evaluations: int
) -> Trial | None:
    """Shrink the bracket [low, high]; low is the lower end that meets the first condition."""
    for _ in range(evaluations):
        trial = evaluate(_interpolate(low, high))
        if not _sufficient(trial, start, c1) or trial.loss >= low.loss:
            high = trial
        else:
            if abs(trial.slope) <= -c2 * start.slope:
                return trial
            if trial.slope * (high.length - low.length) >= 0:
                high = low
            low = trial
        if abs(high.length - low.length) <= 1e-12 * max(abs(high.length), abs(low.length)):
            break
    return low if low is not start else None


def _sufficient(trial: Trial, start: Trial, c1: float) -> bool:
    return trial.loss <= start.loss + c1 * trial.length * start.slope


def _interpolate(low: Trial, high: Trial) -> float:
    """Minimiser of the cubic through both ends, kept inside the middle 80 % of the bracket; else its middle."""
    width = high.length - low.length
    middle = low.length + 0.5 * width
    if not (np.isfinite(high.loss) and np.isfinite(high.slope)):
        return middle
    d1 = low.slope + high.slope - 3 * (high.loss - low.loss) / width
    square = d1 * d1 - low.slope * high.slope
    if square < 0:
        return middle
    d2 = np.copysign(np.sqrt(square), width)
    denominator = high.slope - low.slope + 2 * d2
    if denominator == 0:
        return middle
    fraction = 1 - (high.slope + d2 - d1) / denominator
    return low.length + float(np.clip(fraction, 0.1, 0.9)) * width
