"""What every backend offers: arrays, transforms, host. Passed explicitly as ``bk``; there is no global one.

Array functions have the array API's spelling and equal values on every backend, NumPy's being the measure
(``tests/contract``). Besides them use Python's operators: ``+ - * / ** @``, unary ``-`` and basic slicing.

- Scalars are Python floats; every function takes one in place of an array. A NumPy scalar would promote float32.
- ``@`` and ``matmul`` take arrays of two or more axes.
- Comparisons give booleans; turn them into numbers with ``where``.
- Values at NaN are not promised, nor erf at infinity, nor sinh and cosh within 1 of overflow: the frameworks differ.
- Outside ``compile``, put operators under ``with bk.scope():`` (JAX would compute ``x + 1.0`` in float32).

Trees are those of ``collocate.tree``: nested dicts, lists and tuples of arrays.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

import numpy as np

from collocate.tree import Tree

Array = Any
Axis = int | tuple[int, ...] | None
Mode = Literal["compiled", "eager"]
DType = Literal["float64", "float32"]
Unary = Callable[[Any], Array]
Binary = Callable[[Any, Any], Array]


class Compiled(Protocol):
    """A function over trees of arrays. Every leaf goes through ``asarray``; None stays None."""

    @property
    def compilations(self) -> int:
        """How often it was compiled: once for each combination of tree structure, shapes and dtypes; 0 if eager."""
        ...

    def __call__(self, *trees: Tree) -> Tree: ...


class Backend(Protocol):
    """One framework at one dtype on one device."""

    name: str
    mode: Mode
    dtype: DType
    device: str  # "cpu", "cuda" or "cuda:1": where arrays are made; never "auto"
    version: str

    # Elementwise; arrays broadcast.
    exp: Unary
    log: Unary
    sin: Unary
    cos: Unary
    tan: Unary
    sinh: Unary
    cosh: Unary
    tanh: Unary
    asin: Unary
    acos: Unary
    atan: Unary
    atan2: Binary
    erf: Unary
    sigmoid: Unary
    sqrt: Unary
    abs: Unary
    sign: Unary
    floor: Unary
    maximum: Binary
    minimum: Binary
    power: Binary
    less: Binary
    less_equal: Binary
    equal: Binary
    logical_and: Binary
    logical_or: Binary
    logical_not: Unary
    isfinite: Unary
    zeros_like: Unary
    ones_like: Unary
    stop_gradient: Unary  # the identity, with derivative zero
    matmul: Binary

    @abstractmethod
    def where(self, condition: Array, x: Array, y: Array) -> Array: ...

    # Shapes.
    @abstractmethod
    def permute(self, x: Array, axes: Sequence[int]) -> Array: ...
    @abstractmethod
    def reshape(self, x: Array, shape: Sequence[int]) -> Array: ...
    @abstractmethod
    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array: ...
    @abstractmethod
    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array: ...
    @abstractmethod
    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array: ...
    @abstractmethod
    def zeros(self, shape: Sequence[int]) -> Array: ...
    @abstractmethod
    def ones(self, shape: Sequence[int]) -> Array: ...

    # Reductions; std is the population's (ddof = 0).
    @abstractmethod
    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array: ...
    @abstractmethod
    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array: ...
    @abstractmethod
    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array: ...
    @abstractmethod
    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array: ...
    @abstractmethod
    def std(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array: ...
    @abstractmethod
    def sort(self, x: Array, axis: int = -1) -> Array: ...

    # Host.
    @abstractmethod
    def asarray(self, value: Any) -> Array:
        """An array on the device: floats in the backend's dtype, booleans and integers as they are.

        An array of the framework itself passes through, traced or not; anything else is copied, so that changing
        a NumPy buffer afterwards changes nothing here. Raises BackendError for what is not real numbers.
        """

    @abstractmethod
    def to_numpy(self, array: Array) -> np.ndarray:
        """The values on the host; on a CPU without a copy, so treat them as read-only."""

    @abstractmethod
    def scope(self) -> AbstractContextManager[Any]:
        """Where operators between arrays and Python floats keep the dtype outside ``compile`` (JAX needs it)."""

    # Transforms: of functions over trees; they nest, inside ``compile`` and outside.
    @abstractmethod
    def value_and_grad(self, f: Callable[..., Array]) -> Callable[..., tuple[Array, Tree]]:
        """g(tree, *rest) = (f(tree, *rest), ∂f/∂tree) for scalar f; zeros for leaves that f does not use."""

    @abstractmethod
    def jvp(self, f: Callable[[Tree], Tree], primal: Tree, tangent: Tree) -> tuple[Tree, Tree]:
        """(f(primal), f′(primal) tangent)."""

    @abstractmethod
    def vjp(self, f: Callable[[Tree], Tree], primal: Tree, has_aux: bool = False) -> tuple[Any, ...]:
        """(f(primal), c ↦ f′(primal)ᵀ c); the pullback may be called several times, zeros for unused leaves.

        With ``has_aux`` f gives (value, aux), and vjp (value, pullback, aux): aux, a tree of arrays, is not
        differentiated. It is the only way for what f computed on its way to leave a traced function.
        """

    @abstractmethod
    def vmap(self, f: Callable[..., Tree]) -> Callable[..., Tree]:
        """f over the leading axis of every leaf of every argument."""

    @abstractmethod
    def compile(self, f: Callable[..., Tree]) -> Compiled:
        """f compiled once for each combination of shapes. f is traced: its Python runs only then.

        A Python number among the arguments is an array like any other, never a reason to compile again.
        In mode "eager" f runs as it is, and stays a proper entry (leaves converted, under ``scope``).
        """

    @abstractmethod
    def sum_over_blocks(self, f: Callable[[Tree, Tree], Tree], count: int) -> Compiled:
        """g(params, points) = Σ_b f(params, block_b): each leaf of points cut along its leading axis into count.

        A block that stays in the cache halves a step's time and bounds its memory. For f = value_and_grad of a
        sum over points this is its value and gradient. Raises BackendError if count does not divide an axis.
        """
