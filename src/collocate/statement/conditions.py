"""Conditions as a user writes them: plain records, checked when a `Problem` takes them.

`on` says where: a part's name ("left"), a list of names, or a symbolic predicate like `Eq(x, 1)` or `y > 0`. Left out,
it is the whole boundary in space less what other conditions on the same field claim by their `on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import sympy

from collocate.errors import StatementError
from collocate.expressions import symbol
from collocate.geometry import NORMAL


def normal(coordinate: Any) -> sympy.Symbol:
    """The component of the outward unit normal along `coordinate`: a symbol for use in a `Condition`.

    Neumann(u, g) is Condition(Eq(normal(x)*u.diff(x) + normal(y)*u.diff(y), g)).
    """
    if not isinstance(coordinate, sympy.Symbol):
        raise StatementError(f"normal(…) takes a coordinate, like normal(x); got {coordinate!r}")
    return symbol(NORMAL + coordinate.name)


@dataclass(frozen=True)
class Stated:
    """A condition as stated; prints as it was written."""

    def __str__(self) -> str:
        given = [(member.name, getattr(self, member.name)) for member in fields(self)]
        shown = [
            f"on={value!r}" if name == "on" else str(value)
            for name, value in given
            if name != "on" or value is not None
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclass(frozen=True)
class Dirichlet(Stated):
    """u = g."""

    u: Any
    g: Any
    on: Any = None


@dataclass(frozen=True)
class Neumann(Stated):
    """∂u/∂n = g with n the outward normal, at a left end too."""

    u: Any
    g: Any
    on: Any = None


@dataclass(frozen=True)
class Robin(Stated):
    """a u + b ∂u/∂n = g."""

    u: Any
    a: Any
    b: Any
    g: Any
    on: Any = None


@dataclass(frozen=True)
class Periodic(Stated):
    """u and its derivatives below the equation's order agree at both ends of the space coordinate x."""

    u: Any
    x: Any


@dataclass(frozen=True)
class Initial(Stated):
    """u = g, or u.diff(t) = g (any order below the equation's), at the start of Time."""

    u: Any
    g: Any


@dataclass(frozen=True)
class Final(Stated):
    """u = g, or u.diff(t) = g (any order below the equation's), at the end of Time.

    In place of an initial condition (a terminal value, a boundary value problem in time), or beside all of them where
    an unknown is to be found.
    """

    u: Any
    g: Any


@dataclass(frozen=True)
class Condition(Stated):
    """Any equation on the boundary, with `normal(x)` for the outward normal."""

    equation: Any
    on: Any = None


@dataclass(frozen=True)
class Mean(Stated):
    """The mean over the whole domain (time included) of a field or expression equals the number `value`."""

    expression: Any
    value: Any


@dataclass(frozen=True, init=False)
class Point(Stated):
    """A field or expression equals a number at one point: Point(u, 1.5, x=0.5, t=0). Each coordinate is given."""

    expression: Any
    value: Any
    at: Mapping[str, Any]

    def __init__(self, expression: Any, value: Any, at: Mapping[str, Any] | None = None, **coordinates: Any):
        object.__setattr__(self, "expression", expression)
        object.__setattr__(self, "value", value)
        if at is not None and not isinstance(at, Mapping):
            raise StatementError(
                f"Point({expression}, {value}, …): the place is given by name, like x=0.5, or as a mapping of all "
                f"coordinates; got {at!r}"
            )
        named = {str(coordinate): number for coordinate, number in (at or {}).items()}
        object.__setattr__(self, "at", {**named, **coordinates})

    def __str__(self) -> str:
        place = ", ".join(f"{name}={value}" for name, value in self.at.items())
        return f"Point({self.expression}, {self.value}{', ' if place else ''}{place})"


@dataclass(frozen=True)
class Data(Stated):
    """Observations of a field or expression, met in the sense of least squares: Data(u, table).

    table: columns by name, as a mapping of arrays or a pandas frame: the coordinates', and the field's own name (or
    "value") for what was measured; or an array (n, d + 1) with the coordinates in the domain's order, then the values.
    sigma: the standard deviation of the measurements, a number, an array or the name of a column. It weighs them
    against each other, those of other `Data` too, by 1/σ², and sets the width of the intervals of unknowns.
    """

    expression: Any
    table: Any = field(compare=False)
    sigma: Any = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"Data({self.expression}, …)"
