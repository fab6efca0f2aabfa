"""JAX. Every public entry enters its own float width: x64 is off by default, thread-local, and outside it arrays are
truncated to float32 without an error. The global flag is never touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from collocate import tree
from collocate.backends.compiled import CompiledFunction, EagerFunction, add, block_length, block_sum, convert, within
from collocate.backends.numpy import host_array
from collocate.backends.protocol import Array, Axis, Backend, Compiled, DType, Mode, UpdateRule
from collocate.errors import BackendError
from collocate.tree import Tree

ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "exp": jnp.exp, "log": jnp.log, "sin": jnp.sin, "cos": jnp.cos, "tan": jnp.tan, "sinh": jnp.sinh,
    "cosh": jnp.cosh, "tanh": jnp.tanh, "asin": jnp.arcsin, "acos": jnp.arccos, "atan": jnp.arctan,
    "atan2": jnp.arctan2, "erf": jax.scipy.special.erf, "sigmoid": jax.nn.sigmoid, "sqrt": jnp.sqrt, "abs": jnp.abs,
    "sign": jnp.sign, "floor": jnp.floor, "maximum": jnp.maximum, "minimum": jnp.minimum, "power": jnp.power,
    "less": jnp.less, "less_equal": jnp.less_equal, "equal": jnp.equal, "logical_and": jnp.logical_and,
    "logical_or": jnp.logical_or, "logical_not": jnp.logical_not, "isfinite": jnp.isfinite,
    "zeros_like": jnp.zeros_like, "ones_like": jnp.ones_like, "stop_gradient": jax.lax.stop_gradient,
    "matmul": jnp.matmul,
}  # fmt: skip
ENTRIES = (
    "where", "permute", "reshape", "concat", "stack", "broadcast_to", "zeros", "ones", "sum", "mean", "max", "min",
    "std", "sort", "asarray", "to_numpy", "value_and_grad", "jvp", "vjp", "vmap",
)  # fmt: skip


class JaxBackend(Backend):
    def __init__(self, mode: Mode, dtype: DType, device: str) -> None:
        self.name, self.mode, self.dtype, self.version = "jax", mode, dtype, jax.__version__
        self._device, self.device = _find_device(device)
        for name, function in ELEMENTWISE.items():
            setattr(self, name, within(self.scope, self._lifted(function)))
        for name in ENTRIES:
            setattr(self, name, within(self.scope, getattr(self, name)))

    def scope(self) -> AbstractContextManager[Any]:
        # The width is set both ways: under a user's global x64, a float32 backend must stay one.
        return jax.enable_x64(self.dtype == "float64")

    def _lifted(self, function: Callable[..., Array]) -> Callable[..., Array]:
        return lambda *arrays: function(*map(self._lift, arrays))

    def _lift(self, x: Any) -> Array:
        """A Python number as an array of the backend's dtype."""
        return jnp.asarray(x, self.dtype) if type(x) in (int, float) else x

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        return jnp.where(condition, self._lift(x), self._lift(y))

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        return jnp.transpose(x, tuple(axes))

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return jnp.reshape(x, tuple(shape))

    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return jnp.concatenate(arrays, axis=axis)

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return jnp.stack(arrays, axis=axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return jnp.broadcast_to(self._lift(x), tuple(shape))

    def zeros(self, shape: Sequence[int]) -> Array:
        return jnp.zeros(tuple(shape), self.dtype)

    def ones(self, shape: Sequence[int]) -> Array:
        return jnp.ones(tuple(shape), self.dtype)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return jnp.sum(x, axis=axis, keepdims=keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return jnp.mean(x, axis=axis, keepdims=keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return jnp.max(x, axis=axis, keepdims=keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return jnp.min(x, axis=axis, keepdims=keepdims)

    def std(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return jnp.std(x, axis=axis, keepdims=keepdims)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return jnp.sort(x, axis=axis)

    def asarray(self, value: Any) -> Array:
        if isinstance(value, jax.Array):
            fits = value.dtype == self.dtype or not jnp.issubdtype(value.dtype, jnp.floating)
            return value if fits else value.astype(self.dtype)
        # JAX may go on using a NumPy buffer without copying it: host_array's copy belongs to nobody else.
        return jax.device_put(host_array(value, self.dtype), self._device)

    def to_numpy(self, array: Array) -> np.ndarray:
        return np.asarray(array)

    def value_and_grad(self, f: Callable[..., Array]) -> Callable[..., tuple[Array, Tree]]:
        return within(self.scope, jax.value_and_grad(f))

    def jvp(self, f: Callable[[Tree], Tree], primal: Tree, tangent: Tree) -> tuple[Tree, Tree]:
        return jax.jvp(f, (convert(self.asarray, primal),), (convert(self.asarray, tangent),))

    def vjp(self, f: Callable[[Tree], Tree], primal: Tree, has_aux: bool = False) -> tuple[Any, ...]:
        value, pullback, *aux = jax.vjp(f, convert(self.asarray, primal), has_aux=has_aux)
        return value, within(self.scope, lambda cotangent: pullback(convert(self.asarray, cotangent))[0]), *aux

    def vmap(self, f: Callable[..., Tree]) -> Callable[..., Tree]:
        return within(self.scope, jax.vmap(f))

    def compile(self, f: Callable[..., Tree]) -> Compiled:
        if self.mode == "eager":
            return EagerFunction(within(self.scope, f), self.asarray)
        return CompiledFunction(f, lambda traced: within(self.scope, jax.jit(traced)), self.asarray)

    def sum_over_blocks(self, f: Callable[[Tree, Tree], Tree], count: int) -> Compiled:
        def scan(params: Tree, points: Tree) -> Tree:
            stacked = tree.map(lambda x: jnp.reshape(x, (count, block_length(x, count), *x.shape[1:])), points)
            first = tree.map(lambda x: x[0], stacked)
            zero = tree.map(lambda x: jnp.zeros(x.shape, x.dtype), jax.eval_shape(f, params, first))
            return jax.lax.scan(lambda total, block: (add(total, f(params, block)), None), zero, stacked)[0]

        return self.compile(block_sum(f, count) if self.mode == "eager" else scan)

    def update_rule(self, name: str, options: Mapping[str, Any]) -> UpdateRule:
        from collocate.backends.optax_rule import OptaxRule  # loaded only where it is asked for

        return OptaxRule(name, options)


def _find_device(device: str) -> tuple[Any, str]:
    """The device of that name ("cuda:1" is the second) and its name. Raises BackendError if it is not there."""
    platform, _, index = device.partition(":")
    if device == "auto":
        platform = "cuda" if jax.default_backend() == "gpu" else jax.default_backend()
    try:
        return jax.devices(platform)[int(index or 0)], platform + (f":{index}" if index else "")
    except (RuntimeError, IndexError, ValueError) as error:
        present = sorted({found.platform for found in jax.devices()} | {"cpu"})
        raise BackendError(
            f"device {device!r} was asked for; JAX sees only {', '.join(present)}. Use device='auto', "
            'or install JAX for it: pip install "jax[cuda12]"'
        ) from error


def in_precision(function: Callable[..., Any], dtype: DType) -> Callable[..., Any]:
    """The function for users to call. Raises BackendError where JAX would cut its float64 to float32 in silence."""

    @wraps(function)
    def checked(*arguments: Any) -> Any:
        if jax.dtypes.canonicalize_dtype(dtype) != dtype:
            raise BackendError(
                f"the solution is in {dtype}, which JAX has switched off: call the function under "
                '`with jax.enable_x64(True):`, set jax.config.update("jax_enable_x64", True), or solve with '
                'dtype="float32"'
            )
        return function(*arguments)

    return checked
