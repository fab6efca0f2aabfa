"""Trained on PyTorch, asked and trained further on TensorFlow and JAX."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest
import torch

import collocate as co
from collocate.errors import BackendError, PlanError, StatementError

from ..small import bar, heat, oscillator

POINTS = dict(zip("xt", np.random.default_rng(0).random((2, 100)), strict=True))
EXPRESSIONS = ["u", "u_x", "u_xx", "u_t", "u_xt", "u_xxxx", "u_t - u_xx/10 + x*t"]


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "numpy"])
def test_values_and_derivatives_are_those_of_torch(warm: co.Solution, saved: Path, backend: str) -> None:
    loaded = co.load(saved, backend=backend)
    assert loaded.settings["backend"] == backend
    np.testing.assert_allclose(loaded(**POINTS), warm(**POINTS), rtol=1e-12, atol=1e-12)
    for found, expected in zip(loaded.at(EXPRESSIONS, **POINTS), warm.at(EXPRESSIONS, **POINTS), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * max(1.0, np.abs(expected).max()))


def test_slabs_on_another_backend(turning: co.Solution, tmp_path: Path) -> None:
    turning.save(tmp_path / "turning")
    loaded = co.load(tmp_path / "turning", backend="jax")
    times = np.linspace(0, 3, 41)
    for name, values in loaded(t=times).items():
        np.testing.assert_allclose(values, turning(t=times)[name], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("backend", "mode"), [("tensorflow", "eager"), ("jax", "compiled"), ("torch", "eager")])
def test_training_goes_on(warm: co.Solution, saved: Path, backend: str, mode: str) -> None:
    further = co.solve(heat(), init=co.load(saved), backend=backend, mode=mode, points=150, steps=4, seed=1)
    assert further.plan.stages == warm.plan.stages
    held_out = co.solve(heat(), init=warm, backend="torch", mode="eager", points=150, time_limit=1e-9, seed=1)
    assert further.result["residual_heldout"] <= held_out.result["residual_heldout"]
    assert further.error() <= 2 * warm.error()


def test_going_on_never_gets_worse(warm: co.Solution) -> None:
    """A few steps of Adam at a large rate undo what was trained; the first parameters are kept then."""
    wild = co.Adam(learning_rate=0.5)
    settings = {"backend": "torch", "mode": "eager", "points": 150}
    again = co.solve(heat(), init=warm, optimizer=wild, steps=3, **settings)
    np.testing.assert_array_equal(again(**POINTS), warm(**POINTS))


def test_going_on_from_slabs_covers_all_of_time() -> None:
    settings = {"backend": "torch", "mode": "eager", "network": (8,), "points": 40, "accuracy": 1e-6}
    first = co.solve(oscillator(end=12.0), **settings)
    assert len(first.slabs) > 1
    again = co.solve(oscillator(end=12.0), init=first, **settings)
    assert again.slabs[0].start == 0.0
    assert again.slabs[0].parameters["constants"]["slab_initial_u_0"] == 1.0
    assert again.error() < 1e-5


def test_init_that_does_not_fit_is_refused(warm: co.Solution) -> None:
    with pytest.raises(PlanError, match=r"init has the network .* for u of 2 inputs; .* plan has .* for u of 1 inputs"):
        co.solve(bar(), init=warm, backend="torch", mode="eager")
    with pytest.raises(PlanError, match="Leave network= out to take that of init"):
        co.solve(heat(), init=warm, network=(3,), backend="torch", mode="eager")


def test_to_torch(warm: co.Solution) -> None:
    module = warm.to_torch()
    points = torch.tensor(np.stack([POINTS["x"], POINTS["t"]], axis=1), requires_grad=True)
    values = module(points)
    np.testing.assert_allclose(values.detach()[:, 0], warm(**POINTS), rtol=0, atol=1e-12)
    (slopes,) = torch.autograd.grad(values.sum(), points)
    np.testing.assert_allclose(slopes, np.stack(warm.at(["u_x", "u_t"], **POINTS), axis=1), rtol=0, atol=1e-12)
    assert sum(parameter.numel() for parameter in module.parameters()) == warm.result["parameters"]


def test_to_jax(warm: co.Solution) -> None:
    with jax.enable_x64(True):
        function, parameters = warm.to_jax()
        points = jax.numpy.stack([POINTS["x"], POINTS["t"]], axis=1)
        values = jax.jit(function)(parameters, points)
        slope = jax.vmap(jax.grad(lambda point: function(parameters, point[None])[0, 0]))(points)
    np.testing.assert_allclose(values[:, 0], warm(**POINTS), rtol=0, atol=1e-12)
    np.testing.assert_allclose(slope[:, 0], warm.at("u_x", **POINTS), rtol=0, atol=1e-12)


def test_to_jax_without_x64_is_refused(warm: co.Solution) -> None:
    function, parameters = warm.to_jax()
    with jax.enable_x64(False), pytest.raises(BackendError, match=r"float64, .* jax.enable_x64\(True\)"):
        function(parameters, jax.numpy.zeros((1, 2)))


def test_points_of_another_shape_or_dtype_are_refused(warm: co.Solution) -> None:
    module = warm.to_torch()
    for shape in ((3,), (2, 1), (2, 3)):
        with pytest.raises(StatementError, match=r"\(n, 2\) is expected, with the columns x, t"):
            module(torch.zeros(shape, dtype=torch.float64))
    with pytest.raises(BackendError, match=r"points are torch.float32, .* pass points.to\(torch.float64\)"):
        module(torch.zeros(2, 2))


def test_slabs_are_handed_over_as_one_function(turning: co.Solution) -> None:
    times = np.linspace(*turning.problem.domain.bounds["t"], 23)
    expected = np.stack([turning(t=times)[name] for name in turning.problem.field_names], axis=1)
    module = turning.to_torch()
    np.testing.assert_allclose(module(torch.tensor(times[:, None])).detach(), expected, rtol=0, atol=1e-12)
    with jax.enable_x64(True):
        function, parameters = turning.to_jax()
        values = jax.jit(function)(parameters, times[:, None])
    np.testing.assert_allclose(values, expected, rtol=0, atol=1e-12)
