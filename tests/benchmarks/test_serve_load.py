"""The page on serving says what was measured; no good request was answered wrong."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = ROOT / "benchmarks" / "results" / "serve-load-amd-epyc-2-cores.jsonl"


def test_the_page_holds_the_last_row():
    row = json.loads(ROWS.read_text().splitlines()[-1])
    assert (row["wrong"], row["tracebacks"], row["exit_code"]) == ([], 0, 0)
    assert (row["clients"], row["seconds"], row["workers"]) == (100, 30.0, 1)
    memory = [round(each / 2**20) for each in row["rss_bytes"]]
    page = (ROOT / "docs" / "how-to" / "serving.md").read_text(encoding="utf-8")
    for told in (
        f"{row['all']['requests']:,} good requests",
        f"within {row['all']['p50'] * 1e3:.0f} ms",
        f"within {row['all']['p99'] * 1e3:.0f} ms",
        f"{sum(row['bad'].values()):,} bad ones",
        f"{memory[0]} MiB after 5 seconds and {memory[-1]} MiB at the end",
    ):
        assert told in page
