"""The loop's own rules: when points are drawn anew, and which seconds count as training."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import collocate as co
from collocate import store
from collocate.optimizers import OPTIMIZERS, Adam
from collocate.training import Event, Trainer, loop, march, objective

from ..small import bar, oscillator

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (4,), "points": 30, "optimizer": "adam"}
FIRST, LATER = 100.0, 1.0


def test_a_stall_draws_points_anew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    redraw = Trainer._redraw

    class Stalling(Adam):
        def step(self, state: Any, objective: Any) -> Any:
            after = super().step(state, objective)
            return {**after, "stalled": after["count"] in (2, 5)}

    monkeypatch.setitem(OPTIMIZERS, "adam", Stalling)
    monkeypatch.setattr(Trainer, "_redraw", lambda self, state: (drawn.append(state.step), redraw(self, state))[1])
    co.solve(bar(), steps=7, **QUICK)
    assert drawn == [0, 2, 5]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that only compiled functions advance: by FIRST in the first call of each, by LATER in every other."""
    now = SimpleNamespace(seconds=0.0, calls=0)
    monkeypatch.setattr(loop.time, "perf_counter", lambda: now.seconds)
    build = objective.Functions.__init__

    def counted(function: Any) -> Any:
        called = []

        def call(*arguments: Any) -> Any:
            now.seconds += LATER if called else FIRST
            now.calls += bool(called)
            called.append(True)
            return function(*arguments)

        return call

    def init(self: Any, *arguments: Any) -> None:
        build(self, *arguments)
        self._functions = {name: counted(function) for name, function in self._functions.items()}

    monkeypatch.setattr(objective.Functions, "__init__", init)
    return now


@pytest.mark.parametrize("optimizer", ["adam", "levenberg_marquardt"])
def test_all_but_first_calls_is_training(clock: SimpleNamespace, optimizer: str) -> None:
    result = co.solve(bar(), steps=6, **{**QUICK, "optimizer": optimizer}).result
    assert result["compile_seconds"] == 2 * FIRST  # the rows, and loss and gradient or the Jacobian
    assert result["train_seconds"] == clock.calls * LATER > 0
    assert result["total_seconds"] == clock.seconds


def test_what_is_between_slabs_is_training(
    clock: SimpleNamespace, coarse: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_slab, between = march._next_slab, 1000.0

    def slow(*arguments: Any) -> None:
        clock.seconds += between
        next_slab(*arguments)

    monkeypatch.setattr(march, "_next_slab", slow)
    settings = {name: value for name, value in QUICK.items() if name != "optimizer"}
    solution = co.solve(oscillator(12.0), accuracy=coarse, **settings)
    slabs = len(solution.slabs)
    assert slabs > 1
    assert solution.result["train_seconds"] == clock.calls * LATER + (slabs - 1) * between


def test_seconds_go_on_where_a_cut_run_ended(
    clock: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(event: Event) -> None:
        raise RuntimeError("the machine went down")

    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(RuntimeError):
        co.solve(bar(), steps=60, out=tmp_path, callbacks=[cut], **QUICK)
    before = store.read(tmp_path / "checkpoint" / "training.collocate", "checkpoint")[0]["state"]["seconds"]
    calls = clock.calls
    again = co.solve(bar(), steps=60, out=tmp_path, resume=True, **QUICK)
    assert before > 0
    assert again.result["train_seconds"] == before + (clock.calls - calls) * LATER
