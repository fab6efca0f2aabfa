"""jinns by its public interface. Its own environment: nothing of collocate here."""

from __future__ import annotations

import io
import itertools
import time
from contextlib import redirect_stdout
from typing import Any

import clock

started = time.perf_counter()
import equinox as eqx  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jinns  # noqa: E402
import optax  # noqa: E402

imported = time.perf_counter() - started


def network(widths: tuple[int, ...], key: Any, trial: Any = None) -> Any:
    """A tanh network of (t, x), and its first parameters."""
    sizes = (2, *widths)
    layers: list[Any] = []
    for before, after in itertools.pairwise(sizes):
        layers += [(eqx.nn.Linear, before, after), (jax.nn.tanh,)]
    layers.append((eqx.nn.Linear, sizes[-1], 1))
    return jinns.nn.PINN_MLP.create(key=key, eqx_list=tuple(layers), eq_type="PDENonStatio", output_transform=trial)


def burgers_trial(inputs: Any, outputs: Any, _: Any) -> Any:
    """−sin πx + 4 t (1 − x)/2 (1 + x)/2 N, as collocate's plan has it; inputs are (t, x)."""
    t, x = inputs[0], inputs[1]
    return -jnp.sin(jnp.pi * x) + t * (1 - x) * (1 + x) * outputs


class Told(io.StringIO):
    """Both clocks when jinns says that it has compiled, and that it has trained."""

    def write(self, text: str) -> int:
        for word, name in (("Compilation took", "compiled"), ("Training took", "trained")):
            if word in text:
                setattr(self, name, (time.perf_counter(), time.process_time()))
        return len(text)


def step(given: dict[str, Any]) -> dict[str, Any]:
    """jinns trains in one compiled loop without callbacks: a turn is one call of `solve`, timed between what it prints
    when it has compiled and when it has trained."""
    begun = time.perf_counter()
    net_key, data_key = jax.random.split(jax.random.PRNGKey(given["repeat"]))
    u, first = network(clock.WIDTHS, net_key, burgers_trial)
    params = jinns.parameters.Params(nn_params=first, eq_params={"nu": jnp.array(clock.VISCOSITY)})
    loss = jinns.loss.LossPDENonStatio(u=u, dynamic_loss=jinns.loss.BurgersEquation(Tmax=1), params=params,
                                       loss_weights=jinns.loss.LossWeightsPDENonStatio(dyn_loss=1.0))  # fmt: skip
    # One initial point is the fewest that the generator takes; no term of this loss looks at it.
    data = jinns.data.CubicMeshPDENonStatio(key=data_key, n=clock.POINTS, nb=None, ni=1, dim=1, min_pts=(-1,),
                                            max_pts=(1,), tmin=0, tmax=1, method="uniform")  # fmt: skip
    optimizer, state, told, turns = optax.adam(clock.RATE), None, Told(), []
    for _ in range(given["steps"] // clock.TURN):
        with redirect_stdout(told):
            params, _, _, data, loss, state, *_ = jinns.solve(
                n_iter=clock.TURN, init_params=params, data=data, loss=loss, optimizer=optimizer, opt_state=state,
                print_loss_every=1_000_000,
            )  # fmt: skip
        turns.append([(after - before) / clock.TURN for before, after in zip(told.compiled, told.trained, strict=True)])
        if len(turns) == 1:
            first_seconds = told.compiled[0] - begun + turns[0][0]
    seconds, processor = zip(*turns[1:], strict=True)
    return {"first_seconds": first_seconds, "turns": seconds, "processor": processor, "points": clock.POINTS,
            "import_seconds": imported}  # fmt: skip


def callback_value_fn(params: Any, loss: Any, batch: Any) -> Any:
    return loss.evaluate(params, batch)[0]


def callback_grad_fn(params: Any, loss: Any, batch: Any) -> Any:
    return jax.grad(lambda at: loss.evaluate(at, batch)[0])(params)


# What jinns hands to an optimizer that looks at the loss itself, by the names that its loop has for them.
SSBROYDEN = {"value_fn": callback_value_fn, "grad_fn": callback_grad_fn} | {
    name: jinns.solver.GetJinnsVariableName(known)
    for name, known in {"value": "train_loss_value", "grad_pt": "grads", "loss": "loss", "batch": "batch"}.items()
}
# (optimizer as it is by default, further arguments of `solve`, iterations).
BEST = {
    "natural gradient": (jinns.optimizers.vanilla_ngd(), {}, 200),
    "SSBroyden": (jinns.optimizers.scale_by_SSBroyden_family(), {"extra_optax_args_and_kwargs": SSBROYDEN}, 1500),
}


def burgers(given: dict[str, Any]) -> dict[str, Any]:
    """Its best optimizers in float64 on 10,000 points, soft conditions, 2-20×3-1. With DeepXDE's 2,540 points they
    fit the points and miss the solution. `iterations`: other than those of BEST, for a look."""
    jax.config.update("jax_enable_x64", True)
    points, truth = clock.burgers_grid()
    curve = clock.Curve(truth)
    net_key, data_key = jax.random.split(jax.random.PRNGKey(given["repeat"]))
    u, first = network((20, 20, 20), net_key)
    params = jinns.parameters.Params(nn_params=first, eq_params={"nu": jnp.array(clock.VISCOSITY)})
    loss = jinns.loss.LossPDENonStatio(
        u=u, dynamic_loss=jinns.loss.BurgersEquation(Tmax=1), params=params,
        initial_condition_fun=lambda x: -jnp.sin(jnp.pi * x), boundary_condition=jinns.loss.Dirichlet(),
        loss_weights=jinns.loss.LossWeightsPDENonStatio(dyn_loss=1.0, initial_condition=1.0, boundary_loss=1.0),
    )  # fmt: skip
    data = jinns.data.CubicMeshPDENonStatio(key=data_key, n=clock.POINTS, nb=200, ni=200, dim=1, min_pts=(-1,),
                                            max_pts=(1,), tmin=0, tmax=1, method="uniform")  # fmt: skip
    optimizer, further, iterations = BEST[given["variant"]]
    iterations = given.get("iterations", iterations)
    params, *_ = jinns.solve(n_iter=iterations, init_params=params, data=data, loss=loss, optimizer=optimizer,
                             verbose=False, **further)  # fmt: skip
    at = jnp.asarray(points[:, ::-1])
    curve.look(lambda: jax.vmap(lambda t_x: u(t_x, params))(at))
    return curve.found() | {"steps": iterations, "import_seconds": imported}


if __name__ == "__main__":
    clock.serve({"step": step, "burgers": burgers}, "jinns", "jax", "optax", "equinox")
