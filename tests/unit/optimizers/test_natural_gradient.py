from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from collocate.errors import PlanError, TrainingError
from collocate.optimizers import NaturalGradient
from collocate.optimizers.linear_algebra import Kernel, NormalEquations

from .least_squares import LeastSquares, exponentials, linear, minimise, rosenbrock


def test_fewer_rows_than_parameters():
    matrix = np.random.default_rng(0).standard_normal((5, 20))
    state, _ = minimise(NaturalGradient(), linear(matrix, np.ones(20)), np.zeros(20), 200)
    assert state["loss"] < 1e-24


def test_fewer_rows_than_parameters_and_not_linear():
    matrix = np.random.default_rng(0).standard_normal((10, 30))
    objective = LeastSquares(
        lambda x: np.tanh(matrix @ x) - 0.5, lambda x: matrix * (1.0 - np.tanh(matrix @ x) ** 2)[:, None], 30
    )
    # Points that stay want no caution.
    state, _ = minimise(NaturalGradient(damping=1e-8, highest=1e-8), objective, np.zeros(30), 100)
    assert state["loss"] < 1e-24


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_more_rows_than_parameters(momentum):
    objective, truth = exponentials()
    state, _ = minimise(NaturalGradient(momentum=momentum), objective, np.array([0.3, 0.3, 0.3, 3.0]), 2000)
    np.testing.assert_allclose(state["vector"], truth, rtol=1e-5)


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_a_step_is_the_formula(momentum):
    """K = JJᵀ + λI, φ = μφ₋ + JᵀK⁻¹(−r − μJφ₋), θ + ηφ, by NumPy's own solver."""
    rng = np.random.default_rng(1)
    matrix, before, start = rng.standard_normal((6, 15)), rng.standard_normal(15), rng.standard_normal(15)
    optimizer = NaturalGradient(momentum=momentum, damping=0.1, lowest=0.1, highest=0.1, step_length=0.5)
    objective = linear(matrix, np.ones(15))
    state = optimizer.step({**optimizer.init(start), "direction": before}, objective)
    rows = objective.residuals(start)
    kernel = matrix @ matrix.T
    kernel += 0.1 * np.trace(kernel) / 6 * np.eye(6)
    carried = momentum * before
    direction = carried + matrix.T @ np.linalg.solve(kernel, -rows - matrix @ carried)
    np.testing.assert_allclose(state["direction"], direction, rtol=1e-10)
    np.testing.assert_allclose(state["vector"], start + 0.5 * direction, rtol=1e-10)


def _of_few_rows(momentum: float, steps: int) -> float:
    """The distance left after steps that see five rows of 30 unknowns each, drawn anew."""
    rng = np.random.default_rng(0)
    weights, truth = np.geomspace(1.0, 0.1, 30), np.ones(30)
    optimizer = NaturalGradient(momentum=momentum, step_length=0.3, damping=1e-3, lowest=1e-3, highest=1e-3)
    state = optimizer.init(np.zeros(30))
    for _ in range(steps):
        state = optimizer.step(state, linear(rng.standard_normal((5, 30)) * weights, truth))
    return float(np.linalg.norm(state["vector"] - truth))


def test_momentum_remembers_what_earlier_rows_taught():
    assert _of_few_rows(0.8, 150) < 0.5 * _of_few_rows(0.0, 150)


def test_noise_in_the_rows_raises_the_damping_and_its_absence_lowers_it():
    rng = np.random.default_rng(0)
    matrix, noise = rng.standard_normal((12, 40)) * np.geomspace(1.0, 1e-12, 40), rng.standard_normal(12)
    noisy, clean = LeastSquares(lambda x: matrix @ x - noise, lambda x: matrix, 40), linear(matrix, np.ones(40))
    optimizer = NaturalGradient()
    damping = [optimizer.step(optimizer.init(np.zeros(40)), objective)["damping"] for objective in (noisy, clean)]
    assert damping[0] > optimizer.damping > damping[1]


