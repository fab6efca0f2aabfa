"""Hand-written loops, by nested differentiation as each framework's users write it. Nothing of collocate here.

`LOOPS[framework](points, repeat, steps, tick)` trains the trial function −sin πx + 4 t (1 − x)/2 (1 + x)/2 N on
Burgers' equation by the framework's own Adam, from its own initial weights, and returns the last loss.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

import clock
import numpy as np

Tick = Callable[[int], None]


def torch_loop(points: np.ndarray, repeat: int, steps: int, tick: Tick) -> float:
    """`torch.autograd.grad` with `create_graph`, eager: torch.compile fails on nested graphs."""
    import torch

    torch.manual_seed(repeat)
    sizes = (2, *clock.WIDTHS)
    layers: list[Any] = []
    for before, after in itertools.pairwise(sizes):
        layers += [torch.nn.Linear(before, after), torch.nn.Tanh()]
    network = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-1], 1))
    optimizer = torch.optim.Adam(network.parameters(), lr=clock.RATE)
    x, t = (torch.tensor(points[:, k : k + 1], requires_grad=True) for k in (0, 1))
    loss = torch.zeros(())
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        u = -torch.sin(torch.pi * x) + t * (1 - x) * (1 + x) * network(torch.cat([x, t], dim=1))
        u_x, u_t = torch.autograd.grad(u, (x, t), torch.ones_like(u), create_graph=True)
        (u_xx,) = torch.autograd.grad(u_x, x, torch.ones_like(u), create_graph=True)
        loss = torch.mean((u_t + u * u_x - clock.VISCOSITY * u_xx) ** 2)
        loss.backward()
        optimizer.step()
        tick(step)
    return float(loss.detach())


def tensorflow_loop(points: np.ndarray, repeat: int, steps: int, tick: Tick, xla: bool = False) -> float:
    """Tapes in tapes in a `tf.function`."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(repeat)
    layers = [keras.layers.Dense(width, activation="tanh") for width in clock.WIDTHS]
    network = keras.Sequential([keras.Input((2,)), *layers, keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(clock.RATE)
    optimizer.build(network.trainable_variables)
    x, t = (tf.constant(points[:, k : k + 1]) for k in (0, 1))

    @tf.function(jit_compile=xla)
    def train_step() -> Any:
        with tf.GradientTape() as tape:
            with tf.GradientTape(watch_accessed_variables=False) as outer:
                outer.watch(x)
                with tf.GradientTape(watch_accessed_variables=False) as inner:
                    inner.watch([x, t])
                    u = -tf.sin(np.pi * x) + t * (1 - x) * (1 + x) * network(tf.concat([x, t], axis=1))
                u_x, u_t = inner.gradient(u, [x, t])
            u_xx = outer.gradient(u_x, x)
            loss = tf.reduce_mean((u_t + u * u_x - clock.VISCOSITY * u_xx) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, network.trainable_variables), network.trainable_variables,
                                      strict=True))  # fmt: skip
        return loss

    loss = 0.0
    for step in range(1, steps + 1):
        loss = train_step()
        tick(step)
    return float(loss)


def xla_loop(points: np.ndarray, repeat: int, steps: int, tick: Tick) -> float:
    """The same by XLA."""
    return tensorflow_loop(points, repeat, steps, tick, xla=True)


def jax_loop(points: np.ndarray, repeat: int, steps: int, tick: Tick) -> float:
    """`jax.grad` of a function of one point, under `vmap` and `jit`."""
    import jax
    import jax.numpy as jnp
    import optax

    sizes = (2, *clock.WIDTHS, 1)
    keys = jax.random.split(jax.random.PRNGKey(repeat), len(sizes) - 1)
    glorot = jax.nn.initializers.glorot_normal()
    parameters = [(glorot(key, (before, after)), jnp.zeros(after))
                  for key, before, after in zip(keys, sizes, sizes[1:], strict=False)]  # fmt: skip

    def u(parameters: Any, x: Any, t: Any) -> Any:
        value = jnp.stack([x, t])
        for weight, bias in parameters[:-1]:
            value = jnp.tanh(value @ weight + bias)
        weight, bias = parameters[-1]
        return -jnp.sin(jnp.pi * x) + t * (1 - x) * (1 + x) * (value @ weight + bias)[0]

    def residual(parameters: Any, x: Any, t: Any) -> Any:
        u_x, u_t = jax.grad(u, argnums=1), jax.grad(u, argnums=2)
        advection = u_t(parameters, x, t) + u(parameters, x, t) * u_x(parameters, x, t)
        return advection - clock.VISCOSITY * jax.grad(u_x, argnums=1)(parameters, x, t)

    def mean_square(parameters: Any) -> Any:
        return jnp.mean(jax.vmap(residual, (None, 0, 0))(parameters, *columns) ** 2)

    @jax.jit
    def train_step(parameters: Any, state: Any) -> Any:
        loss, gradient = jax.value_and_grad(mean_square)(parameters)
        updates, state = optimizer.update(gradient, state)
        return optax.apply_updates(parameters, updates), state, loss

    columns = tuple(jnp.asarray(points[:, k]) for k in (0, 1))
    optimizer = optax.adam(clock.RATE)
    state, loss = optimizer.init(parameters), jnp.zeros(())
    for step in range(1, steps + 1):
        parameters, state, loss = train_step(parameters, state)
        if step == 1 or step % clock.TURN == 0:
            jax.block_until_ready(parameters)
        tick(step)
    return float(loss)


LOOPS: dict[str, Callable[[np.ndarray, int, int, Tick], float]] = {
    "torch": torch_loop, "tensorflow": tensorflow_loop, "tensorflow with XLA": xla_loop, "jax": jax_loop,
}  # fmt: skip


def step(given: dict[str, Any]) -> dict[str, Any]:
    """`points`: other than those of the table, for a test."""
    started = time.perf_counter()
    import_module(given["backend"].split()[0])
    imported = time.perf_counter() - started
    count = given.get("points", clock.POINTS)
    drawn = np.random.default_rng(given["repeat"]).random((count, 2), dtype=np.float32) * [2, 1] - [1, 0]
    ticking = clock.Clock()
    loss = LOOPS[given["backend"]](drawn.astype(np.float32), given["repeat"], given["steps"], ticking.tick)
    return ticking.found() | {"points": count, "loss": loss, "import_seconds": imported}


if __name__ == "__main__":
    clock.serve({"step": step}, "torch", "tensorflow-cpu", "jax")
