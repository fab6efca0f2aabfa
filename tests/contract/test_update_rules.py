"""The frameworks' own optimizers behind one protocol: their first steps are known, and a state says all."""

from __future__ import annotations

import json

import numpy as np
import pytest

from collocate import tree
from collocate.errors import BackendError, PlanError
from collocate.optimizers import CosineDecay, FirstOrder, create

FRAMEWORKS = pytest.mark.parametrize("bk", ["jax", "torch", "tensorflow"], indirect=True)
START = np.array([1.0, -2.0, 3.0])


def gradient(vector: np.ndarray, step: int) -> np.ndarray:
    return vector + np.sin(step + np.arange(3.0))


def steps(rule, vector, state, first, last):
    for step in range(first, last):
        vector, state = rule.update(vector, gradient(vector, step), state, 1e-2 / (1 + step))
    return vector, state


@FRAMEWORKS
def test_gradient_descent_is_what_the_textbook_says(bk):
    rule = bk.update_rule("sgd", {})
    moved, _ = rule.update(START, gradient(START, 0), rule.init(START), 0.25)
    assert moved.dtype == np.float64
    np.testing.assert_allclose(moved, START - 0.25 * gradient(START, 0), rtol=1e-7)


@FRAMEWORKS
def test_momentum_is_what_the_textbook_says(bk):
    rule = bk.update_rule("sgd", {"momentum": 0.5})
    first, second = gradient(START, 0), gradient(START, 1)
    one, state = rule.update(START, first, rule.init(START), 0.1)
    two, _ = rule.update(one, second, state, 0.1)
    np.testing.assert_allclose(two, START - 0.1 * first - 0.1 * (0.5 * first + second), rtol=1e-6)


@FRAMEWORKS
@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "rmsprop", "adagrad"])
def test_a_state_holds_all_that_the_next_steps_need(bk, name):
    if name == "nadam" and bk.name in ("jax",):
        name = "radam"
    rule = bk.update_rule(name, {})
    vector, state = steps(rule, START, rule.init(START), 0, 4)
    kept = tree.map(np.array, state)
    assert all(isinstance(leaf, np.ndarray) for leaf in tree.leaves(kept))
    # The first rule goes elsewhere meanwhile; another one goes on from the state.
    whole = steps(rule, vector, state, 4, 8)[0]
    assert steps(bk.update_rule(name, {}), vector, kept, 4, 8)[0].tobytes() == whole.tobytes()
    assert not np.array_equal(whole, vector)


@FRAMEWORKS
def test_a_name_that_the_framework_does_not_have_is_refused_with_those_it_has(bk):
    with pytest.raises(PlanError, match=r"has no first-order optimizer 'rmspropp'; it has .*adam, .*rmsprop, "):
        bk.update_rule("rmspropp", {})


@FRAMEWORKS
def test_an_option_that_it_does_not_take_is_refused(bk):
    with pytest.raises(PlanError, match=r"sgd of .* cannot be used with momentun=1: .*momentun"):
        bk.update_rule("sgd", {"momentun": 1})


@pytest.mark.parametrize("bk", ["numpy"], indirect=True)
def test_the_oracle_has_none(bk):
    with pytest.raises(BackendError, match="no update_rule"):
        bk.update_rule("sgd", {})


class Quadratic:
    """½‖θ − 1‖²."""

    size, key = 3, 0

    def loss_and_gradient(self, vector):
        return 0.5 * float((vector - 1) @ (vector - 1)), vector - 1


@FRAMEWORKS
def test_from_the_words_of_a_plan_to_the_minimum(bk):
    asked = FirstOrder("RMSprop", learning_rate=CosineDecay(0.1, 300))
    options = json.loads(json.dumps(asked.to_json()))
    optimizer = create(bk, asked.name, options)
    state = optimizer.init(START)
    for _ in range(300):
        state = optimizer.step(state, Quadratic())
    np.testing.assert_allclose(state["vector"], 1.0, atol=1e-3)
    assert state["count"] == 300 and state["learning_rate"] == CosineDecay(0.1, 300)(299)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: FirstOrder(3), "takes the name of an optimizer"),
        (lambda: FirstOrder("sgd", learning_rate=-1), "a positive number or a schedule"),
        (lambda: FirstOrder("sgd", betas=(0.9, 0.99)), "options must be numbers, truth values or texts"),
    ],
)
def test_what_is_no_first_order_optimizer_is_refused(make, said):
    with pytest.raises(PlanError, match=said):
        make()


@FRAMEWORKS
def test_numbers_of_an_optimizer_are_doubles(bk):
    """Without ε the first step of Adam is η g/|g|, as far as β is the same in the moments and in their correction.

    Keras keeps η itself in single precision: 1/8 is the same there.
    """
    epsilon = {"tensorflow": "epsilon"}.get(bk.name, "eps")
    rule = bk.update_rule("adam", {epsilon: 1e-30})
    moved, _ = rule.update(START, gradient(START, 0), rule.init(START), 0.125)
    np.testing.assert_allclose(moved, START - 0.125 * np.sign(gradient(START, 0)), rtol=1e-13)
