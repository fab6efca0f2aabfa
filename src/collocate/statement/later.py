"""Documented names that a later release fills: constructing one says so."""

from __future__ import annotations

from typing import Any, ClassVar

from collocate.errors import NotYetError


class _Later:
    instead: ClassVar[str]

    def __init__(self, *arguments: Any, **options: Any):
        raise NotYetError(f"{type(self).__name__} comes with a later release; {self.instead}")


class Final(_Later):
    """u = g at the end of Time."""

    instead = "for now conditions in time are Initial conditions"


class Point(_Later):
    """u = value at one point."""

    instead = "for now values are given on boundary parts (Dirichlet, Condition) or as a Mean"


class Data(_Later):
    """Observations of u from a table."""

    instead = "for now values are given on boundary parts (Dirichlet, Condition) or as a Mean"


class Parameter(_Later):
    """A number for which the solution is learned over a range."""

    instead = "for now put a number in its place, or declare it as Unknown(nu, guess) to have it found"
