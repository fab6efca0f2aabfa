"""Which derivatives a jet carries, and the tables by which products and compositions propagate them.

An *entry* is a linear combination of partial derivatives, E f = Σ_j c_j ∂^{α_j} f. A plain derivative is the entry
with one term; a Laplacian is one entry with d terms («collapsed»), a heat operator ∂_t − ν ∂_xx one with two: only
the sum travels through the network, not its parts. In Leibniz' and Faà di Bruno's rules the derivative itself enters
linearly, so both hold for combinations, of several orders too:

    E(f g)  = g E f + f E g + Σ_j c_j Σ_{0<β<α_j} (α_j choose β) ∂^β f ∂^{α_j−β} g
    E(σ(f)) = σ′(f) E f + Σ_j c_j Σ_{π: partitions of α_j into ≥ 2 blocks} σ^{(|π|)}(f) Π_{β∈π} ∂^β f

The lower derivatives on the right must be entries themselves: `JetSpace.of` closes the set downward.
Sources: G. M. Constantine, T. H. Savits, doi:10.1090/S0002-9947-96-01501-2 (multivariate Faà di Bruno);
F. Dangel et al., «Collapsing Taylor mode», arXiv:2505.13644 (sums of highest derivatives).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import comb, prod

from collocate.errors import PlanError

MAX_ORDER = 4

MultiIndex = tuple[int, ...]


@dataclass(frozen=True, order=True)
class Entry:
    """E = Σ c ∂^α over `terms` ((α, c), …); α counts derivatives by each coordinate."""

    terms: tuple[tuple[MultiIndex, float], ...]

    @classmethod
    def partial(cls, alpha: MultiIndex) -> Entry:
        """The single derivative ∂^α."""
        return cls(((tuple(alpha), 1.0),))

    @property
    def order(self) -> int:
        """The highest |α|."""
        return max(sum(alpha) for alpha, _ in self.terms)


class JetSpace:
    """The entries that a jet of `dimension` coordinates carries, the value first, closed downward.

    `products[e]` lists (i, j, c): (f g)_e = Σ c f_i g_j.
    `compositions[e]` lists (k, blocks, c): σ(f)_e = Σ c σ^{(k)}(f) Π_{b in blocks} f_b.
    """

    def __init__(self, dimension: int, entries: tuple[Entry, ...]):
        self.dimension = dimension
        self.entries = entries
        self.index = {entry: position for position, entry in enumerate(entries)}
        self.order = max(entry.order for entry in entries)

    @classmethod
    def of(cls, dimension: int, wanted: Iterable[Entry | MultiIndex] = ()) -> JetSpace:
        """The smallest space that holds `wanted`: every proper part 0 < β < α of a term is an entry too.

        Raises PlanError for an order above MAX_ORDER.
        """
        found = {entry if isinstance(entry, Entry) else Entry.partial(entry) for entry in wanted}
        for entry in list(found):
            if entry.order > MAX_ORDER:
                raise PlanError(
                    f"a derivative of order {entry.order} was asked; orders up to {MAX_ORDER} are supported"
                )
            found.update(Entry.partial(beta) for alpha, _ in entry.terms for beta in _between(alpha))
        found.add(Entry.partial((0,) * dimension))
        return cls(dimension, tuple(sorted(found, key=lambda entry: (entry.order, entry))))

    def position(self, alpha: MultiIndex) -> int:
        """Where ∂^α stands in a jet."""
        return self.index[Entry.partial(alpha)]

    @cached_property
    def products(self) -> tuple[tuple[tuple[int, int, float], ...], ...]:
        return (((0, 0, 1.0),), *(tuple(self._product_terms(position)) for position in range(1, len(self.entries))))

    def _product_terms(self, position: int) -> Iterator[tuple[int, int, float]]:
        yield position, 0, 1.0
        yield 0, position, 1.0
        middle: Counter[tuple[int, int]] = Counter()
        for alpha, factor in self.entries[position].terms:
            for beta in _between(alpha):
                rest = tuple(a - b for a, b in zip(alpha, beta, strict=True))
                choose = prod(comb(a, b) for a, b in zip(alpha, beta, strict=True))
                middle[self.position(beta), self.position(rest)] += factor * choose  # type: ignore[assignment]
        for (left, right), factor in middle.items():
            yield left, right, float(factor)

    @cached_property
    def compositions(self) -> tuple[tuple[tuple[int, tuple[int, ...], float], ...], ...]:
        return (
            ((0, (), 1.0),),
            *(tuple(self._composition_terms(position)) for position in range(1, len(self.entries))),
        )

    def _composition_terms(self, position: int) -> Iterator[tuple[int, tuple[int, ...], float]]:
        yield 1, (position,), 1.0
        found: Counter[tuple[int, ...]] = Counter()
        for alpha, factor in self.entries[position].terms:
            for blocks, count in _partitions(alpha).items():
                if len(blocks) > 1:
                    found[tuple(sorted(map(self.position, blocks)))] += factor * count  # type: ignore[assignment]
        for blocks, factor in found.items():
            yield len(blocks), blocks, float(factor)


def _between(alpha: MultiIndex) -> Iterator[MultiIndex]:
    """Every β with 0 < β < α."""
    for beta in product(*(range(a + 1) for a in alpha)):
        if any(beta) and beta != alpha:
            yield beta


def _partitions(alpha: MultiIndex) -> Counter[tuple[MultiIndex, ...]]:
    """Partitions of the multiset α into blocks, with how many set partitions of |α| labelled items give each."""
    items = [axis for axis, count in enumerate(alpha) for _ in range(count)]
    found: Counter[tuple[MultiIndex, ...]] = Counter()
    for blocks in _set_partitions(items):
        found[tuple(sorted(tuple(block.count(axis) for axis in range(len(alpha))) for block in blocks))] += 1
    return found


def _set_partitions(items: list[int]) -> Iterator[list[list[int]]]:
    if not items:
        yield []
        return
    first, rest = items[0], items[1:]
    for blocks in _set_partitions(rest):
        yield [[first], *blocks]
        for position in range(len(blocks)):
            yield [*blocks[:position], [first, *blocks[position]], *blocks[position + 1 :]]
