from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import TrainingError
from collocate.optimizers import LevenbergMarquardt

from .least_squares import LeastSquares, exponentials, hilbert, linear, minimise, rosenbrock


def test_rosenbrock_in_a_few_steps():
    state, steps = minimise(LevenbergMarquardt(), rosenbrock(), np.array([-1.2, 1.0]), 30)
    assert steps < 15
    np.testing.assert_allclose(state["vector"], [1, 1], atol=1e-12)


def test_sloppy_valley_is_followed_to_its_end():
    objective, truth = exponentials()
    state, _ = minimise(LevenbergMarquardt(), objective, np.array([0.3, 0.3, 0.3, 3.0]), 60)
    np.testing.assert_allclose(state["vector"], truth, rtol=1e-9)


def test_bent_steps_save_steps_in_a_curved_valley():
    start = np.array([0.3, 0.3, 0.3, 3.0])
    _, steps = minimise(LevenbergMarquardt(), exponentials()[0], start, 200)
    _, plain = minimise(LevenbergMarquardt(corrections=0), exponentials()[0], start, 200)
    assert steps < plain


def test_a_step_bent_more_than_once_follows_a_valley_further():
    # A valley r₁ = 0 along y = x³ of slope up to 3, its floor r₂ = 0.1 (x − 1): one correction is of second order only.
    objective = LeastSquares(
        lambda x: np.array([1e3 * (x[1] - x[0] ** 3), 0.1 * (x[0] - 1.0)]),
        lambda x: np.array([[-3e3 * x[0] ** 2, 1e3], [0.1, 0.0]]),
        2,
    )
    start = np.array([-1.0, -1.0])
    state, steps = minimise(LevenbergMarquardt(), objective, start, 200)
    _, once = minimise(LevenbergMarquardt(corrections=1), objective, start, 200)
    np.testing.assert_allclose(state["vector"], 1.0, rtol=1e-8)
    assert steps < once


def test_ill_conditioned_linear_problem_to_rounding():
    state, _ = minimise(LevenbergMarquardt(), hilbert(), np.zeros(12), 60, loss=1e-30)
    assert state["loss"] < 1e-28


def test_columns_of_very_different_size():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((50, 8)) * 10.0 ** np.arange(-6, 2)
    answer = 10.0 ** -np.arange(-6.0, 2)
    state, _ = minimise(LevenbergMarquardt(), linear(matrix, answer), np.zeros(8), 60, loss=1e-24)
    np.testing.assert_allclose(state["vector"], answer, rtol=1e-6)


def test_rank_deficient_jacobian():
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((30, 4)) @ rng.standard_normal((4, 10))
    matrix[:, 3] = 0.0
    state, _ = minimise(LevenbergMarquardt(), linear(matrix, np.ones(10)), np.zeros(10), 60)
    assert state["loss"] < 1e-24 and np.isfinite(state["vector"]).all()


def test_fewer_rows_than_parameters():
    matrix = np.random.default_rng(0).standard_normal((5, 20))
    state, _ = minimise(LevenbergMarquardt(), linear(matrix, np.ones(20)), np.zeros(20), 60)
    assert state["loss"] < 1e-24


def test_no_rows_to_move_is_stalled():
    objective = LeastSquares(lambda x: np.ones(3), lambda x: np.zeros((3, 2)), 2)
    state = LevenbergMarquardt().step(LevenbergMarquardt().init(np.zeros(2)), objective)
    assert state["stalled"] and not state["accepted"] and state["loss"] == 1.5


def test_a_minimum_of_the_linear_model_is_stalled_at_once():
    objective = LeastSquares(lambda x: np.array([0.0, 1.0]), lambda x: np.array([[1.0], [0.0]]), 1)
    state = LevenbergMarquardt().step(LevenbergMarquardt().init(np.zeros(1)), objective)
    assert state["stalled"] and not state["accepted"]


def test_minimum_with_a_rest_stalls_and_says_so():
    matrix = np.random.default_rng(0).standard_normal((20, 3))
    objective = LeastSquares(lambda x: matrix @ x - 1.0 + 0.1 * np.sin(matrix @ x), lambda x: _damped(matrix, x), 3)
    state, steps = minimise(LevenbergMarquardt(), objective, np.zeros(3), 300)
    assert state["stalled"] and steps < 300
    rows, jacobian = objective.jacobian(state["vector"])
    assert np.abs(rows @ jacobian).max() < 1e-7


def _damped(matrix: np.ndarray, x: np.ndarray) -> np.ndarray:
    return matrix * (1.0 + 0.1 * np.cos(matrix @ x))[:, None]


def test_trial_that_is_not_finite_is_refused():
    # The full Gauss-Newton step from 5 lands where the logarithm has no value.
    objective = LeastSquares(lambda x: np.log(x), lambda x: np.diag(1.0 / x), 1)
    with np.errstate(invalid="ignore"):
        state, _ = minimise(LevenbergMarquardt(), objective, np.array([5.0]), 60)
    np.testing.assert_allclose(state["vector"], 1.0, rtol=1e-10)


def test_every_trial_not_finite_raises_the_damping_and_never_crashes():
    start = np.array([1.0, 2.0])
    objective = LeastSquares(lambda x: x if (x == start).all() else x * np.nan, lambda x: np.eye(2), 2)
    state, _ = minimise(LevenbergMarquardt(), objective, start, 50)
    assert state["stalled"] and (state["vector"] == start).all()


@pytest.mark.parametrize("spoiled", ["rows", "jacobian"])
def test_start_that_is_not_finite_is_a_training_error(spoiled):
    rows = np.array([1.0, np.nan if spoiled == "rows" else 1.0])
    jacobian = np.full((2, 2), np.inf if spoiled == "jacobian" else 1.0)
    optimizer = LevenbergMarquardt()
    with pytest.raises(TrainingError, match="current parameters"):
        optimizer.step(optimizer.init(np.zeros(2)), LeastSquares(lambda x: rows, lambda x: jacobian, 2))


def test_a_model_in_float32_converges_to_its_rounding():
    matrix = np.random.default_rng(0).standard_normal((20, 4)).astype(np.float32)
    state, _ = minimise(LevenbergMarquardt(), linear(matrix, np.ones(4, np.float32)), np.zeros(4), 20)
    assert state["vector"].dtype == np.float64
    np.testing.assert_allclose(state["vector"], 1.0, atol=1e-5)
