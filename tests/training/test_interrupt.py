"""Ctrl-C ends training between steps, keeps the best, and what was trained can be gone on with."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import tree
from collocate.training import Event

from ..small import bar, oscillator
from . import runner

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (5,), "points": 40}


def press_when(condition: Callable[[Event], bool]) -> Callable[[Event], None]:
    def press(event: Event) -> None:
        if condition(event):
            signal.raise_signal(signal.SIGINT)

    return press


def leaves(solution: co.Solution) -> list[bytes]:
    return [np.asarray(leaf).tobytes() for slab in solution.slabs for leaf in tree.leaves(slab.parameters)]


def test_ctrl_c_keeps_the_best_and_can_be_resumed(tmp_path: Path) -> None:
    settings = {**QUICK, "optimizer": "levenberg_marquardt", "steps": 10}
    pressed = co.solve(bar(), out=tmp_path, callbacks=[press_when(lambda event: event.step == 4)], **settings)
    assert pressed.result["stopped_because"] == "interrupted"
    assert pressed.result["steps"] == 4
    assert pressed.result["residual_heldout"] == min(pressed.history["heldout"])
    assert leaves(co.load(tmp_path / "solution.collocate")) == leaves(pressed)
    assert json.loads((tmp_path / "result.json").read_text())["stopped_because"] == "interrupted"
    resumed = co.solve(bar(), out=tmp_path, resume=True, **settings)
    assert resumed.result["steps"] == 10
    assert leaves(resumed) == leaves(co.solve(bar(), **settings))


def test_the_handler_is_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    co.solve(bar(), callbacks=[press_when(lambda event: True)], steps=5, **QUICK)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    def twice(event: Event) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    # A shell starts what runs in the background with the signal ignored, and Python leaves that as it is.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            co.solve(bar(), callbacks=[twice], steps=5, **QUICK)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("stop", ["ctrl-c", "time limit"])
def test_stopped_before_the_first_judgement_there_is_still_a_best(stop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adam is judged every 50 steps; the first parameters are judged before it begins."""
    settings: dict[str, Any] = {**QUICK, "optimizer": "adam", "steps": 100}
    if stop == "time limit":
        solution = co.solve(bar(), time_limit=1e-9, **settings)
    else:
        step = co.Adam.step

        def pressed(self: co.Adam, state: Any, objective: Any) -> Any:
            signal.raise_signal(signal.SIGINT)
            return step(self, state, objective)

        monkeypatch.setattr(co.Adam, "step", pressed)
        solution = co.solve(bar(), **settings)
    assert solution.result["steps"] == 1
    assert np.isfinite(solution.result["residual_heldout"])
    json.loads(json.dumps(solution.result, allow_nan=False))


def test_ctrl_c_within_a_slab(coarse: float, tmp_path: Path) -> None:
    settings = {**QUICK, "network": (8,)}
    pressed = co.solve(oscillator(), out=tmp_path, callbacks=[press_when(lambda event: event.step == 3)], **settings)
    assert (pressed.result["stopped_because"], pressed.result["steps"]) == ("interrupted", 3)
    resumed = co.solve(oscillator(), out=tmp_path, resume=True, **settings)
    assert leaves(resumed) == leaves(co.solve(oscillator(), **settings))


def test_ctrl_c_as_a_slab_ends(coarse: float, tmp_path: Path) -> None:
    """The step at which it is pressed ends the slab: the next one must not be trained."""
    settings = {**QUICK, "network": (8,)}
    press = press_when(lambda event: event.heldout <= coarse)
    pressed = co.solve(oscillator(20.0), out=tmp_path, callbacks=[press], **settings)
    assert pressed.result["stopped_because"] == "interrupted"
    assert pressed.history["heldout"][-1] <= coarse
    assert pressed.result["slabs"] == 2
    resumed = co.solve(oscillator(20.0), out=tmp_path, resume=True, **settings)
    assert leaves(resumed) == leaves(co.solve(oscillator(20.0), **settings))


def test_ctrl_c_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.counts, "BLOCK_BYTES", runner.BLOCK_BYTES)  # as in the other process
    command = [sys.executable, runner.__file__, str(tmp_path), "torch", "eager", "levenberg_marquardt"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # the first event: it trains
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    folder = tmp_path / "levenberg_marquardt"
    result = json.loads((folder / "result.json").read_text())
    assert result["stopped_because"] == "interrupted"
    assert co.load(folder / "solution.collocate").result == result
    assert runner.train("levenberg_marquardt", tmp_path, "torch", "eager").result["steps"] == 24
