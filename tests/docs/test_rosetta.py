"""The page that sets TensorFlow, PyTorch, JAX and collocate side by side: its blocks run, and their results agree."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .blocks import ROOT, ROSETTA, blocks

RUNNER = Path(__file__).with_name("run_rosetta.py")
SIDES = ("TensorFlow", "PyTorch", "JAX", "collocate")
AT_ONCE = 2  # processes, with a thread each
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT / "src"), "MPLBACKEND": "Agg", "TF_CPP_MIN_LOG_LEVEL": "2", "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1",
}  # fmt: skip


@dataclass
class Entry:
    """One heading: what each side left in `result`, and what the page says it is."""

    title: str
    line: int
    stated: np.ndarray | None = None
    loose: tuple[str, float] | None = None  # (side, or "" for all, tolerance) where the page gives one
    results: dict[str, tuple[str, np.ndarray]] = field(default_factory=dict)

    def tolerance(self, side: str) -> float:
        if self.loose and self.loose[0] in ("", side):
            return self.loose[1]
        return 1e-6 if self.results[side][0] == "float32" else 1e-12


def side_of(text: str) -> str:
    return text.partition("\n")[0].removeprefix("# ")


def entries() -> list[Entry]:
    """The headings of the page after the set-up, with the answer that is printed below."""
    found: list[Entry] = []
    for number, line in enumerate(ROSETTA.read_text(encoding="utf-8").splitlines(), start=1):
        heading = re.fullmatch(r"##+ (.*)", line)
        stated = re.fullmatch(r"Result(?: \((?:(\w+) )?to (1e-\d+)\))?: `(.*)`", line)
        if heading:
            found.append(Entry(heading[1], number))
        elif stated:
            found[-1].stated = np.array(ast.literal_eval(stated[3]))
            found[-1].loose = (stated[1] or "", float(stated[2])) if stated[2] else None
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The entries with their results; the set-up of each framework is the first block of its side."""
    found = entries()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        left = pool.map(run, SIDES, [tmp_path_factory.mktemp(side) for side in SIDES])
        for side, results in zip(SIDES, left, strict=True):
            for line, (dtype, values) in results.items():
                entry = [entry for entry in found if entry.line < line][-1]
                entry.results[side] = (dtype, np.array(values))
    return found


def run(side: str, folder: Path) -> dict[int, tuple[str, Any]]:
    """{line of the block: (dtype, values) of its `result`}, where it left one; in a process of its own."""
    asked = [(block.line, block.text) for block in blocks(ROSETTA, "python") if side_of(block.text) == side]
    done = subprocess.run(
        [sys.executable, str(RUNNER)],
        input=json.dumps({"page": str(ROSETTA), "blocks": asked}),
        env={**os.environ, **ENVIRONMENT},
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{side}\n{done.stderr[-3000:]}"
    results = json.loads(done.stdout.splitlines()[-1])
    return {line: result for (line, _), result in zip(asked[1:], results, strict=True) if result}


def test_every_block_says_whose_it_is_and_shows_something():
    set_up = set()
    for block in blocks(ROSETTA, "python"):
        side = side_of(block.text)
        assert side in SIDES, f"line {block.line}"
        if side in set_up:
            assert re.search(r"\bresult\b|\bassert\b|\bprint\(", block.text), f"line {block.line}"
        set_up.add(side)


@pytest.mark.slow
def test_results_agree_across_frameworks_and_with_the_page(page: list[Entry]):
    told = [entry for entry in page if entry.stated is not None]
    assert len(told) == len(re.findall("^Result", ROSETTA.read_text(encoding="utf-8"), re.MULTILINE)) > 0
    for entry in told:
        assert {"TensorFlow", "PyTorch", "JAX"} <= set(entry.results), entry.title
        for side, (_, values) in entry.results.items():
            # The page rounds to eight digits or more.
            near(values, entry.stated, max(1e-8, entry.tolerance(side)), f"{entry.title}: {side} and the page")
            for other, (_, others) in entry.results.items():
                within = max(entry.tolerance(side), entry.tolerance(other))
                near(values, others, within, f"{entry.title}: {side} and {other}")


def near(values: np.ndarray, others: Any, tolerance: float, what: str) -> None:
    np.testing.assert_allclose(values, others, rtol=tolerance, atol=tolerance, err_msg=what)


def test_what_the_table_at_the_top_names_is_shown_below():
    """In a block of its side; collocate's, where it has no block, in the text."""
    above, _, below = ROSETTA.read_text(encoding="utf-8").partition("## Set-up")
    shown = {side: "".join(b.text for b in blocks(ROSETTA, "python") if side_of(b.text) == side) for side in SIDES}
    shown["collocate"] = below
    anchors = {re.sub(r"[^\w -]", "", entry.title.lower()).replace(" ", "-") for entry in entries()}
    rows = re.findall(r"^\| \[.*?\]\(#(.*?)\) \|(.*)\|$", above, re.MULTILINE)
    assert rows
    for anchor, row in rows:
        assert anchor in anchors
        for side, cell in zip(SIDES, row.split("|"), strict=True):
            for name in re.findall(r"`(.*?)`", cell):
                assert name in shown[side], f"{side}: {name}"
