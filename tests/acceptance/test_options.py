"""What `co.solve` is told, it does; what it cannot do, it says before it trains."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import tree
from collocate.errors import BackendError, PlanError, StoreError
from collocate.training import Event

from ..small import bar, membrane

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (5,), "points": 40, "steps": 3}


def quick(**settings: Any) -> co.Solution:
    return co.solve(bar(), **{**QUICK, **settings})


def bits(solution: co.Solution) -> list[bytes]:
    return [np.asarray(leaf).tobytes() for leaf in tree.leaves(solution.slabs[0].parameters)]


def trains_nothing(*arguments: Any) -> None:
    raise AssertionError("it trained")


def test_steps_and_history() -> None:
    solution = quick(steps=4)
    assert solution.result["steps"] == 4
    assert solution.result["stopped_because"] == "steps done"
    assert solution.history["step"] == [1, 2, 3, 4]
    assert solution.history["seconds"] == sorted(solution.history["seconds"])
    assert {len(column) for column in solution.history.values()} == {4}
    assert set(solution.history) == {"step", "seconds", "loss", "heldout", "error u"}


def test_callbacks_receive_events() -> None:
    events: list[Event] = []
    solution = quick(callbacks=[events.append])
    assert [event.step for event in events] == [1, 2, 3]
    assert all(isinstance(event, Event) and event.steps == 3 for event in events)
    assert [event.heldout for event in events] == solution.history["heldout"]
    assert solution.result["residual_heldout"] <= min(event.heldout for event in events)
    last = events[-1]
    assert last.phase == "levenberg_marquardt"
    assert set(last.errors) == {"u"}
    assert len(last.losses) == 1
    assert np.sqrt(sum(last.losses.values())) == pytest.approx(last.heldout)


@pytest.mark.parametrize("callbacks", [print, [3]])
def test_callbacks_are_a_list_of_functions(callbacks: Any) -> None:
    with pytest.raises(PlanError, match=r"callbacks takes a list of functions, like callbacks=\[print\]; got"):
        quick(callbacks=callbacks)


def test_time_limit_stops_after_the_step() -> None:
    solution = quick(time_limit=1e-9, steps=100)
    assert (solution.result["stopped_because"], solution.result["steps"]) == ("time limit", 1)


def test_accuracy_stops_as_soon_as_it_is_reached() -> None:
    solution = quick(accuracy=1e-2, steps=200)
    assert solution.result["stopped_because"] == "accuracy reached"
    assert solution.result["error_estimate"] <= 1e-2
    before = quick(steps=solution.result["steps"] - 1)
    assert before.result["error_estimate"] > 1e-2


def test_network_points_and_optimizer_are_overridden() -> None:
    solution = quick(network=(4, 3), points=33, optimizer="self_scaled_broyden")
    assert solution.result["parameters"] == (4 + 4) + (12 + 3) + (3 + 1)
    assert solution.result["points"] == {"interior": 33}
    assert solution.result["optimizer"] == ["self_scaled_broyden"]
    assert solution.result["network"] == {
        "kind": "mlp",
        "widths": [4, 3],
        "activation": "tanh",
        "initialisation": "glorot_normal",
        "slope": 3.0,
    }
    assert quick(network=co.MLP((4,), "sin")).result["network"]["activation"] == "sin"
    assert quick(points={"interior": 21}).result["points"] == {"interior": 21}


@pytest.mark.parametrize("optimizer", [co.Adam(learning_rate=1e-2), co.LevenbergMarquardt(), co.SelfScaledBroyden()])
def test_optimizers_as_objects(optimizer: Any) -> None:
    solution = quick(optimizer=optimizer, steps=50)
    assert solution.result["optimizer"] == [optimizer.name]
    own_options = optimizer == co.Adam(learning_rate=1e-2)
    assert (bits(quick(optimizer=optimizer.name, steps=50)) == bits(solution)) is not own_options


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"optimizer": "lbfg"}, "unknown optimizer 'lbfg'; choose 'auto', 'adam'"),
        ({"optimizer": co.Adam}, "optimizer must be 'auto', a name, or such as"),
        ({"optimizer": 3}, "optimizer must be"),
        ({"network": "mlp"}, "network must be a network"),
        ({"network": 20}, "network must be a network"),
        ({"network": (5, 0)}, "widths must be positive"),
        ({"points": 0}, "points must be a positive number"),
        ({"points": {"corner": 3}}, "points must be a positive number"),
        ({"points": 3.5}, "points must be"),
        ({"points": True}, "points must be"),
        ({"points": {"left": 5}}, r"\(m on each face\), or arrays.*got {'left': 5}"),
        ({"resume": True}, "resume=True needs out=…"),
    ],
)
def test_choices_that_do_not_fit(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        quick(**settings, callbacks=[trains_nothing])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"backend": "theano"}, "backend 'theano' is not known; choose one of 'jax', 'torch', 'tensorflow'"),
        ({"mode": "fast"}, "mode 'fast' is not known"),
        ({"dtype": "float16"}, "dtype 'float16' is not known"),
    ],
)
def test_words_that_are_not_known(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(BackendError, match=said):
        quick(**settings)


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_cuda_where_there_is_none(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    with pytest.raises(BackendError, match="cuda"):
        quick(backend=backend, device="cuda")


@pytest.mark.parametrize(
    ("backend", "install"),
    [("torch", r"collocate\[torch\]"), ("tensorflow", r"collocate\[tensorflow\]"), ("jax", "pip install jax")],
)
def test_a_backend_that_is_not_installed_names_what_to_install(
    backend: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == backend else find(name, *rest))
    with pytest.raises(BackendError, match=rf"needs {backend}, which is not installed: .*{install}"):
        quick(backend=backend)


def test_out_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        quick(out=tmp_path / "file" / "out", callbacks=[trains_nothing])
    assert (tmp_path / "file").read_text() == "in the way"


def test_out_holds_what_is_promised(tmp_path: Path) -> None:
    quick(out=tmp_path / "new" / "folder")
    found = {str(path.relative_to(tmp_path / "new" / "folder")) for path in (tmp_path / "new").rglob("*.*")}
    assert found == {"solution.collocate", "result.json", "figure.png", "checkpoint/training.collocate"}


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_float32(backend: str) -> None:
    solution = quick(backend=backend, dtype="float32", steps=25, network=(8,))
    assert solution.result["dtype"] == "float32"
    assert solution.error() < 1e-3
    assert {np.asarray(leaf).dtype.name for leaf in tree.leaves(solution.slabs[0].parameters["stages"])} <= {
        "float32",
        "float64",
    }


def test_seeds() -> None:
    assert bits(quick(seed=3)) == bits(quick(seed=3))
    assert bits(quick(seed=3)) != bits(quick(seed=4))


def test_a_seed_fixes_the_points_too() -> None:
    settings = {"backend": "torch", "mode": "eager", "network": (5,), "points": 60, "steps": 6}
    one, same = (co.solve(membrane(), seed=1, **settings) for _ in range(2))
    assert one.history["loss"] == same.history["loss"]
    assert one.history["heldout"] == same.history["heldout"]
