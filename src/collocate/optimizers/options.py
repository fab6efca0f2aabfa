"""Checks that the options of optimizers and schedules share."""

from __future__ import annotations

import numbers
from typing import Any

from collocate.errors import PlanError


def is_positive(value: Any) -> bool:
    """Whether this is a finite real number above zero."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and 0 < float(value) < float("inf")


def require_positive(options: Any, *names: str) -> None:
    """Raises PlanError where an option is not a positive number."""
    for name in names:
        value = getattr(options, name)
        if not is_positive(value):
            raise PlanError(f"{type(options).__name__}: {name} must be a positive number; got {value!r}")


def require_not_negative(options: Any, *names: str) -> None:
    """Raises PlanError where an option is not a number, zero or more."""
    for name in names:
        value = getattr(options, name)
        if not (is_positive(value) or _is_zero(value)):
            raise PlanError(f"{type(options).__name__}: {name} must be a number, zero or more; got {value!r}")


def require_whole(options: Any, *names: str) -> None:
    """Raises PlanError where an option is not a whole number, one or more."""
    for name in names:
        value = getattr(options, name)
        if not isinstance(value, numbers.Integral) or isinstance(value, bool) or value < 1:
            raise PlanError(f"{type(options).__name__}: {name} must be a whole number, one or more; got {value!r}")


def require_share(options: Any, *names: str) -> None:
    """Raises PlanError where an option is not a number from 0 to below 1."""
    for name in names:
        value = getattr(options, name)
        if not (is_positive(value) or _is_zero(value)) or value >= 1:
            raise PlanError(f"{type(options).__name__}: {name} must be a number from 0 to below 1; got {value!r}")


def require_wolfe(options: Any) -> None:
    """Raises PlanError where c1, c2 and `evaluations` are no options of a strong Wolfe search."""
    c1, c2 = options.c1, options.c2
    if not (is_positive(c1) and is_positive(c2) and c1 < c2 < 1):
        raise PlanError(f"{type(options).__name__}: c1 and c2 must be numbers, 0 < c1 < c2 < 1; got {c1!r} and {c2!r}")
    require_whole(options, "evaluations")


def _is_zero(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and value == 0
