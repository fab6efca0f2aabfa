"""What whoever waits for a comparison is told."""

from __future__ import annotations

import pytest

from collocate.comparison.display import progress
from collocate.comparison.loop import Progress

CASE = {"id": "burgers-torch"}


def test_in_a_pipe_each_run_is_told_when_it_starts_and_when_it_ends(capsys: pytest.CaptureFixture[str]):
    run = {
        "failed": None, "compile_seconds": 2.0, "step_seconds": {"median": 0.01}, "final_error": None,
        "stopped_because": "accuracy", "train_seconds": 3.0,
    }  # fmt: skip
    with progress(quiet=False) as tell:
        tell(Progress(1, 2, CASE, 0))
        tell(Progress(1, 2, CASE, 0, run))
        tell(Progress(2, 2, CASE, 1, {**run, "failed": "Traceback\nMemoryError: no room"}))
    assert capsys.readouterr().err.splitlines() == [
        "1/2 burgers-torch, repeat 1: starts",
        "1/2 burgers-torch, repeat 1: 2 s of compilation, 10 ms a step, accuracy after 3 s",
        "2/2 burgers-torch, repeat 2: failed: MemoryError: no room",
    ]


def test_nobody_who_does_not_look_is_told(capsys: pytest.CaptureFixture[str]):
    with progress() as tell:
        tell(Progress(1, 2, CASE, 0))
    assert capsys.readouterr().err == ""
