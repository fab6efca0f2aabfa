"""Declarations of what the statement leaves open: unknown numbers and fields, and parameters with a range."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import number, symbol
from collocate.expressions.canonical import field_name
from collocate.geometry import Range

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, init=False)
class Unknown:
    """A number to be found, with a first guess: Unknown(nu, 0.1), Unknown(nu, 0.1, bounds=(0, None)).

    Or a field to be found, of some or all coordinates: Unknown(k) with k = Function("k")(x), Unknown(k, 1.0).
    bounds: (lowest, highest), either may be None; a number only. With both, ν = lo + (hi − lo)/(1 + e^{−z}) of a free
    z; with one, ν = lo + e^z or hi − e^z.
    Raises StatementError for anything that isn't a symbol (or field) and a number, and a guess outside the bounds.
    """

    quantity: Any
    guess: float
    bounds: Bounds

    def __init__(self, quantity: Any, guess: Any = None, bounds: Any = None):
        is_field = isinstance(quantity, AppliedUndef)
        if not is_field and not isinstance(quantity, sympy.Symbol):
            raise StatementError(
                f"Unknown takes a SymPy symbol, like Unknown(nu, 0.1), or a field like k(x); got {quantity!r}"
            )
        if guess is None and not is_field:
            raise StatementError(f"Unknown({quantity}) needs a first guess, like Unknown({quantity}, 1.0)")
        if is_field and bounds is not None:
            raise StatementError(
                f"Unknown({quantity}, bounds=…): bounds are for numbers. Put exp({quantity}) in the equation for what "
                "is positive, tanh for what lies between two values"
            )
        first = 0.0 if guess is None else _number(guess, f"the guess of Unknown({quantity})")
        kept = quantity if is_field else symbol(quantity.name)
        object.__setattr__(self, "quantity", kept)
        object.__setattr__(self, "guess", first)
        object.__setattr__(self, "bounds", _bounds(bounds, first, quantity))

    @property
    def is_field(self) -> bool:
        return isinstance(self.quantity, AppliedUndef)

    @property
    def symbol(self) -> sympy.Symbol:
        """The canonical symbol of an unknown number."""
        return self.quantity

    @property
    def name(self) -> str:
        return field_name(self.quantity) if self.is_field else self.quantity.name


@dataclass(frozen=True, init=False)
class Parameter:
    """A number for which the solution is learned over a range: Parameter(nu, 0.01, 0.1).

    It becomes one more coordinate of every field: solution(x=…, t=…, nu=0.05).
    Raises StatementError for anything but a symbol and two numbers in order.
    """

    range: Range

    def __init__(self, quantity: Any, lower: Any, upper: Any):
        object.__setattr__(self, "range", Range(quantity, lower, upper))

    @property
    def name(self) -> str:
        return self.range.axes[0].name

    def __str__(self) -> str:
        axis = self.range.axes[0]
        return f"Parameter({axis.name}, {axis.lower}, {axis.upper})"


def _number(value: Any, what: str) -> float:
    try:
        return float(number(value, what))
    except ExpressionError as error:
        raise StatementError(str(error)) from error


def _bounds(bounds: Any, guess: float, quantity: Any) -> Bounds:
    if bounds is None:
        return (None, None)
    if not isinstance(bounds, (tuple, list)) or len(bounds) != 2:
        raise StatementError(f"Unknown({quantity}): bounds is a pair (lowest, highest), None for none; got {bounds!r}")
    low, high = (None if bound is None else _number(bound, f"a bound of Unknown({quantity})") for bound in bounds)
    if not (-math.inf if low is None else low) < guess < (math.inf if high is None else high):
        raise StatementError(
            f"Unknown({quantity}): the guess {guess:g} does not lie between its bounds {low} and {high}; give one "
            "that does, and the lower bound first"
        )
    return (low, high)
