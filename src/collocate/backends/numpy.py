"""NumPy: the oracle. Arrays only, and the measure of what the other backends' values must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn

import numpy as np
from scipy import special

from collocate.backends.compiled import EagerFunction, block_sum
from collocate.backends.protocol import Array, Axis, Backend, Compiled, DType, Mode
from collocate.errors import BackendError
from collocate.tree import Tree

ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2,
    "erf": special.erf, "sigmoid": special.expit, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "maximum": np.maximum, "minimum": np.minimum, "power": np.power, "less": np.less, "less_equal": np.less_equal,
    "equal": np.equal, "logical_and": np.logical_and, "logical_or": np.logical_or, "logical_not": np.logical_not,
    "isfinite": np.isfinite, "zeros_like": np.zeros_like, "ones_like": np.ones_like, "stop_gradient": np.asarray,
    "matmul": np.matmul,
}  # fmt: skip


class NumpyBackend(Backend):
    def __init__(self, mode: Mode, dtype: DType, device: str) -> None:
        if device not in ("auto", "cpu"):
            raise BackendError(f"device {device!r}: NumPy computes on the cpu; use device='cpu' or another backend")
        self.name, self.mode, self.dtype, self.device, self.version = "numpy", mode, dtype, "cpu", np.__version__
        for name, function in ELEMENTWISE.items():
            setattr(self, name, self._lifted(function))

    def _lifted(self, function: Callable[..., Array]) -> Callable[..., Array]:
        return lambda *arrays: function(*map(self._lift, arrays))

    def _lift(self, x: Any) -> Array:
        """A Python number as an array of the backend's dtype."""
        return np.asarray(x, self.dtype) if type(x) in (int, float) else x

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        return np.where(condition, self._lift(x), self._lift(y))

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        return np.transpose(x, tuple(axes))

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return np.reshape(x, tuple(shape))

    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return np.concatenate(arrays, axis=axis)

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return np.stack(arrays, axis=axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return np.broadcast_to(self._lift(x), tuple(shape))

    def zeros(self, shape: Sequence[int]) -> Array:
        return np.zeros(tuple(shape), self.dtype)

    def ones(self, shape: Sequence[int]) -> Array:
        return np.ones(tuple(shape), self.dtype)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return np.sum(x, axis=axis, keepdims=keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return np.mean(x, axis=axis, keepdims=keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return np.max(x, axis=axis, keepdims=keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return np.min(x, axis=axis, keepdims=keepdims)

    def std(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return np.std(x, axis=axis, keepdims=keepdims)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return np.sort(x, axis=axis)

    def asarray(self, value: Any) -> np.ndarray:
        return host_array(value, self.dtype)

    def to_numpy(self, array: Array) -> np.ndarray:
        return np.asarray(array)

    def scope(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def value_and_grad(self, f: Callable[..., Array]) -> NoReturn:
        raise _no_transform("value_and_grad")

    def jvp(self, f: Callable[[Tree], Tree], primal: Tree, tangent: Tree) -> NoReturn:
        raise _no_transform("jvp")

    def vjp(self, f: Callable[[Tree], Tree], primal: Tree, has_aux: bool = False) -> NoReturn:
        raise _no_transform("vjp")

    def vmap(self, f: Callable[..., Tree]) -> NoReturn:
        raise _no_transform("vmap")

    def compile(self, f: Callable[..., Tree]) -> Compiled:
        return EagerFunction(f, self.asarray)

    def sum_over_blocks(self, f: Callable[[Tree, Tree], Tree], count: int) -> Compiled:
        return EagerFunction(block_sum(f, count), self.asarray)

    def update_rule(self, name: str, options: Mapping[str, Any]) -> NoReturn:
        raise _no_transform("update_rule")


def host_array(value: Any, dtype: DType) -> np.ndarray:
    """A new NumPy array: floats in dtype, booleans and integers as they are. Raises BackendError for other kinds."""
    try:
        array = np.array(value)
    except (TypeError, ValueError) as error:
        raise BackendError(f"{type(value).__name__} cannot be made an array of real numbers: {error}") from error
    if array.dtype.kind == "f":
        return array.astype(dtype, copy=False)
    if array.dtype.kind in "biu":
        return array
    raise BackendError(f"{type(value).__name__} of dtype {array.dtype} was given; an array holds real numbers")


def _no_transform(name: str) -> BackendError:
    return BackendError(f"the NumPy backend has no {name}; the backends 'jax', 'torch' and 'tensorflow' have it")
