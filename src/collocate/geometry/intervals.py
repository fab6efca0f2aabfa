"""Where on a line something holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CELLS, BISECTIONS = 2048, 50


def middles(low: float, high: float) -> np.ndarray:
    """Of 2,048 equal cells of [low, high]."""
    return low + (high - low) * (np.arange(CELLS) + 0.5) / CELLS


def intervals(
    holds: Callable[[np.ndarray], np.ndarray], line: np.ndarray, low: float, high: float
) -> list[tuple[float, float]]:
    """The intervals of [low, high] where `holds(values)`: changes seen between neighbours on `line`, located by
    bisection. What holds at the first or last value of `line` does so from `low` or to `high` on.
    """
    held = holds(line)
    changes = np.flatnonzero(held[1:] != held[:-1])
    left, right = line[changes], line[changes + 1]
    for _ in range(BISECTIONS):
        middle = 0.5 * (left + right)
        same = holds(middle) == held[changes]
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    ends = [*([low] if held[0] else []), *left.tolist(), *([high] if held[-1] else [])]
    return list(zip(ends[::2], ends[1::2], strict=True))
