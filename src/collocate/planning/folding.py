"""What is the same on many parts of the boundary is said once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from collocate.geometry.naming import shortened

if TYPE_CHECKING:
    from collocate.planning.specification import Term

MOST_NUMBERS = 12

_Item = TypeVar("_Item")


def together(items: Iterable[_Item], key: Callable[[_Item], Hashable]) -> list[list[_Item]]:
    """Items of equal keys in one list, at the place of the first."""
    groups: dict[Hashable, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def listed(values: Iterable[str]) -> str:
    """One value where all are equal; else each, in order, numbered parts by the ends of their runs."""
    found = list(values)
    return found[0] if len(set(found)) == 1 else shortened(", ".join(found))


def on_parts(label: str, parts: Iterable[str]) -> str:
    """A condition on some of its parts, "dirichlet u on edge 1 … edge 9 (edge 2)"; on all of them its label alone."""
    short, named = shortened(label), shortened(", ".join(parts))
    return short if not named or short.endswith(f" on {named}") else f"{short} ({named})"


def named(terms: Sequence[Term]) -> str:
    """Terms of one condition by its label and the parts that they are on."""
    return on_parts(terms[0].label, [term.sets[0] for term in terms if term.name != term.label])


def scales(terms: Sequence[Term]) -> str:
    """Their scales, in order; of many the range."""
    if len(terms) > MOST_NUMBERS:
        found = [term.scale for term in terms]
        return f"{min(found):.3g} to {max(found):.3g}"
    return listed(f"{term.scale:.3g}" for term in terms)
