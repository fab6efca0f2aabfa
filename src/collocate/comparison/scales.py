"""Axes: from values to places in a figure, and the ticks on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from collocate.comparison.units import power

MOST_DECADES = 6


@dataclass(frozen=True)
class Scale:
    """From ``first`` at place ``start`` to ``last`` at ``stop``; a falling axis has last < first."""

    first: float
    last: float
    start: float
    stop: float
    logarithmic: bool = True

    def __call__(self, value: float) -> float:
        if self.logarithmic:
            share = math.log(value / self.first) / math.log(self.last / self.first)
        else:
            share = (value - self.first) / (self.last - self.first)
        return self.start + share * (self.stop - self.start)

    def ticks(self) -> list[tuple[float, str]]:
        """Round values on a logarithmic axis, with what is written beside each."""
        return _ticks(*sorted((self.first, self.last)))


def logarithmic(values: Iterable[float], start: float, stop: float, falling: bool = False) -> Scale:
    """Around positive values, with room at both ends; at least a factor of four."""
    known = [value for value in values if value > 0 and math.isfinite(value)] or [0.5, 2.0]
    room = max(1.15, (max(known) / min(known)) ** 0.04)
    low, high = min(known) / room, max(known) * room
    if high < 4 * low:
        low, high = math.sqrt(low * high) / 2, math.sqrt(low * high) * 2
    return Scale(*((high, low) if falling else (low, high)), start, stop)


def from_zero(values: Iterable[float], start: float, stop: float) -> Scale:
    return Scale(0.0, 1.02 * max(values, default=0.0) or 1.0, start, stop, logarithmic=False)


def _ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Every decade, or every few where there are many; 1, 2, 5 where there are hardly any."""
    exponents = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    if len(exponents) >= 2:
        every = -(-len(exponents) // MOST_DECADES)
        plain = exponents[0] >= -3 and exponents[-1] <= 3
        write: Callable[[int], str] = (lambda n: f"{10.0**n:g}") if plain else power
        return [(10.0**n, write(n)) for n in exponents if n % every == 0]
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [(value, f"{value:g}") for n in decades for m in (1, 2, 5) if low <= (value := m * 10.0**n) <= high]
