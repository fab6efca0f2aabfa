"""What is the same in every adapter's ``compile`` and ``sum_over_blocks``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import reduce, wraps
from typing import Any, final

from collocate import tree
from collocate.errors import BackendError
from collocate.tree import Tree


def within(scope: Callable[[], AbstractContextManager[Any]], function: Callable[..., Any]) -> Callable[..., Any]:
    """The function inside ``scope()``, which is entered without asking whether one is in it: JAX's takes 3 µs."""

    @wraps(function)
    def entry(*args: Any, **kwargs: Any) -> Any:
        with scope():
            return function(*args, **kwargs)

    return entry


@final
class CompiledFunction:
    """f over trees, compiled by ``jit``, which must run its argument's Python once for each compilation."""

    def __init__(self, f: Callable[..., Tree], jit: Callable[..., Any], asarray: Callable[[Any], Any]) -> None:
        def traced(*trees: Tree) -> Tree:
            self._compilations += 1
            # A plain number in the result, or a framework's own kind of list, is no tree of arrays.
            return convert(asarray, f(*trees))

        self._compilations = 0
        self._call = jit(traced)
        self._asarray = asarray

    @property
    def compilations(self) -> int:
        return self._compilations

    def __call__(self, *trees: Tree) -> Tree:
        return self._call(*convert(self._asarray, trees))


@final
class EagerFunction:
    """f over trees, as it is, behind the same entry; ``compilations`` asks what f itself compiles."""

    def __init__(
        self, f: Callable[..., Tree], asarray: Callable[[Any], Any], compilations: Callable[[], int] = lambda: 0
    ) -> None:
        self._f = f
        self._asarray = asarray
        self._compilations = compilations

    @property
    def compilations(self) -> int:
        return self._compilations()

    def __call__(self, *trees: Tree) -> Tree:
        return convert(self._asarray, self._f(*convert(self._asarray, trees)))


def convert(asarray: Callable[[Any], Any], values: Tree) -> Tree:
    """The tree with every leaf but None an array."""
    return tree.map(lambda leaf: None if leaf is None else asarray(leaf), values)


def block_length(leaf: Any, count: int) -> int:
    """n / count for a leaf of n rows; leaves may differ in n. Raises BackendError where count does not divide it."""
    length = leaf.shape[0] if len(leaf.shape) else 0
    if count < 1 or not length or length % count:
        raise BackendError(f"{length} points cannot be split into {count} equal blocks; choose a divisor of {length}")
    return length // count


def cut(leaf: Any, index: int, count: int) -> Any:
    """The block of that index of `count` equal ones."""
    length = block_length(leaf, count)
    return leaf[index * length : (index + 1) * length]


def block_sum(
    f: Callable[[Tree, Tree], Tree], count: int, each: Callable[..., Iterable[Tree]] = map
) -> Callable[[Tree, Tree], Tree]:
    """g(params, points) = Σ_b f(params, block_b), summed in the blocks' order; `each` is what maps over them."""

    def total(params: Tree, points: Tree) -> Tree:
        parts = (tree.map(lambda x, i=i: cut(x, i, count), points) for i in range(count))
        return reduce(add, each(lambda part: f(params, part), parts))

    return total


def add(a: Tree, b: Tree) -> Tree:
    """The sum of two trees, leaf by leaf."""
    return tree.map(lambda x, y: x + y, a, b)
