"""Learning rates by their formulas, through JSON, and in Adam."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from collocate.errors import PlanError
from collocate.optimizers import (
    LBFGS,
    Adam,
    CosineDecay,
    ExponentialDecay,
    PiecewiseConstant,
    SelfScaledBroyden,
    WarmUp,
    create,
)
from collocate.optimizers.schedules import from_json

from .least_squares import minimise, rosenbrock

START = np.array([-1.2, 1.0])


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (ExponentialDecay(0.1, 0.5, 10), {0: 0.1, 10: 0.05, 20: 0.025, 5: 0.1 / math.sqrt(2)}),
        (CosineDecay(0.2, 100), {0: 0.2, 50: 0.1, 100: 0.0, 500: 0.0}),
        (CosineDecay(0.2, 100, last=0.1), {0: 0.2, 50: 0.15, 200: 0.1}),
        (PiecewiseConstant((10, 20), (1.0, 0.1, 0.01)), {0: 1.0, 9: 1.0, 10: 0.1, 19: 0.1, 20: 0.01}),
        (WarmUp(4, 0.4), {0: 0.1, 1: 0.2, 3: 0.4, 4: 0.4, 100: 0.4}),
        (WarmUp(2, CosineDecay(0.2, 100)), {0: 0.1, 1: 0.2, 2: 0.2, 52: 0.1}),
    ],
)
def test_the_formula_also_through_json(schedule, values):
    again = from_json(json.loads(json.dumps(schedule.to_json())))
    assert again == schedule
    for step, rate in values.items():
        assert again(step) == pytest.approx(rate, abs=1e-15)


def test_adam_follows_a_schedule_and_else_its_own_decay():
    schedule = PiecewiseConstant((1,), (0.1, 0.2))
    state = Adam(learning_rate=schedule).init(START)
    rates = []
    for _ in range(3):
        state = Adam(learning_rate=schedule).step(state, rosenbrock())
        rates.append(state["learning_rate"])
    assert rates == [0.1, 0.2, 0.2]
    decaying = Adam(learning_rate=0.1, decay_rate=0.5, decay_steps=1)
    assert minimise(decaying, rosenbrock(), START, 3)[0]["learning_rate"] == 0.1 * 0.5**2


def test_a_schedule_of_the_plan_comes_back_in_the_optimizer():
    options = {"learning_rate": CosineDecay(0.1, 10).to_json()}
    assert create(None, "adam", options) == Adam(learning_rate=CosineDecay(0.1, 10))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: CosineDecay(0.1, 0), "CosineDecay: steps must be a positive number; got 0"),
        (lambda: ExponentialDecay(-1.0), "ExponentialDecay: rate must be a positive number; got -1.0"),
        (lambda: PiecewiseConstant((5, 3), (1.0, 0.1, 0.01)), "takes ascending boundaries and one positive rate more"),
        (lambda: PiecewiseConstant((5,), (1.0,)), "takes ascending boundaries and one positive rate more"),
        (lambda: Adam(learning_rate="fast"), r"a positive number or a schedule such as co.CosineDecay.*got 'fast'"),
        (lambda: Adam(learning_rate=0.0), "a positive number or a schedule"),
        (lambda: PiecewiseConstant(5, 5), "takes ascending boundaries .*got 5 and 5"),
        (lambda: PiecewiseConstant(("a",), (1, 2)), "takes ascending boundaries"),
        (lambda: PiecewiseConstant((5,), (1.0, "a")), "one positive rate more than boundaries"),
        (lambda: WarmUp(10, "a"), "WarmUp: then must be a positive number or a schedule .*got 'a'"),
        (lambda: Adam(first_decay="a"), "Adam: first_decay must be a number from 0 to below 1; got 'a'"),
        (lambda: Adam(second_decay=1.0), "Adam: second_decay must be a number from 0 to below 1; got 1.0"),
        (lambda: Adam(decay_rate=-1), "Adam: decay_rate must be a positive number; got -1"),
        (lambda: Adam(epsilon=-1e-8), "Adam: epsilon must be a number, zero or more; got -1e-08"),
        (lambda: LBFGS(c1="a"), "LBFGS: c1 and c2 must be numbers, 0 < c1 < c2 < 1; got 'a' and 0.9"),
        (lambda: LBFGS(memory=True), "LBFGS: memory must be a whole number, one or more; got True"),
        (lambda: SelfScaledBroyden(c1=0.95), "SelfScaledBroyden: c1 and c2 must be numbers, 0 < c1 < c2 < 1; got 0.95"),
        (lambda: SelfScaledBroyden(evaluations=0), "evaluations must be a whole number, one or more; got 0"),
    ],
)
def test_what_is_no_rate_or_option_is_refused(make, said):
    with pytest.raises(PlanError, match=said):
        make()
