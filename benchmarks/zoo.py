"""The zoo: every problem with its default settings, each in a process of its own; one row a run.

    python benchmarks/zoo.py [NAME …] [--backend jax] [--seed 0] [--time-limit SECONDS] [--keep DIR]

A row is what `collocate solve NAME --json` prints, with the machine, the date and the commit. Rows are added to the
result file as they come; a run that the file holds, of the same problem, backend, seed, time limit and source, is
skipped, so the command may be stopped and called again. The table of what is there is printed at the end.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derivatives import machine

from collocate import problems

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"
KEY = ("problem", "backend", "seed", "time_limit", "source")
HEADINGS = ("problem", "relative L2 error", "largest error", "held-out residual", "steps", "training, s", "stopped")


def run(name: str, backend: str, seed: int, time_limit: float | None, keep: Path | None) -> dict[str, Any]:
    """One run in a fresh process. Its row has `failed`, the end of what it said, where it gave no result."""
    command = [sys.executable, "-c", "from collocate.cli.main import app; app()", "solve", name, "--json", "--quiet"]
    command += ["--backend", backend, "--seed", str(seed)]
    command += ["--time-limit", str(time_limit)] if time_limit else []
    command += ["--out", str(keep / name)] if keep else []
    load = machine()["load"]
    done = subprocess.run(command, capture_output=True, text=True)
    row = {"problem": name, "backend": backend, "seed": seed, "time_limit": time_limit, "source": source(name)}
    row |= {"date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "commit": commit()}
    row |= {"machine": machine() | {"load": load}}
    try:
        return json.loads(done.stdout) | row
    except json.JSONDecodeError:
        return row | {"failed": done.stderr[-500:]}


def source(name: str) -> str:
    """A digest of the problem's file: a changed statement or setting is another run."""
    return hashlib.sha256(Path(problems.__file__).with_name(f"{name}.py").read_bytes()).hexdigest()[:12]


def commit() -> str:
    """The commit, with a + where tracked files differ from it; empty outside a repository."""
    told = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip()


def held(path: Path) -> list[dict[str, Any]]:
    """The rows of a result file; none where there is no file."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in KEY)


def table(rows: Iterable[dict[str, Any]]) -> str:
    """In Markdown, the latest row of each problem and backend."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    for row in {(row["problem"], row["backend"]): row for row in rows}.values():
        lines.append(f"| {' | '.join(_cells(row))} |")
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> Iterable[str]:
    called = f"{row['problem']} ({row['backend']})"
    if "failed" in row:
        return (called, *[""] * 5, f"failed: {row['failed'].strip().splitlines()[-1] if row['failed'].strip() else ''}")
    error, largest = (_by_name(row[measure]) for measure in ("relative_l2", "max_error"))
    heldout = _figure(row["residual_heldout"])
    return called, error, largest, heldout, str(row["steps"]), f"{row['train_seconds']:.0f}", row["stopped_because"]


def _by_name(values: dict[str, float] | None) -> str:
    return ", ".join(f"{name} {_figure(value)}" for name, value in (values or {}).items())


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1e}"


def default_path(kind: str = "zoo") -> Path:
    processor = re.sub(r"[^a-z0-9]+", "-", machine()["processor"].lower().replace("(r)", "")).strip("-")
    return RESULTS / f"{kind}-{processor}-{machine()['cores']}-cores.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, where none is given")
    parser.add_argument("--backend", default="jax")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--time-limit", type=float)
    parser.add_argument("--keep", type=Path, help="leave each solution in a folder of its own there")
    parser.add_argument("--result", type=Path, default=None, help="the file of rows")
    given = parser.parse_args()
    path = given.result or default_path()
    done = {key(row) for row in held(path)}
    for name in given.names or problems.names():
        wanted = (name, given.backend, given.seed, given.time_limit, source(name))
        if wanted in done:
            continue
        row = run(name, given.backend, given.seed, given.time_limit, given.keep)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        print(table([row]).splitlines()[-1], flush=True)
    print(table(held(path)))


if __name__ == "__main__":
    main()
