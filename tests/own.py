"""The same small perceptron as a module of each framework: a user's own network, for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import torch

from collocate.networks import MLP


def weights(inputs: int, outputs: int, width: int = 8) -> list[dict[str, np.ndarray]]:
    """Layers of MLP((width,)), none of their numbers zero."""
    layers = MLP((width,)).initial(inputs, outputs, np.random.default_rng(0))["layers"]
    rng = np.random.default_rng(1)
    return [{"weight": layer["weight"], "bias": 0.3 * rng.normal(size=layer["bias"].shape)} for layer in layers]


def torch_module(inputs: int, outputs: int, width: int = 8) -> torch.nn.Module:
    """In PyTorch's own single precision."""
    first, last = torch.nn.Linear(inputs, width), torch.nn.Linear(width, outputs)
    with torch.no_grad():
        for linear, layer in zip((first, last), weights(inputs, outputs, width), strict=True):
            linear.weight.copy_(torch.tensor(layer["weight"].T))
            linear.bias.copy_(torch.tensor(layer["bias"]))
    return torch.nn.Sequential(first, torch.nn.Tanh(), last)


def keras_model(inputs: int, outputs: int, width: int = 8) -> keras.Model:
    """In Keras's own single precision."""
    model = keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(width, "tanh"), keras.layers.Dense(outputs)])
    model.set_weights([layer[name] for layer in weights(inputs, outputs, width) for name in ("weight", "bias")])
    return model


def perceptron(parameters: Any, x: Any) -> Any:
    first, last = parameters["layers"]
    return jnp.tanh(x @ first["weight"] + first["bias"]) @ last["weight"] + last["bias"]


def jax_pair(inputs: int, outputs: int, width: int = 8) -> tuple[Any, Any]:
    layers = weights(inputs, outputs, width)
    return perceptron, {"layers": [{k: v.astype(np.float32) for k, v in layer.items()} for layer in layers]}


OWN: dict[str, Callable[..., Any]] = {"torch": torch_module, "tensorflow": keras_model, "jax": jax_pair}
