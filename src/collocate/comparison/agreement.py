"""Whether the cases of a problem compute the same: before anything is said about who is faster.

All start from the same parameters and points, so loss and gradient must agree but for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

TOLERANCES = {"float64": 1e-10, "float32": 1e-4}


Numbers = tuple[float | None, float | None]  # first loss and gradient norm


def agreement(cases: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each (problem, dtype) of which a case has run.

    Only those that draw the same points are held together: an optimizer may want fewer, and has another loss by right.
    """
    groups: dict[tuple[str, str], dict[Any, dict[str, Numbers]]] = {}
    for case in cases:
        run = next((run for run in case["runs"] if run["failed"] is None), None)
        if run is not None:
            group = groups.setdefault((case["problem"], case["dtype"]), {})
            same = group.setdefault(tuple(sorted(case["points"].items())), {})
            same[case["id"]] = run["first_loss"], run["first_gradient_norm"]
    return [_entry(problem, dtype, list(found.values())) for (problem, dtype), found in groups.items()]


def _entry(problem: str, dtype: str, groups: Sequence[Mapping[str, Numbers]]) -> dict[str, Any]:
    tolerance = TOLERANCES[dtype]
    first, worst, difference = max((_worst(group) for group in groups), key=lambda found: found[2])
    all_numbers = {name: numbers for group in groups for name, numbers in group.items()}
    return {
        "problem": problem,
        "dtype": dtype,
        "loss": {name: loss for name, (loss, _) in all_numbers.items()},
        "gradient_norm": {name: norm for name, (_, norm) in all_numbers.items()},
        "largest_difference": difference if math.isfinite(difference) else None,
        "tolerance": tolerance,
        "agrees": difference <= tolerance,
        "reason": None if difference <= tolerance else _reason(first, worst, difference, tolerance),
    }


def _worst(group: Mapping[str, Numbers]) -> tuple[str, str, float]:
    """(the first case, the one that differs most from it, by how much)."""
    first = next(iter(group))
    return max(((first, other, _difference(group[first], group[other])) for other in group), key=lambda found: found[2])


def _difference(one: Numbers, other: Numbers) -> float:
    """The larger relative difference; infinite where something is no number."""
    found = 0.0
    for a, b in zip(one, other, strict=True):
        if a is None or b is None:
            return math.inf
        found = max(found, abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0)
    return found


def _reason(first: str, worst: str, difference: float, tolerance: float) -> str:
    by = f"by {difference:.1e}, relative" if math.isfinite(difference) else "in that one of them is not finite"
    return (
        f"first loss or gradient of {worst} and {first} differ {by}, more than {tolerance:.0e}: they do not compute "
        "the same, so nothing is compared"
    )
