"""Networks of the user's own: solved against truth, kept in files and in the user's object, refused with reasons."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import pytest
import torch
from sympy import Function, pi, sin, symbols

import collocate as co
from collocate import tree
from collocate.errors import BackendError, PlanError, StoreError
from collocate.solution.pictures import survey

from ..own import jax_pair, keras_model, perceptron, torch_module
from ..small import bar, oscillator

SMALL: dict[str, Any] = {"mode": "eager", "points": 60, "optimizer": "levenberg_marquardt", "callbacks": []}
COMPILED = {**SMALL, "mode": "compiled"}
X = np.linspace(0.0, 1.0, 7)


@pytest.fixture(scope="module")
def module() -> torch.nn.Module:
    return torch_module(1, 1)


@pytest.fixture(scope="module")
def solved(module: torch.nn.Module) -> co.Solution:
    return co.solve(bar(), backend="torch", network=module, steps=16, **SMALL)


def test_solved_with_a_function_for_jax() -> None:
    solution = co.solve(bar(), backend="jax", network=jax_pair(1, 1), steps=16, **COMPILED)
    assert solution.error() < 1e-5  # conditions are exact with it: sin πx, from nothing but the equation
    assert solution(x=0.0) == solution(x=1.0) == 0.0


def test_solved_with_a_keras_model_that_holds_the_trained_weights() -> None:
    model = keras_model(1, 1)
    before = [np.array(value) for value in model.get_weights()]
    solution = co.solve(bar(), backend="tensorflow", network=model, steps=16, **COMPILED)
    assert solution.error() < 1e-5
    trained = tree.leaves(solution.slabs[-1].parameters["stages"])
    for old, new, kept in zip(before, trained, model.get_weights(), strict=True):
        assert np.abs(new - old).max() > 1e-4
        np.testing.assert_allclose(kept, new, rtol=1e-6)


def test_solved_with_a_torch_module(solved: co.Solution) -> None:
    assert solved.error() < 1e-5
    assert solved.at("u_x", x=X) == pytest.approx(np.pi * np.cos(np.pi * X), abs=1e-3)


def test_the_module_holds_the_trained_weights(module: torch.nn.Module, solved: co.Solution) -> None:
    kept = {name: value.numpy() for name, value in module.state_dict().items()}
    (trained,) = solved.slabs[-1].parameters["stages"]
    assert kept.keys() == trained.keys() == {"0.weight", "0.bias", "2.weight", "2.bias"}
    for name, value in trained.items():
        np.testing.assert_array_equal(kept[name], value.astype(np.float32))
    assert np.abs(kept["0.weight"] - torch_module(1, 1).state_dict()["0.weight"].numpy()).max() > 1e-3


def test_a_report_is_made_on_the_networks_own_framework(solved: co.Solution, tmp_path: Path) -> None:
    solved.report(tmp_path / "report.html")
    (worst,) = survey(solved)
    u = Function("u")(symbols("x"))
    residual = solved.at(-u.diff("x", 2) - pi**2 * sin(pi * symbols("x")), **worst.place)
    assert abs(residual) == pytest.approx(worst.largest, rel=1e-6)
    assert f"is met worst at x = {worst.place['x']:.4g}" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_plan_says_what_was_given(solved: co.Solution) -> None:
    assert solved.result["network"]["kind"] == "module" and solved.result["network"]["name"] == "Sequential"


def test_an_ordinary_equation_is_solved_at_once() -> None:
    solution = co.solve(oscillator(1.0), backend="jax", network=jax_pair(1, 1), steps=25, **COMPILED)
    assert len(solution.slabs) == 1
    assert solution.error() < 1e-4


def test_files_hold_parameters_and_no_code(solved: co.Solution, tmp_path: Path) -> None:
    solved.save(tmp_path / "own")
    with pytest.raises(StoreError, match=r"network of the user's own, Sequential, .* holds no code.*network=…\)"):
        co.load(tmp_path / "own")
    fresh = torch_module(1, 1)
    loaded = co.load(tmp_path / "own", network=fresh)
    np.testing.assert_allclose(loaded(x=X), solved(x=X), rtol=1e-14, atol=1e-15)
    assert (fresh.state_dict()["0.weight"] == torch_module(1, 1).state_dict()["0.weight"]).all()
    with pytest.raises(StoreError, match=r"0.weight \(8, 1\).*; network= is Sequential for 'torch' with .*\(5, 1\)"):
        co.load(tmp_path / "own", network=torch_module(1, 1, width=5))
    with pytest.raises(StoreError, match=r"for backend 'torch' .* perceptron for 'jax'"):
        co.load(tmp_path / "own", network=jax_pair(1, 1))
    with pytest.raises(BackendError, match="only backend='torch' can train and evaluate it"):
        co.load(tmp_path / "own", backend="jax", network=fresh)
    with pytest.raises(StoreError, match="got network=3"):
        co.load(tmp_path / "own", network=3)


def test_a_file_with_a_network_of_ours_takes_no_other(saved: Path) -> None:
    with pytest.raises(StoreError, match=r"its network is in the file, MLP.*leave network= out"):
        co.load(saved, network=torch_module(2, 1))


def test_another_backend(solved: co.Solution) -> None:
    with pytest.raises(BackendError, match=r"Sequential is of another framework than backend='jax'.*co.MLP"):
        co.solve(bar(), network=torch_module(1, 1))
    with pytest.raises(BackendError, match="only backend='torch'"):
        solved.to_jax()


def test_to_torch_is_the_solution_and_warm_start_goes_on(solved: co.Solution) -> None:
    values = solved.to_torch()(torch.tensor(X[:, None])).detach().numpy()[:, 0]
    np.testing.assert_allclose(values, solved(x=X), rtol=1e-12, atol=1e-14)
    further = co.solve(bar(), backend="torch", init=solved, steps=1, **SMALL)
    assert further.error() < 1e-5


class Doubling(torch.nn.Module):
    """What it gives for a point depends on the others."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = torch.nn.Linear(1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.inner(x)) - x.mean()


