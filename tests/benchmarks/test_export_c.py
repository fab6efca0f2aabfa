"""The benchmark of the C program: what is kept is what the page shows, and it holds the bar that it is there for."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("export_c")


def test_the_page_shows_the_rows_measured_last(benchmark: ModuleType):
    kept = max((ROOT / "results").glob("export-c-*.jsonl"))
    rows = [json.loads(line) for line in kept.read_text().splitlines()][-2 * len(benchmark.BATCHES) :]
    assert len({row["date"] for row in rows}) == 1
    assert benchmark.table(rows) in benchmark.PAGE.read_text()
    assert all(row["ratio"] <= 2.0 for row in rows), "C at -O3 is within twice ONNX Runtime's time"
