"""Networks that are added to a trained one: what they start from, what they keep, and what they gain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import tree
from collocate.backends import select
from collocate.errors import PlanError
from collocate.residuals import Evaluator
from collocate.training import loop, stages

from ..small import bar, heat, membrane

STEPS = 20
QUICK: dict[str, Any] = {
    "seed": 1,
    "network": (12, 12),
    "points": 400,
    "callbacks": [],
    "optimizer": "levenberg_marquardt",
}
EAGER: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (4,), "points": 30, "callbacks": []}
POINTS = {"x": np.linspace(0.05, 0.95, 9), "t": np.linspace(0.9, 0.1, 9)}


@pytest.fixture(scope="module")
def one() -> co.Solution:
    return co.solve(heat(), steps=STEPS, **QUICK)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> co.Solution:
    return co.solve(heat(), steps=STEPS, stages=2, out=tmp_path_factory.mktemp("two"), **QUICK)


def networks(solution: co.Solution) -> list[Any]:
    return solution.slabs[0].parameters["stages"]


def test_the_second_network_gains_more_than_a_digit(one: co.Solution, two: co.Solution) -> None:
    assert two.result["residual_heldout"] < 0.1 * one.result["residual_heldout"]
    assert two.error() < 0.1 * one.error()


def test_the_first_network_is_kept_bitwise(one: co.Solution, two: co.Solution) -> None:
    for ours, theirs in zip(tree.leaves(networks(one)[0]), tree.leaves(networks(two)[0]), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_the_fields_are_the_sum_of_the_networks(two: co.Solution) -> None:
    """u = G + Φ (s₁N₁ + s₂N₂): each N by a plan of one stage, so that the difference to u₁ is s₂/s₁ of N₂'s."""
    plan, points = two.plan, np.stack(list(POINTS.values()), axis=1)
    bk = select.get("numpy")
    base = two.slabs[0].parameters

    def value(chosen: list[int]) -> np.ndarray:
        part = replace(plan, stages=tuple(plan.stages[k] for k in chosen))
        weights = {**base, "stages": [base["stages"][k] for k in chosen]}
        return Evaluator(bk, part, two.problem.fields)(weights, points)[:, 0]

    none = Evaluator(bk, plan, two.problem.fields)({**base, "stages": tree.map(np.zeros_like, base["stages"])}, points)[
        :, 0
    ]
    whole = value([0]) + value([1]) - none
    np.testing.assert_allclose(two(**POINTS), whole, rtol=1e-13)
    assert np.abs(two(**POINTS) - value([0])).max() > 1e-9
    assert plan.stages[1].scales[0] < 1e-3 * plan.stages[0].scales[0]


def test_saved_and_loaded(two: co.Solution, tmp_path: Path) -> None:
    two.save(tmp_path / "two.collocate")
    again = co.load(tmp_path / "two.collocate")
    assert again.plan.stages == two.plan.stages
    np.testing.assert_array_equal(again(**POINTS), two(**POINTS))


def test_history_goes_on(two: co.Solution) -> None:
    assert two.history["step"] == list(range(1, 2 * STEPS + 1))
    assert two.history["seconds"] == sorted(two.history["seconds"])
    assert two.result["stages"] == 2
    # The loss is in the units of the first stage's, whatever the optimizer saw.
    assert two.history["loss"][-1] == pytest.approx(0.5 * two.history["heldout"][-1] ** 2, rel=0.9)


