"""PyTorch. Parameters never carry ``requires_grad``: derivatives are torch.func's.

``compile`` traces first, as JAX does (``make_fx``: f's Python runs once, transforms dissolve into plain operations),
then gives ``torch.compile`` that straight-line graph. Left to trace f itself, torch.compile 2.13 reads only a subset
of Python, shares eight recompilations among all closures of one piece of code, and crashed (a segmentation fault)
on a gradient of nested ``jvp``. A graph of one's own for each combination of shapes has none of these.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import get_proxy_mode, make_fx

from collocate import tree
from collocate.backends.compiled import CompiledFunction, EagerFunction, block_sum, convert
from collocate.backends.numpy import host_array
from collocate.backends.protocol import Array, Axis, Backend, Compiled, DType, Mode, UpdateRule
from collocate.errors import BackendError, warn
from collocate.memory import return_freed
from collocate.tree import Tree

ELEMENTWISE: dict[str, Callable[..., Array]] = {
    "exp": torch.exp, "log": torch.log, "sin": torch.sin, "cos": torch.cos, "tan": torch.tan, "sinh": torch.sinh,
    "cosh": torch.cosh, "tanh": torch.tanh, "asin": torch.asin, "acos": torch.acos, "atan": torch.atan,
    "atan2": torch.atan2, "erf": torch.erf, "sigmoid": torch.sigmoid, "sqrt": torch.sqrt, "abs": torch.abs,
    "sign": torch.sign, "floor": torch.floor, "maximum": torch.maximum, "minimum": torch.minimum, "power": torch.pow,
    "less": torch.lt, "less_equal": torch.le, "equal": torch.eq, "logical_and": torch.logical_and,
    "logical_or": torch.logical_or, "logical_not": torch.logical_not, "isfinite": torch.isfinite,
    "zeros_like": torch.zeros_like, "ones_like": torch.ones_like, "stop_gradient": torch.detach,
    "matmul": torch.matmul,
}  # fmt: skip

# Options of torch.compile: the whole graph as one C++ function, which gives up the interpreter's lock while it runs.
OUTSIDE_PYTHON = {"cpp_wrapper": True}


class TorchBackend(Backend):
    def __init__(self, mode: Mode, dtype: DType, device: str) -> None:
        self.name, self.dtype, self.version = "torch", dtype, torch.__version__
        self.mode = mode if mode == "eager" or _can_compile() else "eager"
        self._dtype, self._device = getattr(torch, dtype), _find_device(device)
        self.device = str(self._device)
        for name, function in ELEMENTWISE.items():
            setattr(self, name, self._lifted(function))

    def _lifted(self, function: Callable[..., Array]) -> Callable[..., Array]:
        return lambda *arrays: function(*map(self._lift, arrays))

    def _lift(self, x: Any) -> Array:
        """A Python number as an array of the backend's dtype."""
        return torch.tensor(x, dtype=self._dtype, device=self._device) if type(x) in (int, float) else x

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        return torch.where(condition, self._lift(x), self._lift(y))

    def permute(self, x: Array, axes: Sequence[int]) -> Array:
        return torch.permute(x, tuple(axes))

    def reshape(self, x: Array, shape: Sequence[int]) -> Array:
        return torch.reshape(x, tuple(shape))

    def concat(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return torch.cat(tuple(arrays), dim=axis)

    def stack(self, arrays: Sequence[Array], axis: int = 0) -> Array:
        return torch.stack(tuple(arrays), dim=axis)

    def broadcast_to(self, x: Array, shape: Sequence[int]) -> Array:
        return torch.broadcast_to(self._lift(x), tuple(shape))

    def zeros(self, shape: Sequence[int]) -> Array:
        return torch.zeros(tuple(shape), dtype=self._dtype, device=self._device)

    def ones(self, shape: Sequence[int]) -> Array:
        return torch.ones(tuple(shape), dtype=self._dtype, device=self._device)

    def sum(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.sum(x, dim=axis, keepdim=keepdims)

    def mean(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.mean(x, dim=axis, keepdim=keepdims)

    def max(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)

    def min(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.amin(x, dim=() if axis is None else axis, keepdim=keepdims)

    def std(self, x: Array, axis: Axis = None, keepdims: bool = False) -> Array:
        return torch.std(x, dim=axis, correction=0, keepdim=keepdims)

    def sort(self, x: Array, axis: int = -1) -> Array:
        return torch.sort(x, dim=axis).values

    def asarray(self, value: Any) -> Array:
        if isinstance(value, torch.Tensor):
            return value.to(self._device, self._dtype if value.is_floating_point() else value.dtype)
        return torch.from_numpy(host_array(value, self.dtype)).to(self._device)

    def to_numpy(self, array: Array) -> np.ndarray:
        return array.detach().cpu().numpy()

    def scope(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def value_and_grad(self, f: Callable[..., Array]) -> Callable[..., tuple[Array, Tree]]:
        grad_and_value = torch.func.grad_and_value(f)

        def reversed_pair(*trees: Tree) -> tuple[Array, Tree]:
            gradient, value = grad_and_value(*convert(self.asarray, trees))
            return value, gradient

        return reversed_pair

    def jvp(self, f: Callable[[Tree], Tree], primal: Tree, tangent: Tree) -> tuple[Tree, Tree]:
        primals, tangents = (convert(self.asarray, primal),), (convert(self.asarray, tangent),)
        value, derivative, *_ = torch.func.jvp(self._to_arrays(f), primals, tangents)
        return value, derivative

    def vjp(self, f: Callable[[Tree], Tree], primal: Tree, has_aux: bool = False) -> tuple[Any, ...]:
        value, pullback, *aux = torch.func.vjp(self._to_arrays(f), convert(self.asarray, primal), has_aux=has_aux)
        return value, lambda cotangent: pullback(convert(self.asarray, cotangent))[0], *aux

    def vmap(self, f: Callable[..., Tree]) -> Callable[..., Tree]:
        mapped = torch.func.vmap(self._to_arrays(f))
        return lambda *trees: mapped(*convert(self.asarray, trees))

    def _to_arrays(self, f: Callable[..., Tree]) -> Callable[..., Tree]:
        """f with plain numbers in its result made arrays, as torch.func demands."""
        return lambda *trees: convert(self.asarray, f(*trees))

    def compile(self, f: Callable[..., Tree]) -> Compiled:
        if self.mode == "eager":
            return EagerFunction(f, self.asarray)
        return CompiledFunction(f, _jit, self.asarray)

    def sum_over_blocks(self, f: Callable[[Tree, Tree], Tree], count: int) -> Compiled:
        if count == 1 or self.mode == "eager" or self._device.type != "cpu":
            compiled, each = self.compile(f), map
        else:
            compiled, each = CompiledFunction(f, partial(_jit, **OUTSIDE_PYTHON), self.asarray), _each_on_one_core
        return EagerFunction(block_sum(compiled, count, each), self.asarray, lambda: compiled.compilations)

    def update_rule(self, name: str, options: Mapping[str, Any]) -> UpdateRule:
        from collocate.backends.torch_optim import TorchRule  # loaded only where it is asked for

        return TorchRule(name, options)


def _each_on_one_core(f: Callable[[Tree], Tree], blocks: Iterable[Tree]) -> Iterable[Tree]:
    """map(f, blocks), each block on one core and several at a time.

    Cache-sized operations are too short to be shared out one by one: waking the second core for each of them took
    twice as long as they do on one (benchmarks/derivatives.py).
    """
    return map(f, blocks) if _is_traced() or torch.get_num_threads() == 1 else _workers().map(f, blocks)


@cache
def _workers() -> ThreadPoolExecutor:
    """As many threads as PyTorch uses for an operation; operations called from them use one."""
    count = torch.get_num_threads()
    pool, everyone = ThreadPoolExecutor(count, "collocate"), Barrier(count)

    def settle(_: int) -> None:
        everyone.wait()  # so that each worker is given one of these
        torch.get_num_threads()  # a thread's first question sets it to the default
        torch.set_num_threads(1)

    list(pool.map(settle, range(count)))
    torch.set_num_threads(count)  # it is also what threads yet to come begin with
    return pool


def _jit(f: Callable[..., Tree], **options: Any) -> Callable[..., Tree]:
    """f with one executable for each combination of structure, shapes and dtypes; `options` are Inductor's."""
    executables: dict[Hashable, Callable[..., Tree]] = {}
    building = Lock()

    def call(*trees: Tree) -> Tree:
        if _is_traced():
            return f(*trees)
        # The code is generated for the strides seen first.
        arrays = [None if leaf is None else leaf.contiguous() for leaf in tree.leaves(trees)]
        key = tree.structure(trees), tuple(None if x is None else (x.shape, x.dtype) for x in arrays)
        if key not in executables:
            with building:
                if key not in executables:
                    executables[key] = _build(f, trees, arrays, options)
        return executables[key](*arrays)

    return call


def _build(f: Callable[..., Tree], trees: Tree, arrays: list[Any], options: dict[str, Any]) -> Callable[..., Tree]:
    """The executable of f for trees like these, as a function of their leaves."""
    results: list[Tree] = []

    def flat(*leaves: Any) -> list[Any]:
        results.append(f(*tree.unflatten(trees, leaves)))
        return tree.leaves(results[-1])

    graph = make_fx(flat)(*arrays)
    graph.graph.eliminate_dead_code()  # tracing leaves checks that return no tensor, which torch.compile refuses
    graph.recompile()
    like = tree.map(lambda _: None, results[-1])
    compiled = torch.compile(graph, fullgraph=True, dynamic=False, options=options)
    compiled(*arrays)  # torch.compile waits for the first call, and a second thread would compile once more
    return_freed()
    return lambda *leaves: tree.unflatten(like, compiled(*leaves))


def _is_traced() -> bool:
    """Whether this is inside another trace or transform, of which it is to become a part."""
    transform = torch._C._functorch.peek_interpreter_stack()  # pyright: ignore[reportAttributeAccessIssue]
    return transform is not None or get_proxy_mode() is not None


@cache
def _can_compile() -> bool:
    """Whether torch.compile finds what it generates code with. Warns where not, once in a process."""
    compiler = os.environ.get("CXX") or {"win32": "cl", "darwin": "clang++"}.get(sys.platform, "g++")
    header = Path(sysconfig.get_path("include")) / "Python.h"
    missing = [] if shutil.which(compiler) else [f"the C++ compiler {compiler}"]
    missing += [] if header.exists() else [f"Python's header {header}"]
    if missing:
        warn(
            f"torch.compile needs {' and '.join(missing)}, not found here: PyTorch runs uncompiled (mode 'eager'), "
            "several times slower. Install a C++ compiler and Python's headers (Debian, Ubuntu: apt install g++ "
            "python3-dev; macOS: xcode-select --install), or use another backend."
        )
    return not missing


def _find_device(device: str) -> torch.device:
    """The device of that name. Raises BackendError if it is not there."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:
        present = ["cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
        raise BackendError(
            f"device {device!r} was asked for; PyTorch {torch.__version__} sees only {', '.join(present)}. "
            "Use device='auto', or install the PyTorch build for it (https://pytorch.org/get-started)"
        ) from error
