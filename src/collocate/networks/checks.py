"""What the built-in networks check alike. Each raises PlanError, with what to write instead."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from typing import Any

from collocate.errors import PlanError
from collocate.jets import SMOOTH_ACTIVATIONS
from collocate.networks.initialisation import INITIALISATIONS
from collocate.networks.network import Network

# Why each of these cannot solve a differential equation of second order.
_ROUGH = {"relu", "leaky_relu", "elu", "selu", "hard_tanh", "relu6", "softsign"}


def hidden_widths(given: Sequence[int]) -> tuple[int, ...]:
    """The widths as a tuple of positive integers."""
    widths = tuple(given) if isinstance(given, Iterable) else (given,)
    if not isinstance(given, Iterable) or not widths or not all(map(is_positive_integer, widths)):
        raise PlanError(f"widths must be positive integers, one per hidden layer, as in (20, 20, 20); got {given}")
    return widths


def equal_widths(given: Sequence[int], why: str) -> tuple[int, ...]:
    """Widths that are all the same."""
    widths = hidden_widths(given)
    if len(set(widths)) > 1:
        raise PlanError(f"widths must be equal, as in {(widths[0],) * len(widths)}, since {why}; got {widths}")
    return widths


def is_positive_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_positive_number(value: Any) -> bool:
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return number and 0.0 < float(value) < float("inf")


def scale_and_seed(scales: Sequence[Any], seed: Any) -> None:
    """Of random frequencies."""
    if not scales or not all(map(is_positive_number, scales)):
        raise PlanError(f"scale must be a positive number (FourierFeatures: or several, as in (1, 10)); got {scales}")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise PlanError(f"seed must be a whole number, zero or more; got {seed!r}")


def smooth(activation: Any) -> None:
    """Only activations whose derivatives of every order are there."""
    known = ", ".join(SMOOTH_ACTIVATIONS)
    if activation in tuple(_ROUGH):
        raise PlanError(
            f"activation {activation!r} has no useful second derivative (ReLU's is zero almost everywhere), "
            f"so the network cannot satisfy a differential equation; use 'tanh' (or one of {known})"
        )
    if activation not in SMOOTH_ACTIVATIONS:
        raise PlanError(f"unknown activation {activation!r}; choose one of {known}")


def slope(given: Any) -> float:
    """The factor of the first layer's weights."""
    if not is_positive_number(given):
        raise PlanError(f"slope must be a positive number, such as 3; got {given!r}")
    return float(given)


def known_initialisation(name: Any) -> None:
    if not isinstance(name, str) or name not in INITIALISATIONS:
        raise PlanError(f"unknown initialisation {name!r}; choose one of {', '.join(INITIALISATIONS)}")


def inner_network(given: Any, example: str) -> None:
    """A built-in network inside another: one of the user's own has no jets to pass on."""
    if isinstance(given, type) or not isinstance(given, Network):
        raise PlanError(f"a network of collocate was expected, as in co.{example}; got {given!r}")