def test_a_network_that_gains_nothing_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a scale that a few steps of Adam cannot make up for: what the first stage reached is the result."""
    one = co.solve(bar(), steps=12, optimizer="adam", **EAGER)
    monkeypatch.setattr(stages, "_factor", lambda *_: 1e6)
    both = co.solve(bar(), steps=12, optimizer="adam", stages=2, **EAGER)
    assert not any(leaf.any() for leaf in tree.leaves(networks(both)[1]))
    assert both.result["residual_heldout"] == one.result["residual_heldout"]
    np.testing.assert_array_equal(both(x=POINTS["x"]), one(x=POINTS["x"]))


def test_the_scale_of_a_linear_problem_balances_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """‖r(u + sΦN) − r(u)‖ = ‖r(u)‖ on the held-out points, for N as drawn."""
    seen: dict[str, Any] = {}
    begin = loop.Trainer.run

    def run(self: Any, state: Any, vector: np.ndarray, interrupt: Any) -> Any:
        if state.stages:
            seen["drawn"], seen["left"] = self.heldout.residuals(vector), self.heldout.residuals(0 * vector)
        return begin(self, state, vector, interrupt)

    monkeypatch.setattr(loop.Trainer, "run", run)
    co.solve(bar(), steps=4, optimizer="levenberg_marquardt", stages=2, **EAGER)
    assert np.linalg.norm(seen["drawn"] - seen["left"]) == pytest.approx(np.linalg.norm(seen["left"]), rel=1e-6)


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_first_order_steps_see_rows_of_order_one(optimizer: str) -> None:
    """A residual of 1e-4 is not below Adam's ε: its second network lowers it too."""
    start = co.solve(bar(), steps=30, optimizer="levenberg_marquardt", **EAGER)
    found = co.solve(bar(), steps=600, optimizer=optimizer, stages=2, init=start, **EAGER)
    assert len(found.plan.stages) == 2
    assert any(leaf.any() for leaf in tree.leaves(networks(found)[1]))


def test_killed_in_the_second_stage_and_resumed_is_bitwise_the_uninterrupted_run(tmp_path: Path) -> None:
    options: dict[str, Any] = {**EAGER, "steps": 8, "stages": 2, "optimizer": "levenberg_marquardt"}
    whole = co.solve(membrane(), **options)
    stop = {**options, "callbacks": [lambda event: event.step == 11]}
    halved = co.solve(membrane(), out=tmp_path, **stop)
    assert halved.result["steps"] == 11
    resumed = co.solve(membrane(), out=tmp_path, resume=True, **options)
    assert resumed.result["steps"] == whole.result["steps"] == 16
    assert resumed.history["heldout"] == whole.history["heldout"]
    assert resumed.plan == whole.plan
    for ours, theirs in zip(tree.leaves(networks(resumed)), tree.leaves(networks(whole)), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_a_stage_that_a_limit_ends_is_the_last() -> None:
    found = co.solve(bar(), accuracy=1e-1, steps=200, optimizer="levenberg_marquardt", stages=2, **EAGER)
    assert found.result["stopped_because"] == "accuracy reached"
    assert len(found.plan.stages) == len(found.plan.later) == 1


def test_the_end_of_one_stage_and_of_the_other(tmp_path: Path) -> None:
    """No further network is begun, and none trained again, when all have ended."""
    options: dict[str, Any] = {**EAGER, "steps": 3, "stages": 2, "optimizer": "levenberg_marquardt", "out": tmp_path}
    found = co.solve(bar(), **options)
    again = co.solve(bar(), resume=True, **options)
    assert again.result["steps"] == found.result["steps"] == 6
    assert again.plan == found.plan
    assert again.plan.later == ()
    assert again(x=0.3) == found(x=0.3)


def test_a_sum_of_networks_trains_on(two: co.Solution) -> None:
    on = co.solve(heat(), init=two, steps=3, points=400, callbacks=[], optimizer="levenberg_marquardt")
    assert len(on.plan.stages) == 2
    assert on.result["residual_heldout"] < 2 * two.result["residual_heldout"]


def test_a_sum_of_networks_does_not_start_slabs(two: co.Solution) -> None:
    with pytest.raises(PlanError, match=r"init is a sum of 2 networks for u of x, t; it starts a .* with slabs=1"):
        co.solve(heat(), init=two, slabs=2)
