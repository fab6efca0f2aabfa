"""The same derivatives by nested automatic differentiation: the oracle for jets, and how PINNs are usually written.

Points are independent, so ∂f_j/∂x_i at all points is one column of the pullback of a one-hot cotangent: the idiom
`torch.autograd.grad(u, x, ones, create_graph=True)`, or a gradient tape within a tape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from collocate.jets.entries import JetSpace

Pointwise = Callable[[Any], Any]


def nested(bk: Any, function: Pointwise, coordinates: Any, space: JetSpace) -> tuple[Any, ...]:
    """The jet of `function`, (n, d) → (n, k) acting on each point by itself, at `coordinates` (n, d)."""
    found = []
    for entry in space.entries:
        total = None
        for alpha, factor in entry.terms:
            value = factor * _partial(bk, function, alpha)(coordinates)
            total = value if total is None else total + value
        found.append(total)
    return tuple(found)


def _partial(bk: Any, function: Pointwise, alpha: tuple[int, ...]) -> Pointwise:
    for axis, count in enumerate(alpha):
        for _ in range(count):
            function = _along(bk, function, axis)
    return function


def _along(bk: Any, function: Pointwise, axis: int) -> Pointwise:
    def derivative(coordinates: Any) -> Any:
        value, pullback = bk.vjp(function, coordinates)
        columns = []
        for output in range(value.shape[1]):
            one = bk.ones_like(value[:, :1])
            zero = bk.zeros_like(one)
            one_hot = bk.concat([one if k == output else zero for k in range(value.shape[1])], axis=1)
            columns.append(pullback(one_hot)[:, axis : axis + 1])
        return bk.concat(columns, axis=1)

    return derivative
