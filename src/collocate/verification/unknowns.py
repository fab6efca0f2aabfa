"""How far the unknown numbers are to be trusted: what noise may have moved them, and what training again did."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from collocate.solution import Solution
from collocate.verification.stability import Comparison


@dataclass(frozen=True)
class Found:
    """An unknown number. noise: half its 95 % interval from the noise in the data, None without data; infinite where
    the data leave it open. moved: how far it moved where it was trained again, the worst; None where it was not."""

    name: str
    value: float
    noise: float | None
    moved: float | None

    @property
    def uncertainty(self) -> float | None:
        """What it may be off by: √(noise² + moved²), None where nothing tells."""
        known = [each for each in (self.noise, self.moved) if each is not None]
        return math.hypot(*known) if known else None

    @property
    def relative_noise(self) -> float:
        return 0.0 if self.noise is None else self.noise / max(abs(self.value), 1e-300)

    def __str__(self) -> str:
        if self.uncertainty is None:
            return f"{self.value:.6g}; nothing tells how far it may be off"
        parts = [] if self.noise is None else [f"{self.noise:.1e} by noise in the data (95 %)"]
        parts += [] if self.moved is None else [f"{self.moved:.1e} when trained again"]
        return f"{self.value:.6g} ± {self.uncertainty:.1e}: {', '.join(parts)}"


def unknowns(solution: Solution, comparisons: Sequence[Comparison]) -> tuple[Found, ...]:
    """Those of a solution, and how far the comparisons, which converged, moved them."""
    found = []
    for name, value in solution.unknowns.items():
        ends = solution.intervals.get(name)
        # An end at a bound of the unknown is nearer than the noise reaches: the farther end counts.
        noise = None if ends is None else max(abs(end - value) for end in ends)
        moves = [each.unknowns[name] for each in comparisons if name in each.unknowns]
        found.append(Found(name, value, noise, max(moves, default=None)))
    return tuple(found)


def beyond_noise(comparisons: Sequence[Comparison], found: Sequence[Found]) -> list[Comparison]:
    """The comparisons with the differences of unknowns, relative, as far as noise in the data does not explain them.

    Trained on another statement, in which a number is known, a comparison says nothing of it.
    """
    return [
        replace(
            each,
            unknowns={one.name: _beyond(each.unknowns[one.name], one) for one in found if one.name in each.unknowns},
        )
        for each in comparisons
    ]


def _beyond(moved: float, one: Found) -> float:
    return max(0.0, moved - (one.noise or 0.0)) / max(abs(one.value), 1e-300)


def open_ones(found: Sequence[Found]) -> list[str]:
    """Those that nothing determines, as reasons."""
    return [
        f"the data do not determine {one.name} = {one.value:.4g}: another value fits them as well"
        for one in found
        if one.noise is not None and not math.isfinite(one.noise)
    ]


def claim(error: float, found: Sequence[Found], noise: Mapping[str, float]) -> float:
    """The error that may be claimed: no less than what noise leaves of it, that of the unknowns where there are any.

    noise: {data: misfit over the size of what was measured}, of what is met as well as noise allows. Without unknown
    numbers nothing tells how the noise spreads, so its own size stands.
    """
    spread = [one.relative_noise for one in found if one.noise is not None] or noise.values()
    return max([error, *spread])
