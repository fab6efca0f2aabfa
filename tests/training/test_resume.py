"""A run that is killed and resumed ends bitwise where the uninterrupted one does."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import store
from collocate.errors import StoreError
from collocate.training import loop

from ..small import bar
from . import runner

# Where each run is killed, as a share of its steps; twice at some, so that a resumed run is killed too.
KILLS = {
    ("jax", "compiled"): {
        "levenberg_marquardt": (0.2, 0.6),
        "slabs": (0.3, 0.7),
        "natural_gradient": (0.4,),
        "self_scaled_broyden": (0.4,),
        "adam": (0.4,),
        "rmsprop": (0.5,),
    },
    ("torch", "eager"): {
        "levenberg_marquardt": (0.5,),
        # In the second of two slabs, the last time in the midst of it.
        "slabs_of_a_string": (0.55, 0.8),
        "lbfgs": (0.5,),
        "weighted": (0.5,),
        "stages": (0.3, 0.7),
    },
    ("torch", "compiled"): {"self_scaled_broyden": (0.4,)},
    ("tensorflow", "eager"): {"adam": (0.4,), "rmsprop": (0.4,)},
}
QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (4,), "points": 30, "steps": 4}


def checkpoint(folder: Path) -> Path:
    return folder / "checkpoint" / "training.collocate"


def state(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """All that training knew at its end, but for what the clock said."""
    document, arrays = store.read(checkpoint(folder), "checkpoint")
    document["state"].pop("seconds")
    document["state"]["history"].pop("seconds")
    return document, arrays


def assert_same_bits(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert one[name].tobytes() == other[name].tobytes(), name


def killed(folder: Path, backend: str, mode: str, cases: list[str], at: int) -> int:
    """Train `cases`, and kill the process at a random moment after step `at` of the first; its return code."""
    command = [sys.executable, runner.__file__, str(folder), backend, mode, *cases]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    with process:
        for line in process.stdout:
            case, step = line.split()
            if case == cases[0] and int(step) >= at:
                time.sleep(random.Random(at).uniform(0.0, 0.03))
                process.kill()
                break
    return process.returncode


@pytest.mark.parametrize(("backend", "mode"), KILLS, ids=["-".join(where) for where in KILLS])
def test_killed_and_resumed_is_bitwise_the_uninterrupted_run(
    backend: str, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(runner.counts, "BLOCK_BYTES", runner.BLOCK_BYTES)
    cases = list(KILLS[backend, mode])
    whole = {case: runner.train(case, tmp_path / "whole", backend, mode) for case in cases}
    for number, case in enumerate(cases):
        for share in KILLS[backend, mode][case]:
            at = int(share * whole[case].result["steps"])
            assert killed(tmp_path / "killed", backend, mode, cases[number:], at) == -9
            assert not (tmp_path / "killed" / case / "result.json").exists()
        resumed = runner.train(case, tmp_path / "killed", backend, mode)
        assert resumed.result["steps"] == whole[case].result["steps"]
        documents, arrays = zip(*(state(tmp_path / run / case) for run in ("whole", "killed")), strict=True)
        assert documents[0] == documents[1]
        assert_same_bits(*arrays)
        files = [store.read(tmp_path / run / case / "solution.collocate", "solution")[1] for run in ("whole", "killed")]
        assert_same_bits(*files)


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    co.solve(bar(), out=tmp_path, **QUICK)
    return tmp_path


def test_resume_after_the_end_trains_nothing(finished: Path) -> None:
    before, arrays = state(finished)
    events: list[Any] = []
    again = co.solve(bar(), out=finished, resume=True, callbacks=[events.append], **QUICK)
    assert events == []
    assert again.result["steps"] == 4
    assert again.result["compile_seconds"] == 0.0
    assert state(finished)[0] == before
    assert_same_bits(state(finished)[1], arrays)
    assert again(x=0.3) == co.load(finished / "solution.collocate")(x=0.3)


def test_resume_without_a_checkpoint_begins(tmp_path: Path) -> None:
    assert co.solve(bar(), out=tmp_path, resume=True, **QUICK).result["steps"] == 4


def test_without_resume_training_begins_anew(finished: Path) -> None:
    solution = co.solve(bar(), out=finished, **{**QUICK, "steps": 3})
    assert solution.history["step"] == [1, 2, 3]


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"network": (5,)}, {"dtype": "float32"}, {"backend": "jax"}, {"steps": 5}]
)
def test_resume_with_other_settings_is_refused(finished: Path, other: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match=r"belongs to another .* resume with the same settings, or train into another"):
        co.solve(bar(), out=finished, resume=True, **{**QUICK, **other})


def test_resume_of_another_problem_is_refused_but_the_reference_may_differ(finished: Path) -> None:
    with pytest.raises(StoreError, match="belongs to another"):
        co.solve(bar(scales={"u": 3}), out=finished, resume=True, **QUICK)
    assert co.solve(bar(reference=None), out=finished, resume=True, **QUICK).result["steps"] == 4


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[:-100], "cut short: 100 bytes are missing"),
        (lambda data: data[:20], "cut short"),
        (lambda data: data[:-8] + b"\x00" * 8, "checksum"),
        (lambda data: b"", "cut short"),
        (lambda data: b"PK" + data, "is not a collocate file"),
    ],
)
def test_a_damaged_checkpoint_is_refused(finished: Path, spoil: Any, said: str) -> None:
    path = checkpoint(finished)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(StoreError, match=said) as refused:
        co.solve(bar(), out=finished, resume=True, **QUICK)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.pop("optimizer"),
        lambda state: state.update(unheard_of=1),
        lambda state: state.update(phase="first"),
        lambda state: state.update(points=3),
        lambda state: state.update(best_vector=None),
        lambda state: state.update(finished={}),
    ],
)
def test_a_checkpoint_of_another_form_is_refused(finished: Path, change: Any) -> None:
    path = checkpoint(finished)
    document, arrays = store.read(path, "checkpoint")
    document["state"]["stopped_because"] = ""
    change(document["state"])
    store.write(path, "checkpoint", document, arrays)
    with pytest.raises(StoreError, match="malformed"):
        co.solve(bar(), out=finished, resume=True, **QUICK)


def test_a_solution_in_place_of_the_checkpoint_is_refused(finished: Path) -> None:
    checkpoint(finished).write_bytes((finished / "solution.collocate").read_bytes())
    with pytest.raises(StoreError, match="holds a solution; a checkpoint was expected"):
        co.solve(bar(), out=finished, resume=True, **QUICK)
