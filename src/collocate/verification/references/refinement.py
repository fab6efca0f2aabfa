"""Resolution raised until two answers agree: how a numerical reference says how accurate it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from collocate.errors import TrainingError

Answer = TypeVar("Answer")


def refined(
    solve: Callable[[int], Answer],
    values: Callable[[Answer], np.ndarray],
    *,
    first: int,
    most: int,
    tolerance: float,
    what: str,
    growth: float = 2.0,
) -> Answer:
    """solve(n) for n = first, g first, … ≤ most, until ‖values − values before‖ ≤ tolerance ‖values‖; g: the `growth`.

    The finer of the two is returned: its own error is smaller than their difference where the method converges.

    Raises:
        TrainingError: the last two answers still differ by more; the message says by how much.
    """
    resolution, answer = first, solve(first)
    before, difference = values(answer), np.inf
    while (finer := round(resolution * growth)) <= most:
        resolution = finer
        answer = solve(resolution)
        found = values(answer)
        difference = np.linalg.norm(found - before) / max(float(np.linalg.norm(found)), np.finfo(float).tiny)
        if difference <= tolerance:
            return answer
        before = found
    raise TrainingError(
        f"{what} still moves by {difference:.1e} of its size at resolution {resolution}; {tolerance:g} was asked for. "
        "Ask for less, or allow a finer resolution"
    )
