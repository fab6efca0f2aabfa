"""Loss and gradient by nested differentiation, written by hand as each framework's users write it: the other side of
`derivatives.py`. Nothing of collocate is used here, and its settings are not in force.

`STEPS[framework](layers, points, order, compiled)` takes the layers [(weight, bias), …], the points (n, 2) as columns
x, t, all in float32, and the order of the equation:

    order 2   r = u_t + u u_x − (0.01/π) u_xx            Burgers
    order 4   r = u_t + u u_x + u_xx + u_xxxx            Kuramoto-Sivashinsky

with u a tanh network of (x, t) and the loss ½ mean r². It returns a function without arguments that computes
(loss, [weight gradient, bias gradient, weight gradient, …]).
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Any

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]
Step = Callable[[], tuple[Any, list[Any]]]

VISCOSITY = 0.01 / pi


def torch_eager(layers: Layers, points: np.ndarray, order: int) -> Step:
    """`torch.autograd.grad` with `create_graph`."""
    import torch

    parameters = [torch.tensor(array, requires_grad=True) for layer in layers for array in layer]
    x, t = (torch.tensor(points[:, axis : axis + 1], requires_grad=True) for axis in (0, 1))

    def network(x: Any, t: Any) -> Any:
        value = torch.cat([x, t], dim=1)
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            value = torch.tanh(torch.addmm(bias, value, weight))
        return torch.addmm(parameters[-1], value, parameters[-2])

    def derivative(value: Any, by: Any) -> Any:
        return torch.autograd.grad(value, by, torch.ones_like(value), create_graph=True)[0]

    def step() -> tuple[Any, list[Any]]:
        u = network(x, t)
        u_x, u_t = torch.autograd.grad(u, (x, t), torch.ones_like(u), create_graph=True)
        u_xx = derivative(u_x, x)
        if order == 2:
            residual = u_t + u * u_x - VISCOSITY * u_xx
        else:
            residual = u_t + u * u_x + u_xx + derivative(derivative(u_xx, x), x)
        loss = 0.5 * torch.mean(residual**2)
        return loss.detach(), list(torch.autograd.grad(loss, parameters))

    return step


def torch_compiled(layers: Layers, points: np.ndarray, order: int) -> Step:
    """`torch.func` under `torch.compile`, which cannot compile the eager idiom: it fails on its nested graphs."""
    import torch
    from torch.func import grad, grad_and_value, vmap

    parameters = [torch.tensor(array) for layer in layers for array in layer]
    x, t = (torch.tensor(points[:, axis]) for axis in (0, 1))

    def u(parameters: Any, x: Any, t: Any) -> Any:
        value = torch.stack([x, t])
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            value = torch.tanh(value @ weight + bias)
        return (value @ parameters[-2] + parameters[-1])[0]

    def residual(parameters: Any, x: Any, t: Any) -> Any:
        u_x, u_t = grad(u, argnums=1), grad(u, argnums=2)
        u_xx = grad(u_x, argnums=1)
        advection = u_t(parameters, x, t) + u(parameters, x, t) * u_x(parameters, x, t)
        if order == 2:
            return advection - VISCOSITY * u_xx(parameters, x, t)
        return advection + u_xx(parameters, x, t) + grad(grad(u_xx, argnums=1), argnums=1)(parameters, x, t)

    def loss(parameters: Any, x: Any, t: Any) -> Any:
        return 0.5 * torch.mean(vmap(residual, (None, 0, 0))(parameters, x, t) ** 2)

    compiled = torch.compile(grad_and_value(loss))

    def step() -> tuple[Any, list[Any]]:
        gradient, value = compiled(parameters, x, t)
        return value, gradient

    return step


def tensorflow_eager(layers: Layers, points: np.ndarray, order: int) -> Step:
    """A gradient tape in a gradient tape."""
    import tensorflow as tf

    parameters = [tf.Variable(array) for layer in layers for array in layer]
    x, t = (tf.constant(points[:, axis : axis + 1]) for axis in (0, 1))

    def network(x: Any, t: Any) -> Any:
        value = tf.concat([x, t], axis=1)
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            value = tf.tanh(value @ weight + bias)
        return value @ parameters[-2] + parameters[-1]

    def second() -> tuple[Any, Any, Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as outer:
            outer.watch(x)
            with tf.GradientTape(watch_accessed_variables=False) as inner:
                inner.watch([x, t])
                u = network(x, t)
            u_x, u_t = inner.gradient(u, [x, t])
        return u, u_x, u_t, outer.gradient(u_x, x)

    def fourth() -> tuple[Any, Any, Any, Any, Any]:
        with tf.GradientTape(watch_accessed_variables=False) as outer:
            outer.watch(x)
            with tf.GradientTape(watch_accessed_variables=False) as inner:
                inner.watch(x)
                u, u_x, u_t, u_xx = second()
            u_xxx = inner.gradient(u_xx, x)
        return u, u_x, u_t, u_xx, outer.gradient(u_xxx, x)

    def step() -> tuple[Any, list[Any]]:
        with tf.GradientTape() as tape:
            if order == 2:
                u, u_x, u_t, u_xx = second()
                residual = u_t + u * u_x - VISCOSITY * u_xx
            else:
                u, u_x, u_t, u_xx, u_xxxx = fourth()
                residual = u_t + u * u_x + u_xx + u_xxxx
            loss = 0.5 * tf.reduce_mean(residual**2)
        # The last bias has no part in a residual of derivatives alone, so its gradient may be missing.
        return loss, tape.gradient(loss, parameters, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return step


def tensorflow_compiled(layers: Layers, points: np.ndarray, order: int) -> Step:
    """The tapes in a `tf.function`, by XLA."""
    import tensorflow as tf

    return tf.function(tensorflow_eager(layers, points, order), jit_compile=True)


def jax_eager(layers: Layers, points: np.ndarray, order: int) -> Step:
    """`jax.grad` of a function of one point, under `vmap`."""
    step, arguments = _jax(layers, points, order)
    return lambda: step(*arguments)


def jax_compiled(layers: Layers, points: np.ndarray, order: int) -> Step:
    """The same under `jax.jit`."""
    import jax

    step, arguments = _jax(layers, points, order)
    compiled = jax.jit(step)
    return lambda: compiled(*arguments)


def _jax(layers: Layers, points: np.ndarray, order: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    import jax
    import jax.numpy as jnp

    def u(parameters: Any, x: Any, t: Any) -> Any:
        value = jnp.stack([x, t])
        for weight, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            value = jnp.tanh(value @ weight + bias)
        return (value @ parameters[-2] + parameters[-1])[0]

    def residual(parameters: Any, x: Any, t: Any) -> Any:
        u_x, u_t = jax.grad(u, argnums=1), jax.grad(u, argnums=2)
        u_xx = jax.grad(u_x, argnums=1)
        advection = u_t(parameters, x, t) + u(parameters, x, t) * u_x(parameters, x, t)
        if order == 2:
            return advection - VISCOSITY * u_xx(parameters, x, t)
        return advection + u_xx(parameters, x, t) + jax.grad(jax.grad(u_xx, argnums=1), argnums=1)(parameters, x, t)

    def loss(parameters: Any, x: Any, t: Any) -> Any:
        return 0.5 * jnp.mean(jax.vmap(residual, (None, 0, 0))(parameters, x, t) ** 2)

    parameters = [jnp.asarray(array) for layer in layers for array in layer]
    return jax.value_and_grad(loss), (parameters, jnp.asarray(points[:, 0]), jnp.asarray(points[:, 1]))


STEPS: dict[tuple[str, str], Callable[[Layers, np.ndarray, int], Step]] = {
    ("torch", "eager"): torch_eager,
    ("torch", "compiled"): torch_compiled,
    ("tensorflow", "eager"): tensorflow_eager,
    ("tensorflow", "compiled"): tensorflow_compiled,
    ("jax", "eager"): jax_eager,
    ("jax", "compiled"): jax_compiled,
}


def prepare(backend: str, mode: str, order: int, layers: Layers, points: np.ndarray) -> Callable[[], Any]:
    """`step() -> (loss, gradient)`, finished and on the host; the gradient flat, bias before weight as in collocate."""
    step = STEPS[backend, mode](layers, points, order)

    def finished() -> tuple[float, np.ndarray]:
        loss, gradient = step()
        arrays = [np.asarray(part).ravel() for part in gradient]
        pairs = zip(arrays[1::2], arrays[::2], strict=True)
        return float(loss), np.concatenate([array for pair in pairs for array in pair])

    return finished
