"""Weights, batches and given points inside training; what is measured agrees with differences of the loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, cos, exp, pi, sin

import collocate as co
from collocate import tree
from collocate.backends import select
from collocate.residuals import frozen, initial_parameters, trained
from collocate.sampling.point_sets import draw
from collocate.training import Functions, PointObjective, initial_vector
from collocate.training.weights import Measured, Weights

from ..small import bar, heat, t, x

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (6,), "points": 40, "callbacks": []}
ADAM = {**QUICK, "optimizer": "adam"}


def mixed(**rest: Any) -> co.Problem:
    """−u″ = π² sin πx, u = 0 on the left, u + u′ = −π on the right, a residual: u = sin πx."""
    u = Function("u")(x)
    conditions = [co.Dirichlet(u, 0, on="left"), co.Robin(u, 1, 1, -pi, on="right")]
    equation = Eq(-u.diff(x, 2), pi**2 * sin(pi * x))
    return co.Problem(equation, co.Interval(x, 0, 1), conditions, reference=sin(pi * x), **rest)


def scene(**options: Any) -> tuple[Any, ...]:
    problem = mixed()
    plan = co.plan(problem, network=(4,), points=30, **options)
    parameters = initial_parameters(plan, seed=0)
    functions = Functions(select.get("torch", mode="eager"), plan, parameters)
    points = draw(problem.domain, plan, seed=0)
    return problem, plan, functions, frozen(parameters), points, initial_vector(trained(parameters))


def test_what_is_measured_agrees_with_differences_of_the_loss():
    problem, plan, functions, fixed, points, vector = scene()
    seen = Measured(functions, fixed, points, vector, problem.domain)
    equation, wall = (term.name for term in plan.terms)
    assert (seen.terms, seen.equations) == ((equation, wall), (equation,))
    assert [len(seen.residuals()[name]) for name in seen.terms] == [30, 1]

    def half_mean_square(name: str, at: np.ndarray) -> float:
        rows = Measured(functions, fixed, points, at, problem.domain).residuals()[name]
        return 0.5 * float(np.mean(rows**2))

    h, index = 1e-6, 3
    step = h * np.eye(vector.size)[index]
    for name in seen.terms:
        slope = (half_mean_square(name, vector + step) - half_mean_square(name, vector - step)) / (2 * h)
        assert seen.gradients()[name][index] == pytest.approx(slope, rel=1e-5, abs=1e-9)
    columns = []
    for unit in h * np.eye(vector.size):
        up, down = (
            Measured(functions, fixed, points, v, problem.domain).residuals() for v in (vector + unit, vector - unit)
        )
        columns.append((up[equation] - down[equation]) / (2 * h))
    assert seen.traces()[equation] == pytest.approx(np.mean(np.sum(np.square(columns), axis=0)), rel=1e-6)


def test_multipliers_reach_rows_gradient_and_jacobian_alike():
    _, plan, functions, fixed, points, vector = scene(weighting=["self_adaptive", {"equation": 4.0}])
    weights = Weights(plan)
    equation, wall = (term.name for term in plan.terms)
    multipliers = np.linspace(0.5, 2.0, 30)
    state = {"each": [{"rows": {equation: multipliers, wall: np.array([3.0])}}, weights.each[1].init()], "updates": 1}
    plain = PointObjective(functions, fixed, points, {equation: 1.0, wall: 1.0}, key=0)
    live = PointObjective(functions, fixed, weights.points(points, state), weights.terms(state), key=1)
    factor = {equation: 2.0 * multipliers, wall: np.array([3.0])}
    before, after = plain.split(plain.residuals(vector)), live.split(live.residuals(vector))
    for name in before:
        np.testing.assert_allclose(after[name], factor[name] * before[name], rtol=1e-12)
    rows, matrix = live.jacobian(vector)
    np.testing.assert_allclose(rows, live.residuals(vector), rtol=1e-12)
    scale = np.concatenate([factor[equation], factor[wall]])
    np.testing.assert_allclose(matrix, scale[:, None] * plain.jacobian(vector)[1], rtol=1e-9, atol=1e-12)
    loss, gradient = live.loss_and_gradient(vector)
    assert loss == pytest.approx(0.5 * float(rows @ rows))
    np.testing.assert_allclose(gradient, rows @ matrix, rtol=1e-9, atol=1e-12)


def test_a_reduced_term_takes_its_multiplier_as_a_weight():
    u = Function("u")(x)
    problem = co.Problem(
        Eq(-u.diff(x, 2), pi**2 * cos(pi * x)), co.Interval(x, 0, 1), [co.Neumann(u, 0), co.Mean(u, 0)]
    )
    plan = co.plan(problem, network=(4,), points=30, weighting="self_adaptive")
    reduced = next(term.name for term in plan.terms if term.kind == "reduced")
    weights = Weights(plan)
    state = {"each": [{"rows": {reduced: np.array([3.0])}}], "updates": 1}
    assert weights.terms(state)[reduced] == 9.0
    points = draw(problem.domain, plan, seed=0)
    assert "multipliers" not in weights.points(points, state)["volume"]
    assert np.isfinite(co.solve(problem, **{**ADAM, "steps": 5}, weighting="self_adaptive").result["residual_heldout"])


WEIGHTINGS = ["gradient_norm", "ntk", "residual_attention", "self_adaptive", {"robin": 5.0}]


@pytest.mark.parametrize("weighting", WEIGHTINGS, ids=str)
def test_each_weighting_converges_to_the_truth(weighting: Any):
    if isinstance(weighting, dict):
        weighting = {co.plan(mixed()).terms[1].name: 5.0}
    found = co.solve(mixed(), **{**QUICK, "steps": 25, "optimizer": "levenberg_marquardt"}, weighting=weighting)
    assert found.error() < 1e-4
    weights = [found.history[name] for name in found.history if name.startswith("weight ")]
    assert len(weights) == 2


def test_weights_change_training_and_not_the_judge():
    events: dict[float, list[Any]] = {1.0: [], 9.0: []}
    for weight, seen in events.items():
        co.solve(mixed(), **{**ADAM, "steps": 50, "callbacks": [seen.append]}, weighting={"equation": weight})
    one, other = events[1.0][-1], events[9.0][-1]
    assert other.weights["equation"] == 9.0 and one.weights["equation"] == 1.0
    for event in (one, other):
        assert np.sqrt(sum(event.losses.values())) == pytest.approx(event.heldout)
    assert not np.array_equal(one.vector, other.vector)


def test_weights_all_one_change_nothing():
    plain, weighted = (co.solve(mixed(), **{**ADAM, "steps": 60}, weighting=w) for w in (None, {"equation": 1.0}))
    assert plain.history["loss"] == weighted.history["loss"]


def test_causal_weighting_solves_the_heat_equation():
    settings = {**QUICK, "network": (8,), "points": 100, "steps": 25, "optimizer": "levenberg_marquardt"}
    assert co.solve(heat(), **settings, weighting=co.Causal(chunks=8)).error() < 1e-3


@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_weighted_training_compiles_and_agrees_with_eager(backend: str, monkeypatch: pytest.MonkeyPatch):
    """All functions of training; the loss with multipliers in a step and without where weights are measured."""
    init, made = Functions.__init__, []

    def kept(self: Any, *given: Any) -> None:
        init(self, *given)
        made.append(self._functions)

    monkeypatch.setattr(Functions, "__init__", kept)
    u = Function("u")(x, t)
    truth = exp(-(pi**2) * t / 10) * sin(pi * x)
    right = co.Robin(u, 1, 1, -pi * exp(-(pi**2) * t / 10), on="right")
    conditions = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0, on="left"), right]
    domain = co.Interval(x, 0, 1) * co.Time(t, 0, 1)
    problem = co.Problem(Eq(u.diff(t), u.diff(x, 2) / 10), domain, conditions, reference=truth)
    weighting = [co.GradientNorm(every=2), co.NTK(every=3), "residual_attention", "self_adaptive", co.Causal(chunks=4)]
    settings = {**ADAM, "steps": 8, "backend": backend, "network": (4,), "points": 24, "weighting": weighting}
    eager, compiled = (co.solve(problem, **{**settings, "mode": mode}) for mode in ("eager", "compiled"))
    for name in eager.history.keys() - {"seconds"}:
        np.testing.assert_allclose(compiled.history[name], eager.history[name], rtol=1e-8)
    assert compiled.history["weight equation"] != [1.0]
    counts = {name: function.compilations for name, function in made[-1].items()}
    assert counts == {"rows": 1, "jacobian": 1, "loss_and_gradient": 2}


@pytest.mark.parametrize("misfit", [co.Huber(0.5), co.MeanAbsolute()])
def test_a_robust_misfit_still_finds_the_truth(misfit: Any):
    settings = {**QUICK, "steps": 30, "optimizer": "levenberg_marquardt"}
    assert co.solve(bar(), **settings, misfit={"equation": misfit}).error() < 1e-2


def test_quasi_newton_methods_see_changed_weights():
    for optimizer in ("lbfgs", "self_scaled_broyden"):
        found = co.solve(mixed(), **{**QUICK, "steps": 120, "optimizer": optimizer}, weighting=co.NTK(every=40))
        assert found.error() < 1e-3
        assert len(set(found.history["weight equation"])) > 1


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", co.FirstOrder("sgd", 1e-2, momentum=0.9)], ids=str)
def test_first_order_in_batches(optimizer: Any):
    settings = {**QUICK, "optimizer": optimizer, "steps": 150}
    batched, whole = (co.solve(bar(), **settings, batch=batch) for batch in (8, None))
    assert batched.history["heldout"][-1] < 0.7 * whole.history["heldout"][0] + 0.5
    assert batched.history["loss"] != whole.history["loss"]
    again = co.solve(bar(), **settings, batch=8)
    assert again.history["loss"] == batched.history["loss"]


def test_given_points_are_trained_on_and_others_judge(monkeypatch: pytest.MonkeyPatch):
    array, seen = np.linspace(0.0, 1.0, 33)[:, None], []
    init = PointObjective.__init__

    def kept(self: Any, functions: Any, fixed: Any, points: Any, weights: Any, key: int) -> None:
        seen.append((key, points["interior"]["coordinates"]))
        init(self, functions, fixed, points, weights, key)

    monkeypatch.setattr(PointObjective, "__init__", kept)
    settings = {**QUICK, "points": {"interior": array}, "steps": 15}
    assert co.solve(bar(), **settings).error() < 1e-3
    trained_on = [points for key, points in seen if key >= 0]
    assert all(np.array_equal(points, array) for points in trained_on) and len(trained_on) == 15
    assert not any(np.isin(points, array).all() for key, points in seen if key < 0)


def test_a_callback_that_returns_true_stops_and_what_it_left_goes_on(tmp_path: Any):
    events: list[Any] = []
    calls = [lambda event: event.step == 3, events.append, lambda event: "more"]
    settings = {**QUICK, "steps": 8, "out": tmp_path}
    stopped = co.solve(bar(), **{**settings, "callbacks": calls})
    assert (stopped.result["stopped_because"], stopped.result["steps"], len(events)) == ("a callback asked", 3, 3)
    resumed = co.solve(bar(), **settings, resume=True)
    whole = co.solve(bar(), **{**settings, "out": tmp_path / "whole"})
    assert resumed.result["steps"] == 8
    for one, other in zip(*(tree.leaves(s.slabs[0].parameters) for s in (resumed, whole)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_learning_rate_is_in_events_and_history():
    rate = co.PiecewiseConstant((75,), (1e-2, 1e-3))
    found = co.solve(bar(), **{**QUICK, "steps": 100, "optimizer": co.Adam(rate)})
    assert found.history["learning_rate"] == [1e-2, 1e-3]
