"""DeepXDE by its public interface, on the backend in `DDE_BACKEND`. Its own environment: nothing of collocate here."""

from __future__ import annotations

import os
import time
from typing import Any

import clock

started = time.perf_counter()
import deepxde as dde  # noqa: E402
import numpy as np  # noqa: E402
from deepxde import backend as bkd  # noqa: E402

imported = time.perf_counter() - started
JAX = os.environ["DDE_BACKEND"] == "jax"


def burgers_residual(inputs: Any, outputs: Any) -> Any:
    """u_t + u u_x − ν u_xx. DeepXDE asks for another spelling on JAX: outputs come as a pair there."""
    u = outputs[0] if JAX else outputs
    u_x, u_t = (dde.grad.jacobian(outputs, inputs, i=0, j=j) for j in (0, 1))
    u_xx = dde.grad.hessian(outputs, inputs, i=0, j=0)
    if JAX:
        u_x, u_t, u_xx = u_x[0], u_t[0], u_xx[0]
    return u_t + u * u_x - clock.VISCOSITY * u_xx


def burgers_domain(end: float) -> Any:
    return dde.geometry.GeometryXTime(dde.geometry.Interval(-1, 1), dde.geometry.TimeDomain(0, end))


def burgers_trial(inputs: Any, outputs: Any) -> Any:
    """−sin πx + 4 t (1 − x)/2 (1 + x)/2 N, as collocate's plan has it."""
    if JAX and inputs.ndim == 1:  # derivatives are taken at one point there
        x, t = inputs[0:1], inputs[1:2]
    else:
        x, t = inputs[:, 0:1], inputs[:, 1:2]
    return -bkd.sin(np.pi * x) + t * (1 - x) * (1 + x) * outputs


class Ticks(dde.callbacks.Callback):
    """The clock, after each step. JAX returns before it has computed, so its parameters are waited for."""

    def __init__(self, ticking: clock.Clock) -> None:
        super().__init__()
        self.ticking = ticking

    def on_batch_end(self) -> None:
        step = self.model.train_state.step
        if JAX and (step == 1 or step % clock.TURN == 0):
            import jax

            jax.block_until_ready(self.model.params)
        self.ticking.tick(step)


def step(given: dict[str, Any]) -> dict[str, Any]:
    dde.config.set_random_seed(given["repeat"])
    ticking = clock.Clock()
    data = dde.data.TimePDE(burgers_domain(1.0), burgers_residual, [], num_domain=clock.POINTS)
    net = dde.nn.FNN([2, *clock.WIDTHS, 1], "tanh", "Glorot normal")
    net.apply_output_transform(burgers_trial)
    model = dde.Model(data, net)
    model.compile("adam", lr=clock.RATE)
    model.train(iterations=given["steps"], display_every=1_000_000, callbacks=[Ticks(ticking)], verbose=0)
    return ticking.found() | {"points": int(np.shape(data.train_x)[0]), "import_seconds": imported}


class Looks(dde.callbacks.Callback):
    """The error, every 1,000 steps of Adam and after each of L-BFGS's calls, which are of up to 1,000 as well."""

    def __init__(self, curve: clock.Curve, points: np.ndarray) -> None:
        super().__init__()
        self.curve, self.points, self.seen = curve, points, 0

    def on_batch_end(self) -> None:
        step = self.model.train_state.step
        if step // 1000 > self.seen // 1000:
            self.look()
        self.seen = step

    def look(self) -> None:
        self.curve.look(lambda: self.model.predict(self.points))


def burgers(given: dict[str, Any]) -> dict[str, Any]:
    """DeepXDE's examples/pinn_forward/Burgers.py: 15,000 steps of Adam, then L-BFGS, its conditions soft."""
    dde.config.set_random_seed(given["repeat"])
    points, truth = clock.burgers_grid()
    curve = clock.Curve(truth)
    domain = burgers_domain(0.99)
    boundary = dde.icbc.DirichletBC(domain, lambda x: 0, lambda _, on_boundary: on_boundary)
    initial = dde.icbc.IC(domain, lambda x: -np.sin(np.pi * x[:, 0:1]), lambda _, on_initial: on_initial)
    data = dde.data.TimePDE(
        domain, burgers_residual, [boundary, initial], num_domain=2540, num_boundary=80, num_initial=160
    )
    net = dde.nn.FNN([2, 20, 20, 20, 1], "tanh", "Glorot normal")
    return _adam_then_lbfgs(dde.Model(data, net), 15_000, curve, points)


def poisson_residual(inputs: Any, outputs: Any) -> Any:
    """−Δu − 2π² sin πx sin πy."""
    u_xx, u_yy = (dde.grad.hessian(outputs, inputs, i=k, j=k) for k in (0, 1))
    return -u_xx - u_yy - 2 * np.pi**2 * bkd.sin(np.pi * inputs[:, 0:1]) * bkd.sin(np.pi * inputs[:, 1:2])


def poisson_trial(inputs: Any, outputs: Any) -> Any:
    x, y = inputs[:, 0:1], inputs[:, 1:2]
    return x * (1 - x) * y * (1 - y) * outputs


def poisson(given: dict[str, Any]) -> dict[str, Any]:
    """The recipe of DeepXDE's examples/pinn_forward/Poisson_Lshape.py on the unit square: 50,000 steps of Adam, then
    L-BFGS; with soft conditions as there, or exact ones as in its Helmholtz_Dirichlet_2d.py."""
    dde.config.set_random_seed(given["repeat"])
    points, truth = clock.poisson_grid()
    curve = clock.Curve(truth)
    square, exact = dde.geometry.Rectangle([0, 0], [1, 1]), given["variant"].startswith("exact")
    conditions = [] if exact else [dde.icbc.DirichletBC(square, lambda x: 0, lambda _, on_boundary: on_boundary)]
    data = dde.data.PDE(square, poisson_residual, conditions, num_domain=1200, num_boundary=120)
    net = dde.nn.FNN([2, 50, 50, 50, 50, 1], "tanh", "Glorot uniform")
    if exact:
        net.apply_output_transform(poisson_trial)
    return _adam_then_lbfgs(dde.Model(data, net), 50_000, curve, points)


def _adam_then_lbfgs(model: Any, iterations: int, curve: clock.Curve, points: np.ndarray) -> dict[str, Any]:
    looks = Looks(curve, points)
    model.compile("adam", lr=1e-3)
    model.train(iterations=iterations, callbacks=[looks], verbose=0)
    model.compile("L-BFGS")
    model.train(callbacks=[looks], verbose=0)
    looks.look()
    return curve.found() | {"steps": model.train_state.step, "import_seconds": imported}


if __name__ == "__main__":
    clock.serve({"step": step, "burgers": burgers, "poisson": poisson}, "deepxde", "torch", "tensorflow-cpu", "jax")
