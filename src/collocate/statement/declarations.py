"""Declarations of what the statement leaves open: numbers to be found along with the fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, NotYetError, StatementError
from collocate.expressions import number, symbol


@dataclass(frozen=True, init=False)
class Unknown:
    """A number to be found, with a first guess: `Unknown(nu, 0.1)`.

    Raises NotYetError for unknown fields and for bounds, StatementError for anything that isn't a symbol and a number.
    """

    symbol: sympy.Symbol
    guess: float

    def __init__(self, quantity: Any, guess: Any = None, bounds: Any = None):
        if isinstance(quantity, AppliedUndef):
            raise NotYetError(
                f"Unknown({quantity}): unknown fields come with a later release; a scalar symbol works now"
            )
        if bounds is not None:
            raise NotYetError(
                f"Unknown({quantity}, bounds=…): bounds come with a later release; leave them out for now"
            )
        if not isinstance(quantity, sympy.Symbol):
            raise StatementError(f"Unknown takes a SymPy symbol, like Unknown(nu, 0.1); got {quantity!r}")
        if guess is None:
            raise StatementError(f"Unknown({quantity}) needs a first guess, like Unknown({quantity}, 1.0)")
        try:
            first = float(number(guess, f"the guess of Unknown({quantity})"))
        except ExpressionError as error:
            raise StatementError(str(error)) from error
        object.__setattr__(self, "symbol", symbol(quantity.name))
        object.__setattr__(self, "guess", first)

    @property
    def name(self) -> str:
        return self.symbol.name
