"""Settings of `co.solve`: a file's own, and over them those of the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from collocate.errors import PlanError
from collocate.networks import from_text
from collocate.solution import solve

NAMES = tuple(inspect.signature(solve).parameters)[1:]


def merge(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of `co.solve`. Raises PlanError for a name that it does not take."""
    for name in own:
        if name not in NAMES:
            raise PlanError(f"the file's `settings` holds {name!r}; co.solve takes {', '.join(NAMES)}")
    return {**own, **{name: _READERS.get(name, _as_given)(value) for name, value in given.items()}}


def _as_given(value: Any) -> Any:
    return value


def _points(text: str) -> int | dict[str, int]:
    try:
        if "=" not in text:
            return int(text)
        pairs = (part.split("=") for part in text.split(","))
        return {name.strip(): int(count) for name, count in pairs}
    except ValueError:
        raise PlanError(f"--points takes a number, or interior=2000,face=200; got {text!r}") from None


def _weighting(text: str) -> str | dict[str, float]:
    """A name, or {term: weight} from "term=weight, …"; a term's own name may hold "=", like "u (x=0)"."""
    if "=" not in text:
        return text
    try:
        pairs = (part.rsplit("=", 1) for part in text.split(","))
        return {name.strip(): float(weight) for name, weight in pairs}
    except ValueError:
        raise PlanError(f"--weighting takes a name, or weights like equation=1,initial u=10; got {text!r}") from None


def _slabs(text: str) -> int | str:
    """A number, or what the planner is to make of it."""
    return int(text) if text.isdecimal() else text


_READERS: dict[str, Callable[[Any], Any]] = {
    "network": from_text,
    "points": _points,
    "weighting": _weighting,
    "slabs": _slabs,
}
