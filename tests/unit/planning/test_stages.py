"""`stages=`: what a plan holds of the networks that are added later, and where there can be none."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
from sympy import Eq, Function, symbols

import collocate as co
from collocate import problems
from collocate.errors import PlanError
from collocate.planning import storage
from collocate.planning.stages import MORE_PATIENCE, STEEPER, grown

from ...small import bar, membrane, oscillator


def test_later_networks_are_the_first_with_a_steeper_first_layer() -> None:
    plan = co.plan(membrane(), stages=3, network=co.MLP((7, 5), slope=1.5))
    assert [stage.network for stage in plan.later] == 2 * [co.MLP((7, 5), slope=1.5 * STEEPER)]
    assert {stage.features for stage in plan.later} == {plan.stages[0].features}
    assert len(plan.stages) == 1
    assert "stages" in {choice.subject for choice in plan.choices}
    assert storage.from_json(storage.to_json(plan)) == plan


def test_one_stage_is_what_a_plan_is_without() -> None:
    assert co.plan(bar(), stages=1) == co.plan(bar())
    assert co.plan(bar()).later == ()


def test_a_network_without_a_slope_is_drawn_anew_as_it_is() -> None:
    plan = co.plan(membrane(), stages=2, network=co.GatedMLP((6, 6)))
    assert plan.later[0].network == plan.stages[0].network


def test_a_grown_plan_has_the_next_network_at_its_scale() -> None:
    plan = co.plan(problems.load("kovasznay").problem, stages=3, network=(5,))
    after = grown(plan, 1e-4)
    assert after.stages[0] == plan.stages[0]
    assert after.stages[1].scales == tuple(1e-4 * scale for scale in plan.stages[0].scales)
    assert len(after.later) == 1
    patience = [phase.patience for phase in plan.phases]
    assert [phase.patience for phase in after.phases] == [MORE_PATIENCE * each for each in patience]
    assert grown(after, 1e-4).phases == after.phases


def _sought() -> co.Problem:
    x, k = symbols("x k")
    u = Function("u")(x)
    ends = [co.Dirichlet(u, 0, on="left"), co.Dirichlet(u, 1, on="right"), co.Neumann(u, 1, on="right")]
    return co.Problem(Eq(u.diff(x, 2), k), co.Interval(x, 0, 1), ends, unknowns=[co.Unknown(k, 1)])


def _own() -> Any:
    return lambda parameters, x: jax.numpy.tanh(x @ parameters["a"]), {"a": np.ones((1, 1))}


@pytest.mark.parametrize(
    ("problem", "options", "said"),
    [
        (_sought, {}, "something is sought or measured"),
        (oscillator, {}, "time is solved in slabs, each with one network; choose slabs=1"),
        (lambda: problems.load("heat1d").problem, {"slabs": 2}, "time is solved in slabs"),
        (bar, {"dtype": "float32"}, "one network reaches what float32 can tell apart"),
        (bar, {"network": _own()}, "a network of your own is one object"),
    ],
)
def test_where_no_network_can_be_added(problem: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError, match=f"stages=2: no second network can be added, since {said}"):
        co.plan(problem(), stages=2, **options)
    co.plan(problem(), stages=1, **options)


@pytest.mark.parametrize("stages", [0, 1.5, True, "two"])
def test_stages_is_a_count(stages: Any) -> None:
    with pytest.raises(PlanError, match="stages must be a whole number, one or more; got"):
        co.plan(bar(), stages=stages)


def test_an_ordinary_equation_at_once_can_have_stages() -> None:
    assert len(co.plan(oscillator(), stages=2, slabs=1).later) == 1
