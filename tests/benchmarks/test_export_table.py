"""The table of exports is that of the rows which are kept, and they are of every target, framework and dtype."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collocate.exporting.parity import TOLERANCES
from collocate.exporting.targets import TARGETS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    (file,) = (ROOT / "benchmarks/results").glob("export-table-*.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import export_table  # pyright: ignore[reportMissingImports]

    return export_table


def test_the_page_shows_the_rows_that_are_kept(benchmark: Any, rows: Any, tmp_path: Path):
    page = ROOT / "docs/export.md"
    assert benchmark.table(rows) in page.read_text(encoding="utf-8")
    copy = tmp_path / "export.md"
    copy.write_bytes(page.read_bytes())
    benchmark.write(rows, copy)
    assert copy.read_bytes() == page.read_bytes()


def test_each_target_was_proven_for_each_framework_in_each_precision(benchmark: Any, rows: Any):
    expected = {
        (name, dtype, backend)
        for name in benchmark.EVERY
        for dtype in TARGETS[name].dtypes
        for backend in ("torch", "tensorflow", "jax")
    }
    assert {benchmark.key(row) for row in rows} == expected and len(rows) == len(expected)
    assert all(row["relative"] <= TOLERANCES[row["dtype"]] for row in rows)


def test_a_row_replaces_the_earlier_one(benchmark: Any, rows: Any, tmp_path: Path):
    path = tmp_path / "rows.jsonl"
    benchmark.keep(rows[:2], path)
    benchmark.keep([{**rows[0], "bytes": 7}], path)
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert kept == [rows[1], {**rows[0], "bytes": 7}]
