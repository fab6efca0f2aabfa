"""Equal slabs of a partial equation: limits are shared, functions compiled once, ends told as they are."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate.residuals import Residuals
from collocate.training import Event, march

from ..small import heat, string

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (5,), "points": 60}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still but where it is told to go on."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(march.time, "perf_counter", lambda: now.seconds)
    return now


def test_steps_are_shared_among_slabs() -> None:
    solution = co.solve(heat(), steps=9, slabs=3, **QUICK)
    assert solution.result["steps"] == 9
    assert solution.result["slabs"] == len(solution.slabs) == 3
    assert solution.result["stopped_because"] == "step limit"
    assert solution.result["solved_until"] is None
    assert solution.history["step"] == list(range(1, 10))
    np.testing.assert_allclose([slab.start for slab in solution.slabs], [0, 1 / 3, 2 / 3])


def test_time_is_shared_among_slabs(clock: SimpleNamespace) -> None:
    """Each step takes a second."""
    started: list[float] = []

    def tick(event: Event) -> None:
        started.append(event.seconds)
        clock.seconds += 1.0

    solution = co.solve(heat(), time_limit=8.0, slabs=2, callbacks=[tick], **QUICK)
    assert solution.result["stopped_because"] == "time limit"
    assert solution.result["slabs"] == 2
    assert solution.result["train_seconds"] == 8.0
    assert started == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_what_one_slab_leaves_another_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is done at once where anything will do; its steps are the second's."""
    monkeypatch.setattr(march, "ENOUGH", 1e-2)
    solution = co.solve(heat(), steps=60, slabs=2, **QUICK)
    assert solution.result["stopped_because"] == march.FINISHED
    assert solution.result["residual_heldout"] <= 1e-2
    assert solution.result["steps"] < 60


def test_an_accuracy_that_only_the_last_slab_reached_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def put_away(state: Any) -> None:
        kept(state)
        state.finished[-1]["heldout"] = 1.0

    settings = {**QUICK, "accuracy": 0.5, "slabs": 2}
    assert co.solve(heat(), **settings).result["stopped_because"] == "accuracy reached"
    kept = march._put_away
    monkeypatch.setattr(march, "_put_away", put_away)
    result = co.solve(heat(), **settings).result
    assert (result["stopped_because"], result["residual_heldout"]) == (march.FINISHED, 1.0)


def test_the_worst_slab_tells_the_residual(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has sixty steps here, the first has one."""
    monkeypatch.setattr(march, "_share", lambda limits, part: replace(limits, steps=1 if part < 1 else 61))
    solution = co.solve(heat(), steps=61, slabs=2, **{**QUICK, "network": (8,)})
    first, best = solution.history["heldout"][0], min(solution.history["heldout"])
    assert best < 0.5 * first
    assert solution.result["residual_heldout"] == first


def test_ctrl_c_in_the_first_slab_says_how_far_it_came() -> None:
    with pytest.warns(UserWarning, match=r"solved up to t = 0 only \(a callback asked\)"):
        solution = co.solve(heat(), steps=8, slabs=2, callbacks=[lambda event: event.step == 2], **QUICK)
        assert np.isnan(solution(x=0.5, t=0.7))
    assert (solution.result["solved_until"], solution.result["slabs"]) == (0.0, 1)


def test_traces_are_compiled_before_the_clock_of_training_and_drawn_on_it(
    clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second for each time that columns are computed."""
    before: list[int] = []
    traced = Residuals.traced

    def slow(self: Residuals, points: Any, slabs: Any, start: Any) -> Any:
        if self.bk.name == "torch":
            before.append(len(slabs))
            clock.seconds += 1.0
        return traced(self, points, slabs, start)

    monkeypatch.setattr(Residuals, "traced", slow)
    result = co.solve(heat(), steps=4, slabs=2, **QUICK).result
    assert before[:3] == [0, 1, 0]  # the trainer for all of time, the compilation, the first slab
    assert before.count(1) > 2
    assert result["compile_seconds"] == 1.0
    assert result["train_seconds"] == len(before) - 2


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_all_slabs_share_one_compilation(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    warm: list[set[Any]] = []
    functions = march.Trainer.__init__

    def watched(self: Any, functions_: Any, *rest: Any, **named: Any) -> None:
        functions(self, functions_, *rest, **named)
        warm.append(functions_._warm)

    monkeypatch.setattr(march.Trainer, "__init__", watched)
    solution = co.solve(string(), steps=4, slabs=2, backend=backend, mode="eager", network=(4,), points=30)
    assert len(solution.slabs) == 2
    assert len(warm) == 3
    assert len(warm[0]) == 2  # rows and Jacobian, of one shape
