"""What every optimizer promises to the training loop."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from collocate.errors import PlanError, TrainingError
from collocate.optimizers import OPTIMIZERS, Adam
from collocate.planning.cost import COSTS, step_cost

from .least_squares import LeastSquares, minimise, rosenbrock

NAMES = sorted(OPTIMIZERS)
START = np.array([-1.2, 1.0])


def _plain(state: dict) -> bool:
    return all(isinstance(value, (np.ndarray, int, float, bool, str)) for value in state.values())


@pytest.mark.parametrize("name", NAMES)
def test_state_holds_what_a_checkpoint_can(name):
    optimizer, objective = OPTIMIZERS[name](), rosenbrock()
    state = optimizer.init(START)
    for _ in range(3):
        assert _plain(state) and {"vector", "loss", "accepted", "stalled"} <= set(state)
        state = optimizer.step(state, objective)
    assert type(state["loss"]) is float and type(state["accepted"]) is bool and type(state["stalled"]) is bool


@pytest.mark.parametrize("name", NAMES)
def test_step_is_pure_and_resumes_bitwise(name):
    optimizer, objective = OPTIMIZERS[name](), rosenbrock()
    middle, _ = minimise(optimizer, objective, START, 4)
    saved = {
        key: np.array(value, order="C") if isinstance(value, np.ndarray) else value for key, value in middle.items()
    }
    for first, second in ((middle, saved), (middle, middle)):
        for _ in range(3):
            first, second = optimizer.step(first, objective), optimizer.step(second, rosenbrock())
        for key, value in first.items():
            np.testing.assert_array_equal(value, second[key])


@pytest.mark.parametrize("name", NAMES)
def test_options_are_frozen_and_named(name):
    optimizer = OPTIMIZERS[name]()
    assert optimizer.name == name
    with pytest.raises(dataclasses.FrozenInstanceError):
        optimizer.name = "other"


def test_adam_takes_the_published_first_step():
    optimizer = Adam(learning_rate=0.1, epsilon=0.0)
    state = optimizer.step(optimizer.init(START), rosenbrock())
    gradient = rosenbrock().loss_and_gradient(START)[1]
    np.testing.assert_allclose(state["vector"], START - 0.1 * np.sign(gradient), rtol=1e-12)


def test_adam_descends():
    state, _ = minimise(Adam(learning_rate=0.05), rosenbrock(), START, 2000)
    assert state["loss"] < 1e-4


def test_adam_refuses_a_start_that_is_not_finite():
    objective = LeastSquares(lambda x: x * np.nan, lambda x: np.eye(2), 2)
    with pytest.raises(TrainingError, match="current parameters"):
        Adam().step(Adam().init(START), objective)


def test_every_optimizer_has_a_cost_and_costs_are_ordered():
    assert set(COSTS) == set(OPTIMIZERS)
    adam, broyden, second = (
        step_cost(name, 4000, 1000) for name in ("adam", "self_scaled_broyden", "levenberg_marquardt")
    )
    assert adam < broyden < second
    assert step_cost("levenberg_marquardt", 100, 1000) < step_cost("levenberg_marquardt", 1000, 1000)


def test_unknown_optimizer_is_named_with_those_there_are():
    with pytest.raises(PlanError, match="levenberg_marquardt"):
        step_cost("newton", 10, 10)
