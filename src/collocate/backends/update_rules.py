"""What the frameworks' optimizers have in common as update rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collocate.errors import PlanError


def find(name: str, known: Mapping[str, Any], where: str) -> Any:
    """The entry of that name. Raises PlanError that lists those there are."""
    if name not in known:
        raise PlanError(f"{where} has no first-order optimizer {name!r}; it has {', '.join(sorted(known))}")
    return known[name]


def tried(make: Callable[[], Any], name: str, options: Mapping[str, Any], where: str) -> Any:
    """What `make` makes. Raises PlanError where the framework refuses the name's options."""
    try:
        return make()
    except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in options.items()) or "no options"
        raise PlanError(f"{name} of {where} cannot be used with {given}: {error}") from error


def refuse_reserved(options: Mapping[str, Any], reserved: Iterable[str]) -> None:
    """Raises PlanError for an option by which a framework sets its own learning rate."""
    for key in reserved:
        if key in options:
            raise PlanError(f"FirstOrder: give the learning rate as learning_rate=…, not as {key}=…")
