"""A `keras.Model` as a network, on Keras's TensorFlow backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import keras
import numpy as np

from collocate.backends.protocol import DType
from collocate.errors import PlanError


@final
class KerasModel:
    """Called by `stateless_call`, outside of training: dropout passes everything on, normalisation stays as it is.

    Trained are its trainable variables, named by their position and name: Keras counts up the names of layers in a
    process, so that the same model made twice has two sets of them.
    """

    backend = "tensorflow"

    def __init__(self, model: keras.Model, inputs: int, dtype: DType) -> None:
        self.name, self._model = type(model).__name__, model
        if keras.config.backend() != self.backend:
            raise PlanError(
                f"Keras runs on {keras.config.backend()!r} in this process, and collocate's TensorFlow backend needs "
                "it on TensorFlow: set the environment variable KERAS_BACKEND=tensorflow before Keras is imported"
            )
        if not model.built:
            model(np.zeros((1, inputs)))
        if not model.trainable_variables:
            raise PlanError(f"the network {self.name} has no trainable variable, so nothing to train")
        self._computing = model if _precisions(model) == {dtype} else _converted(model, inputs, dtype)

    def _trained(self) -> dict[str, Any]:
        return {f"{k:03d}.{variable.name}": variable for k, variable in enumerate(self._model.trainable_variables)}

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: _numbers(variable).astype(np.float64) for name, variable in self._trained().items()}

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        fixed = [bk.asarray(_numbers(variable)) for variable in self._model.non_trainable_variables]
        trained = [parameters[name] for name in self._trained()]
        outputs, _ = self._computing.stateless_call(trained, fixed, features)
        return outputs

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        for name, variable in self._trained().items():
            variable.assign(parameters[name])


def wrap(given: keras.Model, inputs: int, dtype: DType) -> KerasModel:
    return KerasModel(given, inputs, dtype)


def _numbers(variable: Any) -> np.ndarray:
    return variable.value.numpy()


def _precisions(model: keras.Model) -> set[str]:
    return {str(variable.dtype) for variable in model.trainable_variables}


def _converted(model: keras.Model, inputs: int, dtype: DType) -> keras.Model:
    """A copy that computes in `dtype`: Keras casts what it is given to its own precision, float32 by default."""
    try:
        copy = type(model).from_config(_in_precision(model.get_config(), dtype))
        if not copy.built:
            copy(np.zeros((1, inputs)))
        shapes = [[variable.shape for variable in each.trainable_variables] for each in (copy, model)]
        if _precisions(copy) == {dtype} and shapes[0] == shapes[1]:
            return copy
    except (TypeError, ValueError, NotImplementedError):
        pass  # a subclass need not say how to make another of it
    raise PlanError(
        f"the network {type(model).__name__} computes in {', '.join(sorted(_precisions(model)))}, and {dtype} was "
        f"asked for: build it after keras.config.set_dtype_policy({dtype!r}), or solve with dtype='float32'"
    )


def _in_precision(config: Any, dtype: DType) -> Any:
    """A model's or layer's configuration with every precision in it replaced."""
    if isinstance(config, list | tuple):
        return type(config)(_in_precision(each, dtype) for each in config)
    if not isinstance(config, dict):
        return config
    found = {key: _in_precision(value, dtype) for key, value in config.items()}
    if config.get("class_name") == "DTypePolicy":
        return {**found, "config": {"name": dtype}}
    return {**found, "dtype": dtype} if isinstance(config.get("dtype"), str) else found
