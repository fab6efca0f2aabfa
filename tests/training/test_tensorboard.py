"""The log for TensorBoard, read back."""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboardX.proto import event_pb2

import collocate as co
from collocate.errors import PlanError, StoreError
from collocate.training import tensorboard

from ..small import bar, heat

QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (4,), "points": 30, "callbacks": []}


def read(folder: Path) -> dict[str, list[tuple[int, Any]]]:
    """{tag: [(step, value)]} of the one event file: records of length, its checksum, data, its checksum."""
    (path,) = folder.glob("events.out.tfevents.*")
    data, at = path.read_bytes(), 0
    found = defaultdict(list)
    while at < len(data):
        length = int.from_bytes(data[at : at + 8], "little")
        event = event_pb2.Event.FromString(data[at + 12 : at + 12 + length])
        at += length + 16
        for value in event.summary.value:
            found[value.tag].append((event.step, value))
    return dict(found)


def test_what_was_trained_is_in_the_log(tmp_path: Path):
    events: list[Any] = []
    settings = {**QUICK, "optimizer": "adam", "steps": 200, "callbacks": [events.append]}
    co.solve(heat(), **settings, weighting={"equation": 2.0}, log_dir=tmp_path)
    log = read(tmp_path)
    for tag, values in {
        "loss/training": [event.loss for event in events],
        "loss/heldout": [event.heldout for event in events],
        "loss/equation": [event.losses["equation"] for event in events],
        "error/u": [event.errors["u"] for event in events],
        "learning_rate": [event.learning_rate for event in events],
        "weight/equation": [2.0] * 4,
    }.items():
        assert [step for step, _ in log[tag]] == [50, 100, 150, 200]
        np.testing.assert_allclose([value.simple_value for _, value in log[tag]], values, rtol=1e-6)
    pictures = log["field/u"]
    assert [step for step, _ in pictures] == [50, 100, 200]
    assert (pictures[0][1].image.height, pictures[0][1].image.width) == (129, 129)
    histograms = [tag for tag in log if tag.startswith("parameters/network/")]
    assert len(histograms) == 4 and log[histograms[0]][0][1].histo.num > 0
    text = {tag: log[tag][0][1].tensor.string_val[0].decode() for tag in log if "text_summary" in tag}
    assert any("u_xx" in said for said in text.values())
    assert any("| optimizer | adam |" in said for said in text.values())


def test_one_coordinate_is_a_curve(tmp_path: Path):
    co.solve(bar(), **QUICK, steps=2, log_dir=tmp_path)
    assert len(read(tmp_path)["field/u"]) == 2


def test_without_tensorboardx_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        tensorboard.importlib.util,
        "find_spec",
        lambda name, *rest: None if name == "tensorboardX" else find(name, *rest),
    )
    with pytest.raises(PlanError, match=r'log_dir needs tensorboardX, .* pip install "collocate\[tensorboard\]"'):
        co.solve(bar(), **QUICK, steps=2, log_dir=tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write the log into"):
        co.solve(bar(), **QUICK, steps=2, log_dir=tmp_path / "file" / "log")