@pytest.mark.parametrize(("rows", "size", "system"), [(9, 20, Kernel), (20, 9, NormalEquations)])
def test_rows_left_out_are_those_of_so_many_solves(rows, size, system):
    rng = np.random.default_rng(0)
    jacobian, values, scale = rng.standard_normal((rows, size)), rng.standard_normal(rows), rng.uniform(1, 2, size)
    scaled, expected = jacobian / scale, 0.0
    for left in range(rows):
        kept = np.delete(np.arange(rows), left)
        part = scaled[kept]
        step = -np.linalg.solve(part.T @ part + 0.3 * np.eye(size), part.T @ values[kept])
        expected += (values[left] + scaled[left] @ step) ** 2
    assert system(jacobian, scale).left_out(values, 0.3) == pytest.approx(expected, rel=1e-10)


def test_no_rows_to_move_is_stalled():
    objective = LeastSquares(lambda x: np.ones(3), lambda x: np.zeros((3, 2)), 2)
    state = NaturalGradient().step(NaturalGradient().init(np.zeros(2)), objective)
    assert state["stalled"] and not state["accepted"] and state["loss"] == 1.5


def test_momentum_that_leads_uphill_is_dropped_before_a_stall():
    objective, optimizer = rosenbrock(), NaturalGradient(damping=1e3, lowest=1e3, highest=1e3)
    start = {**optimizer.init(np.array([1.0, 2.0])), "direction": np.array([0.0, 1e12])}
    refused = optimizer.step(start, objective)
    assert not refused["accepted"] and not refused["stalled"] and not refused["direction"].any()
    assert optimizer.step(refused, objective)["accepted"]


def test_trial_that_is_not_finite_is_refused():
    objective = LeastSquares(lambda x: np.log(x), lambda x: np.diag(1.0 / x), 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        state, _ = minimise(NaturalGradient(momentum=0.0), objective, np.array([5.0]), 100)
    np.testing.assert_allclose(state["vector"], 1.0, rtol=1e-6)


def test_every_trial_not_finite_stalls_and_never_crashes():
    start = np.array([1.0, 2.0])
    objective = LeastSquares(lambda x: x if (x == start).all() else x * np.nan, lambda x: np.eye(2), 2)
    for optimizer in (NaturalGradient(), NaturalGradient(step_length=0.5)):
        state, _ = minimise(optimizer, objective, start, 50)
        assert state["stalled"] and (state["vector"] == start).all()


@pytest.mark.parametrize("spoiled", ["rows", "jacobian"])
def test_start_that_is_not_finite_is_a_training_error(spoiled):
    rows = np.array([1.0, np.nan if spoiled == "rows" else 1.0])
    jacobian = np.full((2, 2), np.inf if spoiled == "jacobian" else 1.0)
    optimizer = NaturalGradient()
    with pytest.raises(TrainingError, match="current parameters"):
        optimizer.step(optimizer.init(np.zeros(2)), LeastSquares(lambda x: rows, lambda x: jacobian, 2))


def test_a_capped_step_is_no_longer_than_the_cap():
    optimizer, start = NaturalGradient(norm_cap=1e-2), np.array([-1.2, 1.0])
    for each in (optimizer, NaturalGradient(norm_cap=1e-2, step_length=1.0)):
        moved = each.step(each.init(start), rosenbrock())["vector"] - start
        assert np.linalg.norm(moved) == pytest.approx(1e-2)


def test_few_evaluations_find_the_step_length():
    objective = rosenbrock()
    _, steps = minimise(NaturalGradient(), objective, np.array([-1.2, 1.0]), 60)
    assert objective.evaluations < 6 * steps


def test_a_longer_step_that_is_less_bad_does_not_keep_a_shorter_one_from_being_found():
    """From η = ½: η = 1 has a smaller loss, but only a quarter has one below that without a step."""
    losses = {1.0: 2.0, 0.5: 3.0, 0.25: 0.5, 0.125: 0.8}
    objective = SimpleNamespace(residuals=lambda vector: np.sqrt([2.0 * losses[vector[0]]]))
    found = NaturalGradient()._length(objective, np.zeros(1), np.ones(1), 1, before=1.0)  # type: ignore[arg-type]
    assert found == (2, 0.25, pytest.approx(0.5))


@pytest.mark.parametrize("options", [{"momentum": 1.0}, {"damping": 0.0}, {"step_length": -1.0}, {"norm_cap": 0.0}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(PlanError, match=next(iter(options))):
        NaturalGradient(**options)
