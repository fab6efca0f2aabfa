"""From what a run recorded to what is kept of it: pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

SETTLING = 3  # evaluations of a phase that do not count: caches fill, threads wake
POINTS = 60  # of a curve, at most
SMALLEST_DECADE = -15


class Seen(NamedTuple):
    """One evaluation of training: `step`s and `seconds` since its start, without compilation."""

    phase: str
    step: int
    seconds: float


def step_seconds(seen: Sequence[Seen]) -> dict[str, float | int] | None:
    """Quartiles of Δseconds/Δstep between evaluations, of the last phase that has any after SETTLING of them; of all
    of them where none has, and None without any."""
    by_phase: dict[str, list[float]] = {}
    for before, after in pairwise(seen):
        if before.phase == after.phase and after.step > before.step:
            pace = (after.seconds - before.seconds) / (after.step - before.step)
            by_phase.setdefault(after.phase, []).append(pace)
    settled = [paces[SETTLING:] for paces in by_phase.values() if len(paces) > SETTLING]
    paces = settled[-1] if settled else [pace for each in by_phase.values() for pace in each]
    if not paces:
        return None
    lower, median, upper = (float(value) for value in np.percentile(paces, (25, 50, 75)))
    return {"median": median, "lower": lower, "upper": upper, "count": len(paces)}


class Course(NamedTuple):
    """Training as its history tells it. `errors` are those of the vector with the lowest held-out residual so far: what
    training would have returned, had it been stopped then."""

    seconds: np.ndarray
    steps: np.ndarray
    loss: np.ndarray
    errors: dict[str, np.ndarray]


def course(history: Mapping[str, Sequence[float]]) -> Course:
    """Rows of a solution's history in which all is finite."""
    names = [name for name in history if name.startswith("error ")]
    wanted = ("seconds", "step", "loss", "heldout", *names)
    columns = {name: np.asarray(history.get(name, ()), float) for name in wanted}
    sound = np.isfinite(np.stack(list(columns.values()))).all(axis=0)
    columns = {name: values[sound] for name, values in columns.items()}
    heldout = columns["heldout"]
    lowest = heldout <= np.minimum.accumulate(heldout)
    best = np.maximum.accumulate(np.where(lowest, np.arange(heldout.size), 0))
    errors = {name.removeprefix("error "): columns[name][best] for name in names}
    return Course(columns["seconds"], columns["step"], columns["loss"], errors)


def decades(found: Course) -> dict[str, dict[str, float]]:
    """{field: {"1e-1": seconds, …}}: when the error went below each power of ten to stay there."""
    return {name: dict(_decades(found.seconds, errors)) for name, errors in found.errors.items()}


def _decades(seconds: np.ndarray, errors: np.ndarray) -> list[tuple[str, float]]:
    largest_from_here = np.maximum.accumulate(errors[::-1])[::-1]
    crossed = []
    for power in range(-1, SMALLEST_DECADE - 1, -1):
        below = np.flatnonzero(largest_from_here <= 10.0**power)
        if below.size:
            crossed.append((f"1e{power}", float(seconds[below[0]])))
    return crossed


def curve(found: Course) -> dict[str, Any]:
    """The course at no more than POINTS times, evenly in the logarithm of time, with both ends."""
    shown = thinned(found.seconds)
    return {
        "seconds": _short(found.seconds[shown]),
        "steps": [int(step) for step in found.steps[shown]],
        "loss": _short(found.loss[shown]),
        "error": {name: _short(errors[shown]) for name, errors in found.errors.items()},
    }


def thinned(seconds: np.ndarray) -> np.ndarray:
    """Indices of at most POINTS ascending times, the nearest to even steps of log t, with both ends."""
    if seconds.size <= POINTS:
        return np.arange(seconds.size)
    times = np.log(np.maximum(seconds, 1e-9))
    even = np.linspace(times[0], times[-1], POINTS)
    return np.unique([0, *np.abs(times - even[1:-1, None]).argmin(axis=1), seconds.size - 1])


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{value:.5g}") for value in values]


def plain(value: Any) -> Any:
    """What JSON holds: None for a number that is not finite."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
