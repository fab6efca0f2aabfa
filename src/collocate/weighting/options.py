"""Checks that the options of all weightings share."""

from __future__ import annotations

import numbers
from typing import Any

from collocate.errors import PlanError


def require(options: Any, **ranges: tuple[float, float]) -> None:
    """Raises PlanError where an option is not a number within its range, bounds included."""
    for name, (low, high) in ranges.items():
        value = getattr(options, name)
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        whole = name not in ("every", "chunks") or isinstance(value, numbers.Integral)
        if not (number and whole and low <= float(value) <= high) or float(value) == float("inf"):
            kind = "a number" if whole else "a whole number"
            bounds = f"from {low:g} to {high:g}" if high < float("inf") else f"{low:g} or more"
            raise PlanError(f"{type(options).__name__}: {name} must be {kind}, {bounds}; got {value!r}")
