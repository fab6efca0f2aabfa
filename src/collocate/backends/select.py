"""Backends by name. Adapters are imported only when asked for, and so are the frameworks behind them."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from typing import Any, NamedTuple, cast, get_args

from collocate.backends.protocol import Backend, DType, Mode
from collocate.errors import BackendError


class _Adapter(NamedTuple):
    module: str
    attribute: str
    framework: str  # the module to import, and its distributions: the first installed tells the version
    distributions: tuple[str, ...]
    install: str


_ADAPTERS = {
    "jax": _Adapter("collocate.backends.jax", "JaxBackend", "jax", ("jax",), "pip install jax"),
    "torch": _Adapter(
        "collocate.backends.torch", "TorchBackend", "torch", ("torch",), 'pip install "collocate[torch]"'
    ),
    "tensorflow": _Adapter(
        "collocate.backends.tensorflow", "TensorflowBackend", "tensorflow",
        ("tensorflow", "tensorflow-cpu", "tensorflow-macos"), 'pip install "collocate[tensorflow]"',
    ),
    "numpy": _Adapter("collocate.backends.numpy", "NumpyBackend", "numpy", ("numpy",), "pip install numpy"),
}  # fmt: skip
# The oracle evaluates but cannot train: known, but not offered.
_ORACLE = "numpy"
_OFFERED = tuple(name for name in _ADAPTERS if name != _ORACLE)


def get(name: str, *, mode: Mode = "compiled", dtype: DType = "float64", device: str = "auto") -> Backend:
    """The backend of that name. Raises BackendError if it, its framework, the mode, dtype or device is not there."""
    check(name, mode, dtype)
    if device.partition(":")[0] == "gpu":
        raise BackendError(f"device {device!r} is called {device.replace('gpu', 'cuda')!r} here, on every backend")
    adapter = _ADAPTERS[name]
    if importlib.util.find_spec(adapter.framework) is None:
        raise BackendError(f"backend {name!r} needs {adapter.framework}, which is not installed: {adapter.install}")
    try:
        module = importlib.import_module(adapter.module)
    except ImportError as error:
        raise BackendError(
            f"backend {name!r}: {adapter.framework} is installed but cannot be imported ({error}); "
            f"reinstall it: {adapter.install}"
        ) from error
    return cast(Backend, getattr(module, adapter.attribute)(mode, dtype, device))


def installed() -> dict[str, str]:
    """{name: version} of the backends whose framework is installed, without importing any."""
    return {
        name: _version(adapter) for name, adapter in _ADAPTERS.items() if importlib.util.find_spec(adapter.framework)
    }


def names() -> list[str]:
    """The names that ``get`` knows, installed or not."""
    return list(_ADAPTERS)


def check(name: Any, mode: Any, dtype: Any) -> None:
    """Raises BackendError for a name, mode or dtype that there is not, whatever is installed."""
    for what, given, expected in (
        ("backend", name, (_ORACLE,) if name == _ORACLE else _OFFERED),
        ("mode", mode, get_args(Mode)),
        ("dtype", dtype, get_args(DType)),
    ):
        if given not in expected:
            raise BackendError(f"{what} {given!r} is not known; choose one of {', '.join(map(repr, expected))}")


def _version(adapter: _Adapter) -> str:
    for distribution in adapter.distributions:
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "unknown"
