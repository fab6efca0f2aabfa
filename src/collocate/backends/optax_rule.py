"""Optimizers of optax as update rules, compiled once each; on the CPU in float64, whatever the model computes in."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

import jax
import numpy as np
import optax

from collocate.backends import update_rules
from collocate.tree import Tree

WHERE = "JAX (optax)"
# These ask for the value of the loss, or search along a line.
UNFIT = ("lbfgs", "polyak_sgd", "noisy_sgd", "optimistic_adam")


def known() -> dict[str, Callable[..., Any]]:
    """{name: function of the learning rate}."""
    functions = {name: entry for name, entry in vars(optax).items() if inspect.isfunction(entry)}
    return {
        name: entry
        for name, entry in functions.items()
        if next(iter(inspect.signature(entry).parameters), "") == "learning_rate"
        and name not in UNFIT
        and not name.startswith(("_", "scale_by"))
    }


@final
class OptaxRule:
    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        make = update_rules.find(name, known(), WHERE)
        self._cpu = jax.devices("cpu")[0]

        def step(vector: Any, gradient: Any, state: Any, rate: Any) -> Any:
            change, after = make(rate, **options).update(gradient, state, vector)
            return optax.apply_updates(vector, change), after

        self._make, self._options, self._step = make, dict(options), jax.jit(step)
        self._structure: Any = None
        update_rules.tried(lambda: self.init(np.zeros(1)), name, options, WHERE)

    def init(self, vector: np.ndarray) -> Tree:
        return [np.array(leaf) for leaf in jax.tree.leaves(self._start(vector))]

    def _start(self, vector: np.ndarray) -> Any:
        with jax.enable_x64(True), jax.default_device(self._cpu):
            return self._make(1e-3, **self._options).init(jax.numpy.asarray(vector))

    def update(
        self, vector: np.ndarray, gradient: np.ndarray, state: Tree, learning_rate: float
    ) -> tuple[np.ndarray, Tree]:
        with jax.enable_x64(True), jax.default_device(self._cpu):
            if self._structure is None:
                self._structure = jax.tree.structure(self._start(vector))
            inner = jax.tree.unflatten(self._structure, [jax.numpy.asarray(leaf) for leaf in state])
            moved, after = self._step(vector, gradient, inner, np.float64(learning_rate))
            return np.array(moved), [np.array(leaf) for leaf in jax.tree.leaves(after)]
