"""The table of exports is that of the rows which are kept, and they are of every target, framework and dtype."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collocate.exporting.parity import TOLERANCES
from collocate.exporting.targets import TARGETS

ROOT = Path(__file__).parents[2]
(FILE,) = (ROOT / "benchmarks/results").glob("export-[!c]*.jsonl")
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import export_table  # pyright: ignore[reportMissingImports]

    return export_table


def test_the_page_shows_the_rows_that_are_kept(benchmark: Any, tmp_path: Path):
    page = ROOT / "docs/export.md"
    assert benchmark.table(ROWS) in page.read_text(encoding="utf-8")
    copy = tmp_path / "export.md"
    copy.write_bytes(page.read_bytes())
    benchmark.write(ROWS, copy)
    assert copy.read_bytes() == page.read_bytes()


def test_each_target_was_proven_for_each_framework_in_each_precision(benchmark: Any):
    expected = {
        (name, dtype, backend)
        for name in benchmark.EVERY
        for dtype in TARGETS[name].dtypes
        for backend in ("torch", "tensorflow", "jax")
    }
    assert {benchmark.key(row) for row in ROWS} == expected and len(ROWS) == len(expected)
    assert all(row["relative"] <= TOLERANCES[row["dtype"]] for row in ROWS)


def test_a_row_replaces_the_earlier_one(benchmark: Any, tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    benchmark.keep(ROWS[:2], path)
    benchmark.keep([{**ROWS[0], "bytes": 7}], path)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert rows == [ROWS[1], {**ROWS[0], "bytes": 7}]
