"""L-BFGS against the dense formula, known minima, and a change of the points."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import PlanError
from collocate.optimizers import LBFGS
from collocate.optimizers.lbfgs import two_loops

from .least_squares import LeastSquares, linear, minimise, rosenbrock

START = np.array([-1.2, 1.0])


def test_the_two_loops_are_the_dense_bfgs_formula():
    """H⁺ = (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ from H₀ = (sᵀy/yᵀy) I of the last pair."""
    generator = np.random.default_rng(0)
    factor = generator.normal(size=(6, 6))
    steps = generator.normal(size=(4, 6))
    changes = steps @ (factor @ factor.T)
    gradient = generator.normal(size=6)
    inverse = np.eye(6) * (steps[-1] @ changes[-1]) / (changes[-1] @ changes[-1])
    for s, y in zip(steps, changes, strict=True):
        rho = 1.0 / (s @ y)
        left = np.eye(6) - rho * np.outer(s, y)
        inverse = left @ inverse @ left.T + rho * np.outer(s, s)
    np.testing.assert_allclose(two_loops(gradient, steps, changes), -inverse @ gradient, rtol=1e-10)


def test_rosenbrock_is_solved():
    state, steps = minimise(LBFGS(), rosenbrock(), START, 100)
    np.testing.assert_allclose(state["vector"], [1.0, 1.0], atol=1e-8)
    assert steps < 60


def test_an_ill_conditioned_quadratic_is_solved():
    matrix = np.diag(10.0 ** np.linspace(0, -2, 10))
    answer = np.arange(10.0)
    state, _ = minimise(LBFGS(memory=10), linear(matrix, answer), np.zeros(10), 300)
    np.testing.assert_allclose(state["vector"], answer, atol=1e-6)


def test_memory_bounds_the_pairs():
    state, _ = minimise(LBFGS(memory=3), rosenbrock(), START, 10)
    assert state["steps"].shape == state["changes"].shape == (3, 2)


def test_on_other_points_the_gradient_is_new_and_the_pairs_stay():
    state, _ = minimise(LBFGS(), rosenbrock(), START, 6)
    pairs = len(state["steps"])
    moved = LeastSquares(lambda x: np.array([x[0] - 3.0, x[1] + 1.0]), lambda x: np.eye(2), 2)
    moved.key = 1
    after = LBFGS().step(state, moved)
    assert after["key"] == 1 and len(after["steps"]) == pairs + 1
    assert after["loss"] < moved.loss_and_gradient(state["vector"])[0]
    state, _ = minimise_on(after, moved)
    np.testing.assert_allclose(state["vector"], [3.0, -1.0], atol=1e-8)


def minimise_on(state, objective, steps=30):
    for count in range(steps):
        state = LBFGS().step(state, objective)
        if state["stalled"]:
            return state, count
    return state, steps


def test_where_the_search_fails_the_pairs_are_forgotten_and_then_it_stalls():
    rising = LeastSquares(lambda x: np.array([1.0 + 0 * x[0]]), lambda x: np.array([[1.0, 1.0]]), 2)
    first = LBFGS().init(START)
    state = {**first, "steps": np.ones((1, 2)), "changes": np.ones((1, 2))}
    state = LBFGS().step(state, rising)
    assert (len(state["steps"]), state["accepted"], state["stalled"]) == (0, False, False)
    assert LBFGS().step(state, rising)["stalled"]


@pytest.mark.parametrize("memory", [0, -1, 2.5])
def test_a_memory_that_is_none_is_refused(memory):
    with pytest.raises(PlanError, match="memory must be a whole number, one or more"):
        LBFGS(memory=memory)
