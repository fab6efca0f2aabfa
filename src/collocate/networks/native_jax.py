"""A function of parameters and points as a network, on JAX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, final

import jax
import numpy as np

from collocate.backends.protocol import DType
from collocate.errors import PlanError


@final
class JaxFunction:
    """function(parameters, features) with parameters of any tree that JAX knows; trained are its leaves of floats."""

    backend = "jax"

    def __init__(self, function: Callable[[Any, Any], Any], parameters: Any) -> None:
        self.name, self._function = getattr(function, "__name__", type(function).__name__), function
        with_paths, self._structure = jax.tree_util.tree_flatten_with_path(parameters)
        self._leaves = {jax.tree_util.keystr(path) or "parameters": leaf for path, leaf in with_paths}
        if not self.arrays():
            raise PlanError(
                f"network=({self.name}, parameters) needs parameters with arrays of floats to train; got {parameters!r}"
            )

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: np.array(leaf, np.float64) for name, leaf in self._leaves.items() if _is_float(leaf)}

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        leaves = [parameters.get(name, leaf) for name, leaf in self._leaves.items()]
        return self._function(jax.tree_util.tree_unflatten(self._structure, leaves), features)

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        """JAX's arrays do not change."""


def wrap(given: tuple[Callable[[Any, Any], Any], Any], inputs: int, dtype: DType) -> JaxFunction:
    return JaxFunction(*given)


def _is_float(leaf: Any) -> bool:
    return isinstance(leaf, float | np.ndarray | np.floating | jax.Array) and np.issubdtype(
        np.asarray(leaf).dtype, np.floating
    )
