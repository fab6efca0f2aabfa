"""Arithmetic on jets. An array is a jet of order zero, so expressions need one lowering for arrays and jets alike.

A jet is a tuple with one element per entry of its `JetSpace`: an array (n, k), a Python float (a structural constant,
the same at all points) or None (a structural zero, never computed).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from collocate.jets.affine import Features
from collocate.jets.entries import JetSpace, MultiIndex
from collocate.jets.functions import FUNCTIONS, power

Jet = tuple[Any, ...]


class JetAlgebra:
    """Operations on the jets of one `space`, computed with one backend `bk`.

    `JetAlgebra(bk, JetSpace.of(d))` is arithmetic on plain arrays, held as 1-tuples.
    """

    def __init__(self, bk: Any, space: JetSpace):
        self.bk = bk
        self.space = space
        self._zeros: Jet = (None,) * (len(space.entries) - 1)

    def constant(self, value: float) -> Jet:
        return (float(value), *self._zeros)

    def array(self, value: Any) -> Jet:
        """A jet of something that does not depend on the coordinates (an unknown, a column of data)."""
        return (value, *self._zeros)

    def coordinate(self, axis: int, column: Any) -> Jet:
        """The jet of the coordinate itself: its value, 1.0 as its own first derivative, zero else."""
        unit = tuple(int(k == axis) for k in range(self.space.dimension))
        return (column, *(_derivative_of(unit, entry.terms) for entry in self.space.entries[1:]))

    def add(self, *jets: Jet) -> Jet:
        return tuple(total(entries) for entries in zip(*jets, strict=True))

    def negate(self, jet: Jet) -> Jet:
        return tuple(None if entry is None else -entry for entry in jet)

    def scale(self, factor: float, jet: Jet) -> Jet:
        return tuple(_times(factor, entry) for entry in jet)

    def multiply(self, *jets: Jet) -> Jet:
        """Leibniz' rule."""
        product, *rest = jets
        for other in rest:
            product = tuple(
                total(_times(c, product[i], other[j]) for i, j, c in terms) for terms in self.space.products
            )
        return product

    def power(self, base: Jet, exponent: float) -> Jet:
        return self._compose(lambda z, order: power(self.bk, z, exponent, order), base)

    def function(self, name: str, jet: Jet) -> Jet:
        """FUNCTIONS[name] of a jet, by Faà di Bruno's rule."""
        return self._compose(lambda z, order: FUNCTIONS[name](self.bk, z, order), jet)

    def _compose(self, derivatives: Callable[[Any, int], list[Any]], jet: Jet) -> Jet:
        value = jet[0]
        if value is None or isinstance(value, float):
            value = self.bk.asarray([[value or 0.0]])
        order = self.space.order if any(entry is not None for entry in jet[1:]) else 0
        sigma = derivatives(value, order)
        if order == 0:
            return (sigma[0], *self._zeros)
        return tuple(
            total(_times(c, sigma[k], *(jet[b] for b in blocks)) for k, blocks, c in terms)
            for terms in self.space.compositions
        )

    def where(self, condition: Any, left: Jet, right: Jet) -> Jet:
        """Entry by entry: `left` where the boolean array `condition` holds, `right` elsewhere."""
        return tuple(
            None if a is None and b is None else self.bk.where(condition, self._full(a), self._full(b))
            for a, b in zip(left, right, strict=True)
        )

    def _full(self, entry: Any) -> Any:
        return self.bk.asarray([[entry or 0.0]]) if entry is None or isinstance(entry, float) else entry

    def value(self, jet: Jet) -> Any:
        """The value as an array: (n, k), or (1, 1) where it is a constant."""
        return self._full(jet[0])

    def derivative(self, jet: Jet, alpha: MultiIndex) -> Any:
        """The entry ∂^α: an array, a float or None."""
        return jet[self.space.position(alpha)]


def stack_features(jets: Sequence[Jet]) -> Jet:
    """Scalar jets side by side, as the input of a network's first affine layer."""
    return tuple(
        None if all(column is None for column in columns) else Features(columns) for columns in zip(*jets, strict=True)
    )


def column(jet: Jet, position: int) -> Jet:
    """One column of a network's output, whose entries are arrays (n, k), `Features` of k columns, or None."""
    return tuple(
        None
        if entry is None
        else entry.columns[position]
        if isinstance(entry, Features)
        else entry[:, position : position + 1]
        for entry in jet
    )


def _derivative_of(unit: MultiIndex, terms: tuple[tuple[MultiIndex, float], ...]) -> float | None:
    found = sum(factor for alpha, factor in terms if alpha == unit)
    return float(found) if found else None


def total(arrays: Any) -> Any:
    """The sum of those that are there; None where none is."""
    found = None
    for array in arrays:
        if array is not None:
            found = array if found is None else found + array
    return found


def _times(*factors: Any) -> Any:
    """The product of floats, arrays and zeros (None); floats are folded first, and a factor 1.0 costs nothing."""
    if any(factor is None for factor in factors):
        return None
    number = math.prod(factor for factor in factors if isinstance(factor, float))
    product = None
    for factor in factors:
        if not isinstance(factor, float):
            product = factor if product is None else product * factor
    if product is None:
        return number
    return product if number == 1.0 else number * product
