"""The load on a server: what counts as a fault; and the page on serving says what was measured, without one."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ROWS = ROOT / "benchmarks" / "results" / "serve-load-amd-epyc-2-cores.jsonl"
GOOD = {"wrong": [], "all": {"requests": 7}, "tracebacks": 0, "exit_code": 0, "rss_bytes": [80, 100, 101]}


@pytest.fixture
def serve_load(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return import_module("serve_load")


def test_a_server_under_load_answers_right(serve_load: ModuleType):
    """The whole of it, small; memory is not looked at, since nothing has settled in two seconds."""
    row = serve_load.run(clients=4, seconds=2.0, workers=1)
    assert serve_load.faults({**row, "rss_bytes": [1]}) == []
    assert {name.rpartition(", ")[0] for name in row["good"]} == {
        "predict, rows", "predict, columns", "infer, JSON", "infer, binary",
    }  # fmt: skip
    assert row["bad"]


@pytest.mark.parametrize(
    ("memory", "grown"),
    [([100, 300, 400, 400, 400, 400], 0.0), ([400] * 3 + [100] * 3 + [110] * 3, 0.1), ([100, 100, 90], -0.1), ([7], 0)],
)
def test_growth_is_that_of_the_last_third_over_the_middle_one(serve_load: ModuleType, memory: list[int], grown: float):
    assert serve_load.growth(memory) == pytest.approx(grown)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"wrong": ["NaN: 200"]}, ["wrong: NaN: 200"]),
        ({"all": {"requests": 0}}, ["no good request was answered"]),
        ({"tracebacks": 1}, ["1 tracebacks in the server's log"]),
        ({"exit_code": -9}, ["the server ended with -9"]),
        ({"rss_bytes": [100, 100, 104]}, ["memory is not flat: it grew by 4.0% within a third of the run"]),
    ],
)
def test_each_fault_is_told(serve_load: ModuleType, changed: dict[str, Any], told: list[str]):
    assert serve_load.faults({**GOOD, **changed}) == told


def test_the_page_holds_the_last_row(serve_load: ModuleType):
    row = json.loads(ROWS.read_text().splitlines()[-1])
    assert serve_load.faults(row) == []
    assert (row["clients"], row["seconds"], row["workers"]) == (100, 30.0, 1)
    memory = [round(each / 2**20) for each in row["rss_bytes"]]
    page = (ROOT / "docs" / "how-to" / "serving.md").read_text(encoding="utf-8")
    for told in (
        f"{row['all']['requests']:,} good requests",
        f"within {row['all']['p50'] * 1e3:.0f} ms",
        f"within {row['all']['p99'] * 1e3:.0f} ms",
        f"{sum(row['bad'].values()):,} bad ones",
        f"{memory[0]} MiB after 5 seconds and {memory[-1]} MiB at the end",
        f"{100 * serve_load.growth(row['rss_bytes']):.1f} % from the middle third of the run to the last",
    ):
        assert told in page
