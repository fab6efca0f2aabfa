"""Optimizers of keras.optimizers as update rules, with every variable set before each step."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, final

import keras
import numpy as np
import tensorflow as tf

from collocate.backends import update_rules
from collocate.errors import BackendError
from collocate.tree import Tree

WHERE = "TensorFlow (keras.optimizers)"
RATE = "learning_rate"
# Wrappers around other optimizers, and one for matrices.
UNFIT = ("optimizer", "lossscaleoptimizer", "multioptimizer", "optimizermap", "muon")


def known() -> dict[str, type[Any]]:
    """{name in small letters: class}."""
    classes = (entry for entry in vars(keras.optimizers).values() if isinstance(entry, type))
    found = {entry.__name__.lower(): entry for entry in classes if issubclass(entry, keras.optimizers.Optimizer)}
    return {name: entry for name, entry in found.items() if name not in UNFIT}


@final
class KerasRule:
    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        if keras.backend.backend() != tf.__name__:
            raise BackendError(
                f"Keras is set to {keras.backend.backend()}, so its optimizers cannot train with TensorFlow: "
                "unset KERAS_BACKEND, or set KERAS_BACKEND=tensorflow"
            )
        self._class = update_rules.find(name, known(), WHERE)
        self._options = _in_double(self._class) | {key: _double(value) for key, value in options.items()}
        self._optimizer: Any = None
        with tf.device("/CPU:0"):
            update_rules.tried(lambda: self._built(np.zeros(1)), name, options, WHERE)

    def _built(self, vector: np.ndarray) -> Any:
        self._vector = keras.Variable(vector, dtype="float64", name="vector")
        optimizer = self._class(learning_rate=1e-3, **self._options)
        optimizer.build([self._vector])
        return optimizer

    def init(self, vector: np.ndarray) -> Tree:
        with tf.device("/CPU:0"):
            self._optimizer = self._built(vector)
            return [np.array(variable.numpy()) for variable in self._optimizer.variables]

    def update(
        self, vector: np.ndarray, gradient: np.ndarray, state: Tree, learning_rate: float
    ) -> tuple[np.ndarray, Tree]:
        with tf.device("/CPU:0"):
            if self._optimizer is None:
                self._optimizer = self._built(vector)
            optimizer: Any = self._optimizer
            # All that the variables held is written over: the step depends on what is given alone.
            self._vector.assign(vector)
            for variable, leaf in zip(optimizer.variables, state, strict=True):
                variable.assign(leaf)
            optimizer.learning_rate = learning_rate
            optimizer.apply([tf.convert_to_tensor(gradient)])
            return np.array(self._vector.numpy()), [np.array(leaf.numpy()) for leaf in optimizer.variables]


def _in_double(optimizer: type[Any]) -> dict[str, Any]:
    """The numbers that the optimizer is given by default. Keras casts Python's to float32 on their way to a variable's
    dtype, and NumPy's not."""
    defaults = {name: one.default for name, one in inspect.signature(optimizer).parameters.items()}
    return {name: _double(value) for name, value in defaults.items() if type(value) is float and name != RATE}


def _double(value: Any) -> Any:
    return np.float64(value) if type(value) is float else value
