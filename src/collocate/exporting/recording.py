"""The fourth adapter: arrays that write down what is done with them.

A constant is a NumPy array and is computed with at once, in float64, until it meets the points; what depends on them is
a `Recorded` value, and each operation on it is a node of the graph. `compile` is the identity, and transforms raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn

import numpy as np

from collocate.backends import select
from collocate.errors import BackendError
from collocate.exporting.builder import Builder
from collocate.exporting.graph import OPERATIONS

_TRANSFORMS = ("value_and_grad", "jvp", "vjp", "vmap", "sum_over_blocks", "update_rule")


class Recorded:
    """A value of the graph, (None, k): an array with operators and slices of columns."""

    __array_ufunc__ = None  # so that NumPy leaves array + recorded to `__radd__`

    def __init__(self, builder: Builder, identity: int):
        self.builder, self.id = builder, identity
        self.shape = builder.values[identity].shape

    def _with(self, operation: str, *operands: Any) -> Recorded:
        return record(self.builder, operation, operands)

    def __add__(self, other: Any) -> Recorded:
        return self._with("add", self, other)

    def __radd__(self, other: Any) -> Recorded:
        return self._with("add", other, self)

    def __sub__(self, other: Any) -> Recorded:
        return self._with("subtract", self, other)

    def __rsub__(self, other: Any) -> Recorded:
        return self._with("subtract", other, self)

    def __mul__(self, other: Any) -> Recorded:
        return self._with("multiply", self, other)

    def __rmul__(self, other: Any) -> Recorded:
        return self._with("multiply", other, self)

    def __truediv__(self, other: Any) -> Recorded:
        return self._with("divide", self, other)

    def __rtruediv__(self, other: Any) -> Recorded:
        return self._with("divide", other, self)

    def __pow__(self, other: Any) -> Recorded:
        return self._with("power", self, other)

    def __matmul__(self, other: Any) -> Recorded:
        return self._with("matmul", self, other)

    def __neg__(self) -> Recorded:
        return self._with("negative", self)

    def __getitem__(self, key: Any) -> Recorded:
        whole = isinstance(key, tuple) and len(key) == 2 and key[0] == slice(None) and isinstance(key[1], slice)
        start, stop, step = key[1].indices(self.shape[1]) if whole else (0, 0, 0)
        if step != 1:
            raise BackendError(f"of recorded values columns are taken, x[:, a:b], not x[{key!r}]")
        return Recorded(self.builder, self.builder.apply("slice", [self.id], {"start": start, "stop": stop}))

    def __bool__(self) -> NoReturn:
        raise BackendError("a recorded value has no truth: what an evaluation does must not depend on the points")


def record(builder: Builder, operation: str, operands: Sequence[Any]) -> Recorded:
    """A node of the graph, of recorded values and constants. Raises BackendError where it does not fit."""
    weights = operation == "matmul" and not isinstance(operands[-1], Recorded)
    try:
        ids = [
            each.id if isinstance(each, Recorded) else builder.constant(each)
            for each in operands[: 1 if weights else None]
        ]
        ids += [builder.matrix(operands[1])] if weights else []
        return Recorded(builder, builder.apply(operation, ids))
    except ValueError as error:
        raise BackendError(f"this cannot be recorded: {error}") from None


class RecordingBackend:
    """The array group of `backends.protocol.Backend`, as far as evaluation uses it; see the module."""

    name, mode, dtype, device = "recording", "eager", "float64", "cpu"
    version = np.__version__

    def __init__(self, builder: Builder):
        self.builder = builder
        self._host = select.get("numpy", dtype="float64", device="cpu")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """An operation of the protocol: NumPy's on constants alone, else recorded."""
        if name in _TRANSFORMS:
            raise BackendError(
                f"the recording backend has no {name}: it takes down one evaluation, operation by operation"
            )
        on_host = getattr(self._host, name)

        def apply(*arrays: Any) -> Any:
            if not any(isinstance(each, Recorded) for each in arrays):
                return on_host(*arrays)
            if name not in OPERATIONS:
                raise BackendError(
                    f"{name} of values at points cannot be recorded; the operations are {', '.join(OPERATIONS)}"
                )
            return record(self.builder, name, arrays)

        return apply

    def ones_like(self, x: Any) -> Any:
        return self.zeros_like(x) + 1.0

    def stop_gradient(self, x: Any) -> Any:
        return x

    def concat(self, arrays: Sequence[Any], axis: int = 0) -> Any:
        if not any(isinstance(each, Recorded) for each in arrays):
            return self._host.concat(arrays, axis)
        if axis not in (1, -1):
            raise BackendError(f"recorded values are put side by side, axis=1, not along axis {axis}")
        return record(self.builder, "concat", arrays)

    def asarray(self, value: Any) -> Any:
        return value if isinstance(value, Recorded) else self._host.asarray(value)

    def to_numpy(self, array: Any) -> np.ndarray:
        if isinstance(array, Recorded):
            raise BackendError("a recorded value has no numbers yet; `export.evaluate` computes a graph")
        return self._host.to_numpy(array)

    def scope(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def compile(self, f: Callable[..., Any]) -> Callable[..., Any]:
        return f
