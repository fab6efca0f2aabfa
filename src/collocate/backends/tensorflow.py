"""TensorFlow, by tapes on plain tensors: no Variable, no Keras, no AutoGraph.

Primal leaves pass through ``tf.identity`` before they are watched. A tape watches a tensor, not an argument: without
it, f(x) = a x with a the very tensor x would be differentiated in both.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import tensorflow as tf

from collocate import tree
from collocate.backends.compiled import CompiledFunction, EagerFunction, add, block_length, block_sum, convert, within
from collocate.backends.numpy import host_array
from collocate.backends.protocol import Array, Axis, Backend, Compiled, DType, Mode, UpdateRule
from collocate.errors import BackendError
from collocate.tree import Tree

ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "exp": tf.exp, "log": tf.math.log, "sin": tf.sin, "cos": tf.cos, "tan": tf.tan, "sinh": tf.sinh, "cosh": tf.cosh,
    "tanh": tf.tanh, "asin": tf.asin, "acos": tf.acos, "atan": tf.atan, "atan2": tf.atan2, "erf": tf.math.erf,
    "sigmoid": tf.sigmoid, "sqrt": tf.sqrt, "abs": tf.abs, "sign": tf.sign, "floor": tf.floor,
    "maximum": tf.maximum, "minimum": tf.minimum, "power": tf.pow, "less": tf.less, "less_equal": tf.less_equal,
    "equal": tf.equal, "logical_and": tf.logical_and, "logical_or": tf.logical_or, "logical_not": tf.logical_not,
    "isfinite": tf.math.is_finite, "zeros_like": tf.zeros_like, "ones_like": tf.ones_like,
    "stop_gradient": tf.stop_gradient, "matmul": tf.matmul,
}  # fmt: skip
ENTRIES = ("zeros", "ones", "asarray", "value_and_grad", "jvp", "vjp", "vmap")


class TensorflowBackend(Backend):
    def __init__(self, mode: Mode, dtype: DType, device: str) -> None:
        self.name, self.mode, self.dtype, self.version = "tensorflow", mode, dtype, tf.__version__
        self._dtype, self._device, self.device = tf.as_dtype(dtype), *_find_device(device)
        for name, function in ELEMENTWISE.items():
            setattr(self, name, self._lifted(function))
        for name in ENTRIES:
            setattr(self, name, within(self.scope, getattr(self, name)))

    def scope(self) -> AbstractContextManager[Any]:
        # TensorFlow runs an operation on the first GPU that it sees, wherever its arguments are.
        return tf.device(self._device)

    def _lifted(self, function: Callable[..., Array]) -> Callable[..., Array]:
        return lambda *arrays: function(*map(self._lift, arrays))

    def _lift(self, x: Any) -> Array:
        """A Python number as an array of the backend's dtype."""
        return tf.constant(x, self._dtype) if type(x) in (int, float) else x

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        return tf.where(condition, self._lift(x), self._lift(y))

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        return tf.transpose(x, tuple(axes))

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return tf.reshape(x, tuple(shape))

    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return tf.concat(list(arrays), axis)

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return tf.stack(list(arrays), axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return tf.broadcast_to(self._lift(x), tuple(shape))

    def zeros(self, shape: Sequence[int]) -> Array:
        return tf.zeros(tuple(shape), self._dtype)

    def ones(self, shape: Sequence[int]) -> Array:
        return tf.ones(tuple(shape), self._dtype)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return tf.reduce_sum(x, axis, keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return tf.reduce_mean(x, axis, keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return tf.reduce_max(x, axis, keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return tf.reduce_min(x, axis, keepdims)

    def std(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return tf.math.reduce_std(x, axis, keepdims)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return tf.sort(x, axis)

    def asarray(self, value: Any) -> Array:
        if tf.is_tensor(value):
            return tf.cast(value, self._dtype) if value.dtype.is_floating else value
        # TensorFlow may go on using a NumPy buffer without copying it: host_array's copy belongs to nobody else.
        return tf.convert_to_tensor(host_array(value, self.dtype))

    def to_numpy(self, array: Array) -> np.ndarray:
        return np.asarray(array)

    def value_and_grad(self, f: Callable[..., Array]) -> Callable[..., tuple[Array, Tree]]:
        def value_and_gradient(first: Tree, *rest: Tree) -> tuple[Array, Tree]:
            value, pullback = self.vjp(lambda x: f(x, *convert(self.asarray, rest)), first)
            return value, pullback(tf.ones((), value.dtype))

        return within(self.scope, value_and_gradient)

    def jvp(self, f: Callable[[Tree], Tree], primal: Tree, tangent: Tree) -> tuple[Tree, Tree]:
        # The pullback is linear, and its transpose is the derivative. A ForwardAccumulator would be the obvious way,
        # but a tape around two nested ones raises, or under XLA returns a wrong gradient (TensorFlow 2.21).
        value, pullback = self.vjp(f, primal)
        _, transpose = self.vjp(pullback, tree.map(tf.zeros_like, value))
        return value, transpose(tangent)

    def vjp(self, f: Callable[[Tree], Tree], primal: Tree, has_aux: bool = False) -> tuple[Any, ...]:
        inputs = self._fresh(primal)
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(tree.leaves(inputs))
            value, *aux = convert(self.asarray, f(inputs) if has_aux else (f(inputs),))

        def pullback(cotangent: Tree) -> Tree:
            gradients = tape.gradient(
                tree.leaves(value),
                tree.leaves(inputs),
                output_gradients=tree.leaves(convert(self.asarray, cotangent)),
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            return tree.unflatten(inputs, [tf.convert_to_tensor(gradient) for gradient in gradients])

        return value, within(self.scope, pullback), *aux

    def vmap(self, f: Callable[..., Tree]) -> Callable[..., Tree]:
        def mapped(*trees: Tree) -> Tree:
            return _plain(tf.vectorized_map(lambda row: f(*_plain(row)), convert(self.asarray, trees)))

        return within(self.scope, mapped)

    def _fresh(self, primal: Tree) -> Tree:
        return tree.map(lambda leaf: tf.identity(self.asarray(leaf)), primal)

    def compile(self, f: Callable[..., Tree]) -> Compiled:
        if self.mode == "eager":
            return EagerFunction(within(self.scope, f), self.asarray)
        return CompiledFunction(f, lambda traced: within(self.scope, _jit(traced, xla=True)), self.asarray)

    def sum_over_blocks(self, f: Callable[[Tree, Tree], Tree], count: int) -> Compiled:
        if self.mode == "eager":
            return EagerFunction(within(self.scope, block_sum(f, count)), self.asarray)
        block = self.compile(f)
        # A block a core scales better than the cores sharing its short operations.
        at_once = (os.cpu_count() or 1) if self.device == "cpu" else 1

        def total(params: Tree, points: Tree) -> Tree:
            stacked = tree.map(lambda x: tf.reshape(x, (count, block_length(x, count), *x.shape[1:])), points)
            # Only its shapes are used, so TensorFlow prunes the call.
            like = block(params, tree.map(lambda x: x[0], stacked))
            zeros = [tf.zeros(leaf.shape, leaf.dtype) for leaf in tree.leaves(like)]

            def step(i: Array, *sums: Array) -> tuple[Array, ...]:
                part = block(params, tree.map(lambda x: x[i], stacked))
                return i + 1, *tree.leaves(add(tree.unflatten(like, sums), part))

            # That not all run at once is what bounds the memory. The sums are made in order all the same.
            start = (tf.constant(0), *zeros)
            _, *sums = tf.while_loop(lambda i, *_: i < count, step, start, parallel_iterations=at_once)
            return tree.unflatten(like, sums)

        # The loop itself stays outside XLA: what is compiled is one block.
        return CompiledFunction(total, lambda traced: within(self.scope, _jit(traced, xla=False)), self.asarray)

    def update_rule(self, name: str, options: Mapping[str, Any]) -> UpdateRule:
        from collocate.backends.keras_rule import KerasRule  # loaded only where it is asked for

        return KerasRule(name, options)


def _jit(f: Callable[..., Tree], xla: bool) -> Callable[..., Tree]:
    compiled = tf.function(lambda *trees: f(*_plain(trees)), jit_compile=xla or None, autograph=False)
    return lambda *trees: _plain(compiled(*trees))


def _plain(values: Tree) -> Tree:
    """The tree of Python's own dicts, lists and tuples: tf.function wraps them in kinds of its own."""
    return tree.map(lambda leaf: leaf, values)


def _find_device(device: str) -> tuple[str, str]:
    """TensorFlow's name of the device and ours. Raises BackendError if it is not there."""
    gpus = tf.config.list_logical_devices("GPU") if device != "cpu" else []
    names = {"cpu": "/CPU:0"} | {f"cuda:{i}": f"/GPU:{i}" for i in range(len(gpus))}
    if gpus:
        names["cuda"] = "/GPU:0"
    chosen = ("cuda" if gpus else "cpu") if device == "auto" else device
    if chosen not in names:
        raise BackendError(
            f"device {device!r} was asked for; TensorFlow {tf.__version__} sees only {', '.join(names)}. "
            "Use device='auto', or install TensorFlow for it: pip install \"tensorflow[and-cuda]\""
        )
    return names[chosen], chosen
