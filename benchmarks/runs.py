"""Runs of the zoo, each in a process of its own, kept as rows of JSON: the store that the benchmarks share.

A row is what `collocate solve NAME --json` prints, with the machine, its load before, the date, the commit, and the
curve of error against time. A row is found again by its KEY. Its `version` is a digest of the sources that decide what
training does and of the problem's file: with any change there, also of a comment, it is another run.

OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE are taken out of the child's environment: they choose kernels that do not fit
the processor (matrix products take 1.75 times as long on the machine of these rows), and a user has neither.

The run leaves its solution in a folder, from which the history is read; the checkpoints that go with that, one in ten
seconds, are part of its time.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from derivatives import machine

import collocate as co
from collocate.comparison import recorded
from collocate.comparison.processes import SLOWING

HERE = Path(__file__).resolve().parent
ROOT, RESULTS = HERE.parent, HERE / "results"
SOURCES = Path(co.__file__).parent
# What decides what training does. Left out: the store, pictures, reports, commands, references, `verify`.
DECISIVE = (
    *("tree.py", "cores.py", "backends", "jets", "expressions", "geometry", "statement", "networks", "planning"),
    *("residuals", "weighting", "sampling", "optimizers", "training"),
    *("solution/solve.py", "solution/watch.py", "solution/grids.py"),
)
KEY = ("problem", "backend", "seed", "variant", "time_limit", "version")


def wanted(
    name: str, backend: str, seed: int, time_limit: float | None = None, variant: str | None = None
) -> dict[str, Any]:
    """The key of a run, by name; `variant` is one of `variants.py`, None for `collocate solve` as it is."""
    return dict(zip(KEY, (name, backend, seed, variant, time_limit, version(name)), strict=True))


def version(name: str) -> str:
    """The digest of DECISIVE sources and of the problem's file."""
    files = [path for part in DECISIVE for path in _python_files(SOURCES / part)]
    digest = hashlib.sha256()
    for path in (*files, SOURCES / "problems" / f"{name}.py"):
        digest.update(path.relative_to(SOURCES).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _python_files(path: Path) -> list[Path]:
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def missing(asked: Iterable[Mapping[str, Any]], path: Path) -> Iterator[dict[str, Any]]:
    """Those of the asked runs that the file of rows does not hold; one that failed is tried again."""
    done = {key(row) for row in held(path) if "failed" not in row}
    return (dict(each) for each in asked if key(each) not in done)


def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in KEY)


def held(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; none where there is no file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def add(row: Mapping[str, Any], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, allow_nan=False) + "\n")


def run(asked: Mapping[str, Any], keep: Path | None = None) -> dict[str, Any]:
    """One run in a fresh process, its solution left in `keep`. Where it gave no result the row has `failed`, the end of
    what it said."""
    where = machine()  # with the load before
    row = {**asked, "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
    row |= {"commit": commit(), "machine": where}
    with tempfile.TemporaryDirectory() as folder:
        out = keep or Path(folder)
        done = subprocess.run(_command(asked, out), capture_output=True, text=True, env=environment())
        try:
            result = json.loads(done.stdout)
        except json.JSONDecodeError:
            return row | {"failed": done.stderr[-500:]}
        # In slabs the residual and the error are of one slab at a time: no curve.
        whole = result["slabs"] == 1 and result["solved_until"] is None
        history = co.load(out / "solution.collocate", backend="numpy").history if whole else {}
    return result | row | {"curve": curve(history)}


def _command(asked: Mapping[str, Any], out: Path) -> list[str]:
    plain = ["-c", "from collocate.cli.main import app; app()"]
    command = [sys.executable, *([str(HERE / "variants.py"), asked["variant"]] if asked["variant"] else plain)]
    command += ["solve", asked["problem"], "--json", "--quiet", "--out", str(out)]
    command += ["--backend", asked["backend"], "--seed", str(asked["seed"])]
    return command + (["--time-limit", str(asked["time_limit"])] if asked["time_limit"] else [])


def environment() -> dict[str, str]:
    """Of the child: this one's, without what slows BLAS down."""
    return {name: value for name, value in os.environ.items() if name not in SLOWING}


def curve(history: Mapping[str, Any]) -> dict[str, list[float]]:
    """{"seconds": […], field: [error, …]} of `comparison.recorded.course`, at no more than its POINTS times; {} where
    no error or no time is known."""
    if not any(name.startswith("error ") for name in history):
        return {}
    found = recorded.course(history)
    if not found.seconds.size:
        return {}
    shown = recorded.thinned(found.seconds)
    columns = {"seconds": found.seconds} | found.errors
    return {name: [float(f"{value:.4g}") for value in values[shown]] for name, values in columns.items()}


def commit() -> str:
    """The commit, with a + where tracked files differ from it; empty outside a repository."""
    told = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=ROOT, capture_output=True, text=True)
    return told.stdout.strip()


def default_path(kind: str) -> Path:
    """The file of rows of this kind of this machine."""
    found = machine()
    processor = re.sub(r"[^a-z0-9]+", "-", found["processor"].lower().replace("(r)", "")).strip("-")
    return RESULTS / f"{kind}-{processor}-{found['cores']}-cores.jsonl"
