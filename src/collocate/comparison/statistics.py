"""What repeats say: the middle and the ends of a measurement, and when two of them differ.

Two measurements differ where their intervals over the repeats do not overlap. One value has no interval, so nothing
differs from it, unless by a factor that chance does not make: what may be chance is never reported as a difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

# Apart by less than this factor, two measurements are equal whatever their spread: repeats of a computation that
# rounds the same way each time have none, and the next digits of a clock or of a memory page say nothing.
SMALLEST_FACTOR = 1.02


@dataclass(frozen=True)
class Spread:
    """The median of repeats, the ends of their interval, and how many values made it."""

    middle: float
    low: float
    high: float
    count: int

    @property
    def relative(self) -> float:
        """(high − low) / middle; infinite where an end is."""
        return (self.high - self.low) / self.middle if self.middle and math.isfinite(self.middle) else math.inf


def spread(values: Iterable[float | None]) -> Spread | None:
    """Smallest to largest of the values that are known; None where none is."""
    known = [value for value in values if value is not None]
    return Spread(median(known), min(known), max(known), len(known)) if known else None


def spread_of_quartiles(repeats: Iterable[Mapping[str, Any] | None]) -> Spread | None:
    """Of ``{"median", "lower", "upper", "count"}`` a repeat: lowest quartile to highest quartile."""
    known = [each for each in repeats if each and each.get("median") is not None]
    if not known:
        return None
    middles = [each["median"] for each in known]
    lows = [each["median"] if each.get("lower") is None else each["lower"] for each in known]
    highs = [each["median"] if each.get("upper") is None else each["upper"] for each in known]
    return Spread(median(middles), min(lows), max(highs), sum(each.get("count") or 1 for each in known))


def differ(one: Spread, other: Spread, factor: float = SMALLEST_FACTOR, alone: float = math.inf) -> bool:
    """Whether the intervals are apart, and the middles by more than ``factor``; by ``alone`` where one is one value."""
    small, large = sorted((one, other), key=lambda each: each.middle)
    if one.count < 2 or other.count < 2:
        return large.low > alone * small.high
    return small.high < large.low and large.middle > factor * small.middle


def smallest(
    measured: Mapping[str, Spread | None], factor: float = SMALLEST_FACTOR, alone: float = math.inf
) -> list[str]:
    """The names that no other is below by more than the spread; what was not measured is left out."""
    known = {name: each for name, each in measured.items() if each is not None}
    if not known:
        return []
    least = min(known, key=lambda name: known[name].middle)
    return [name for name, each in known.items() if name == least or not differ(known[least], each, factor, alone)]