def squeezed(parameters: Any, x: Any) -> Any:
    return perceptron(parameters, x)[:, 0]


@pytest.mark.parametrize(
    ("backend", "build", "message"),
    [
        ("torch", lambda: torch_module(2, 1), r"could not be called.*\(3, 1\) \[.*\] to \(3, 1\) \[u\].*RuntimeError"),
        ("torch", lambda: torch_module(1, 2), r"must map \(3, 1\) .* to \(3, 1\) \[u\].*; it gave shape \(3, 2\)"),
        ("jax", lambda: (squeezed, jax_pair(1, 1)[1]), r"squeezed must map .* gave shape \(3,\)"),
        ("jax", lambda: (perceptron, {}), r"perceptron, parameters\) needs parameters with arrays of floats"),
        ("jax", lambda: (perceptron, {"layers": 3.0}), "perceptron could not be called"),
        ("jax", lambda: perceptron, r"or for JAX \(function, parameters\); got <function perceptron"),
        ("torch", lambda: torch_module(1, 1).requires_grad_(False), "nothing to train"),
        ("torch", lambda: torch.nn.Sequential(torch.nn.LazyLinear(1)), "lazy layers: call it once"),
        ("torch", Doubling, "another value for the same point in other company"),
        (
            "torch",
            lambda: torch.nn.Sequential(torch.nn.Linear(1, 64), torch.nn.Dropout(), torch.nn.Linear(64, 1)),
            r"dropout, or call .eval\(\) first",
        ),
        (
            "torch",
            lambda: torch.nn.Sequential(torch.nn.Linear(1, 8), torch.nn.BatchNorm1d(8), torch.nn.Linear(8, 1)),
            "could not be called|batch normalisation",
        ),
        ("tensorflow", lambda: keras_model(2, 1), "could not be called"),
    ],
)  # fmt: skip
def test_networks_that_do_not_fit(backend: str, build: Any, message: str) -> None:
    with pytest.raises(PlanError, match=f"(?s){message}"):
        co.solve(bar(), backend=backend, network=build(), steps=1, **SMALL)


def test_dropout_in_eval_mode_is_the_identity() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.Tanh(), torch.nn.Dropout(), torch.nn.Linear(4, 1))
    co.solve(bar(), backend="torch", network=network.eval(), steps=1, **SMALL)


def test_a_subclass_in_another_precision_is_told_how_to_be_built() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = keras.layers.Dense(4, "tanh"), keras.layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.last(self.first(x))

    with pytest.raises(PlanError, match=r"computes in float32, .*set_dtype_policy\('float64'\), or solve with dtype"):
        co.solve(bar(), backend="tensorflow", network=Own(), steps=1, **{**SMALL, "optimizer": "adam"})
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        co.solve(bar(), backend="tensorflow", network=Own(), steps=1, **{**SMALL, "optimizer": "adam"})
    finally:
        keras.config.set_dtype_policy(before)


def test_relu_is_warned_of_where_the_user_called() -> None:
    network = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        co.solve(bar(), backend="torch", network=network, steps=1, **SMALL)
    (found,) = [one for one in caught if "second derivatives of the network Sequential are zero" in str(one.message)]
    assert found.filename == __file__


def test_leaves_that_are_no_floats_stay() -> None:
    def scaled(parameters: Any, x: Any) -> Any:
        return jnp.tanh(x @ parameters["w"] * parameters["times"]) @ parameters["v"]

    rng = np.random.default_rng(0)
    given = {"w": rng.normal(size=(1, 6)), "times": 2, "v": rng.normal(size=(6, 1))}
    solution = co.solve(bar(), backend="jax", network=(scaled, given), steps=3, **COMPILED)
    assert set(solution.slabs[-1].parameters["stages"][0]) == {"['w']", "['v']"}
