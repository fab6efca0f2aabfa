"""Trees of arrays: nested dicts, lists and tuples, in one order that every framework shares.

The three frameworks order trees differently (PyTorch by insertion, JAX and TensorFlow by key), so a flat vector of
parameters would mean different things. Here a dict is always walked in sorted key order, a list or tuple by index.
Whatever is not a dict, list or tuple is a leaf: an array, a number, None.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

Tree = Any
Path = tuple[str | int, ...]


class Arrays(Protocol):
    """The two operations of a backend that flattening needs."""

    def reshape(self, x: Any, shape: tuple[int, ...]) -> Any: ...
    def concat(self, arrays: Sequence[Any], axis: int) -> Any: ...


def map(f: Callable[..., Any], tree: Tree, *more: Tree) -> Tree:
    """The tree of f(leaf, *leaves at the same place in more).

    Raises ValueError where a tree of ``more`` has another structure than ``tree``.
    """
    for other in more:
        _check_same_node(tree, other)
    if isinstance(tree, dict):
        return {key: map(f, tree[key], *(other[key] for other in more)) for key in sorted(tree)}
    if isinstance(tree, (list, tuple)):
        items = [map(f, *children) for children in zip(tree, *more, strict=True)]
        return tuple(items) if isinstance(tree, tuple) else items
    return f(tree, *more)


def leaves(tree: Tree) -> list[Any]:
    """The leaves of a tree, in its order."""
    return [leaf for _, leaf in _walk(tree, ())]


def paths(tree: Tree) -> list[Path]:
    """The keys and indices that lead to each leaf, in the order of ``leaves``."""
    return [path for path, _ in _walk(tree, ())]


def unflatten(like: Tree, values: Sequence[Any]) -> Tree:
    """The tree with the structure of ``like`` and the given leaves: ``unflatten(t, leaves(t)) == t``."""
    count = len(leaves(like))
    if count != len(values):
        raise ValueError(f"{len(values)} leaves were given for a tree of {count}")
    remaining = iter(values)
    return map(lambda _: next(remaining), like)


def structure(tree: Tree) -> Hashable:
    """What is left of a tree without its leaves: equal, and hashed equally, for trees that ``map`` takes together."""
    if isinstance(tree, dict):
        return "dict", tuple((key, structure(tree[key])) for key in sorted(tree))
    if isinstance(tree, (list, tuple)):
        return "tuple" if isinstance(tree, tuple) else "list", tuple(structure(item) for item in tree)
    return None


def size(tree: Tree) -> int:
    """The number of elements in all leaves together."""
    return sum(math.prod(_shape(leaf)) for leaf in leaves(tree))


def ravel(bk: Arrays, tree: Tree) -> Any:
    """All leaves, each in row-major order, as one array of shape (size(tree),)."""
    return bk.concat([bk.reshape(leaf, (math.prod(_shape(leaf)),)) for leaf in leaves(tree)], axis=0)


def unravel(bk: Arrays, flat: Any, like: Tree) -> Tree:
    """The inverse of ``ravel``: slices of flat, (size(like),), with the structure and shapes of ``like``.

    Only the shapes of ``like``'s leaves are read. Made of slices and reshapes, so it may be compiled and
    differentiated. Raises ValueError where the lengths differ.
    """
    if _shape(flat) != (size(like),):
        raise ValueError(f"a flat array of shape {_shape(flat)} was given for a tree of {size(like)} elements")
    shapes = [_shape(leaf) for leaf in leaves(like)]
    stops = np.cumsum([math.prod(shape) for shape in shapes], dtype=int).tolist()
    starts = [0, *stops[:-1]]
    parts = [bk.reshape(flat[a:b], shape) for a, b, shape in zip(starts, stops, shapes, strict=True)]
    return unflatten(like, parts)


def _shape(leaf: Any) -> tuple[int, ...]:
    return tuple(builtins.map(int, np.shape(leaf)))


def _walk(tree: Tree, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(tree, dict):
        children: list[tuple[str | int, Any]] = [(key, tree[key]) for key in sorted(tree)]
    elif isinstance(tree, (list, tuple)):
        children = list(enumerate(tree))
    else:
        yield path, tree
        return
    for key, child in children:
        yield from _walk(child, (*path, key))


def _check_same_node(tree: Tree, other: Tree) -> None:
    if _kind(tree) is not _kind(other):
        raise ValueError(f"the trees differ: {_describe(tree)} in the first, {_describe(other)} in another")
    if isinstance(tree, dict) and tree.keys() != other.keys():
        raise ValueError(f"the trees differ: keys {sorted(tree)} in the first, {sorted(other)} in another")
    if isinstance(tree, (list, tuple)) and len(tree) != len(other):
        raise ValueError(f"the trees differ: {_describe(tree)} in the first, {_describe(other)} in another")


def _kind(tree: Tree) -> type | None:
    return next((kind for kind in (dict, list, tuple) if isinstance(tree, kind)), None)


def _describe(tree: Tree) -> str:
    kind = _kind(tree)
    return "a leaf" if kind is None else f"a {kind.__name__} of {len(tree)}"
