"""The rows of the ten verdicts that are kept: the page shows them, and none trusts what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [json.loads(line) for line in (ROOT / "benchmarks/results/verdicts.jsonl").read_text().splitlines()]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import verdicts  # pyright: ignore[reportMissingImports]

    return verdicts


def test_the_page_shows_the_rows_that_are_kept(benchmark: Any):
    assert benchmark.table(ROWS) in (ROOT / "docs/why/verdict.md").read_text(encoding="utf-8")


def test_there_is_a_row_for_each_case(benchmark: Any):
    assert [row["case"] for row in ROWS] == [case.name for case in benchmark.cases()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["case"])
def test_what_is_trusted_is_right_to_what_is_claimed(row: dict[str, Any]):
    if row["trusted"]:
        assert row["right"]
        assert row["error"] <= row["estimate"] <= row["accuracy"]
    else:
        assert row["accuracy"] is None
        assert row["summary"].startswith("no verdict: " if row.get("undecided") else "do not trust: ")


def test_five_and_more_are_wrong_and_said_to_be():
    assert sum(not row["right"] for row in ROWS) >= 5
    fooled = next(row for row in ROWS if row["case"] == "too few points: Burgers")
    assert fooled["loss"] < 1e-7 and fooled["error"] > 0.25 and not fooled["trusted"]
