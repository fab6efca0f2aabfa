"""Networks of the user's own: which framework they are of, and whether they fit the problem."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np

from collocate.backends import select
from collocate.backends.protocol import DType
from collocate.errors import CollocateError, PlanError, warn
from collocate.jets import JetSpace
from collocate.jets.nested import nested
from collocate.networks.module import Module


def _instance(module: str, name: str) -> Callable[[Any], bool]:
    """Such an object cannot be without its framework, so none is imported to find out."""
    return lambda given: module in sys.modules and isinstance(given, getattr(sys.modules[module], name))


def _is_pair(given: Any) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and callable(given[0]) and not callable(given[1])


# Where the wrapper of each kind lives. Its `wrap(given, inputs, dtype)` gives a `Native`.
_KINDS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (_instance("torch.nn", "Module"), "collocate.networks.native_torch"),
    (_instance("keras", "Model"), "collocate.networks.native_keras"),
    (_is_pair, "collocate.networks.native_jax"),
)


def is_own(given: Any) -> bool:
    """Whether it is a torch.nn.Module, a keras.Model, or a pair (function, parameters) for JAX."""
    return isinstance(given, Module) or any(recognises(given) for recognises, _ in _KINDS)


def wrap(given: Any, inputs: Sequence[str], outputs: Sequence[str], dtype: DType) -> Module:
    """The module for a problem whose network has these inputs and fields, tried on three points.

    Raises PlanError where it cannot be called so, gives another shape, or where a point's value depends on others.
    """
    if isinstance(given, Module):  # of another solution
        module = given
    else:
        place = next(place for recognises, place in _KINDS if recognises(given))
        module = Module.of(import_module(place).wrap(given, len(inputs), dtype))
    _try(module, inputs, outputs, dtype)
    return module


def _try(module: Module, inputs: Sequence[str], outputs: Sequence[str], dtype: DType) -> None:
    points = np.random.default_rng(0).uniform(-1.0, 1.0, (3, len(inputs)))
    bk = select.get(module.backend, mode="eager", dtype=dtype)
    arrays = module.initial(len(inputs), len(outputs), np.random.default_rng(0))
    expected = f"{_shape(3, inputs)} to {_shape(3, outputs)}, one column for each field"
    values = _call(module, bk, expected, lambda p, at: module.values(bk, p, at), arrays, points)
    if getattr(values, "shape", None) != (3, len(outputs)):
        got = f"shape {tuple(values.shape)}" if hasattr(values, "shape") else f"a {type(values).__name__}"
        raise PlanError(f"the network {module.name} must map {expected}; it gave {got}")
    single = _call(module, bk, expected, lambda p, at: module.values(bk, p, at), arrays, points[:1])
    one, all_three = bk.to_numpy(single)[0], bk.to_numpy(values)[0]
    if not np.allclose(one, all_three, rtol=1e-4, atol=1e-5 * (1.0 + np.abs(all_three).max())):
        raise PlanError(
            f"the network {module.name} gives another value for the same point in other company: its derivatives would "
            "not be those of a function of the point. Take out batch normalisation and dropout, or call .eval() first"
        )
    space = JetSpace.of(len(inputs), [_twice(axis, len(inputs)) for axis in range(len(inputs))])
    bent = lambda p, at: nested(bk, lambda x: module.values(bk, p, x), at, space)  # noqa: E731
    jet = _call(module, bk, expected, bent, arrays, points)
    seconds = [bk.to_numpy(entry) for entry, of in zip(jet, space.entries, strict=True) if of.order == 2]
    if not any(np.any(entry) for entry in seconds):
        warn(
            f"the second derivatives of the network {module.name} are zero, as with ReLU: it cannot satisfy an "
            "equation of second order. Use a smooth activation, such as tanh"
        )


def _call(module: Module, bk: Any, expected: str, function: Callable[..., Any], *given: Any) -> Any:
    """The user's code may raise anything: what it said is passed on, with what it was given."""
    try:
        return bk.compile(function)(*given)
    except CollocateError:
        raise
    except Exception as error:
        raise PlanError(
            f"the network {module.name} could not be called, or differentiated twice, in {bk.dtype}; it must map "
            f"{expected}. {type(error).__name__}: {error}"
        ) from error


def _shape(rows: int, columns: Sequence[str]) -> str:
    return f"({rows}, {len(columns)}) [{', '.join(columns)}]"


def _twice(axis: int, dimension: int) -> tuple[int, ...]:
    return tuple(2 * int(k == axis) for k in range(dimension))
