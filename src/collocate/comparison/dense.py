"""The lectures' own measurement: a small dense network on a table, in each framework's own words.

    Dense 64, relu – Dense 1;  mean squared error, Adam (1e-3), batches of 32, 10 epochs, float32
    y = x·w + sin 3x₁ + 0.1 ε:  1,024 rows of 10 columns, drawn by NumPy

Each framework trains as its tutorials do: Keras by `compile` and `fit`, PyTorch by a loop over a DataLoader, JAX by a
compiled step of optax. These scripts lie in `dense_scripts`, hold nothing of collocate, and each run is a fresh process
on the CPU. It says what a small ordinary training costs, starting included; of equations it says nothing.
"""

from __future__ import annotations

import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collocate import __version__, compilation_cache
from collocate.backends import select
from collocate.comparison import machine
from collocate.errors import BackendError, StatementError
from collocate.tables import table as drawn

SCRIPTS = Path(__file__).with_name("dense_scripts")
BACKENDS = ("torch", "tensorflow", "jax")
ROWS, COLUMNS, BATCH, EPOCHS = 1024, 10, 32, 10
SETTINGS = {"rows": ROWS, "columns": COLUMNS, "batch": BATCH, "epochs": EPOCHS}
LONGEST = 600.0  # seconds of a run; then it counts as failed
# Where a GPU is there, TensorFlow and JAX would take it by themselves and PyTorch would not.
ON_THE_CPU = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}

Row = dict[str, Any]
# {name in a row: (heading, unit it is shown in, digits after the point)}
QUANTITIES = {
    "train_seconds": ("training, s", 1.0, 2),
    "later_seconds": ("without the first epoch, s", 1.0, 3),
    "import_seconds": ("import, s", 1.0, 1),
    "peak_rss_bytes": ("peak memory, MB", 1e6, 0),
}


def measure(
    backends: Sequence[str] = BACKENDS,
    repeats: int = 5,
    *,
    epochs: int = EPOCHS,
    tell: Callable[[str], None] = lambda line: None,
) -> list[Row]:
    """One row a run: the backends take turns, and who begins changes from round to round.

    A row: backend, repeat, order (of the run among all), version, import_seconds, epoch_seconds (a list), train_seconds
    (their sum), later_seconds (without the first epoch, in which compilation falls), loss (mean square after training,
    over all rows), peak_rss_bytes (None where the system does not tell), failed (None, or the end of what it said).

    Raises BackendError for a backend that is not known or not installed, StatementError for counts that say nothing.
    """
    _check(backends, repeats, epochs)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.npz"
        np.savez(table, allow_pickle=False, epochs=epochs, batch=BATCH, **data())
        for repeat in range(repeats):
            first = repeat % len(backends)
            for backend in (*backends[first:], *backends[:first]):
                rows.append({"backend": backend, "repeat": repeat, "order": len(rows), **_run(backend, table)})
                tell(_line(rows[-1]))
    return rows


def data() -> dict[str, np.ndarray]:
    """{"x": (ROWS, COLUMNS), "y": (ROWS, 1)} in float32, always the same."""
    draw = np.random.default_rng(0)
    x, weight = draw.standard_normal((ROWS, COLUMNS)), draw.standard_normal(COLUMNS)
    y = x @ weight + np.sin(3 * x[:, 0]) + 0.1 * draw.standard_normal(ROWS)
    return {"x": x.astype(np.float32), "y": y[:, None].astype(np.float32)}


def _check(backends: Sequence[str], repeats: int, epochs: int) -> None:
    if not backends or repeats < 1 or epochs < 2:
        raise StatementError(
            f"{len(backends)} backends, {repeats} repeats and {epochs} epochs were given; at least one backend, one "
            "repeat and two epochs are needed, since the first epoch is told apart"
        )
    installed = select.installed()
    for backend in backends:
        if backend not in BACKENDS:
            raise BackendError(f"backend {backend!r} is not known; choose from {', '.join(BACKENDS)}")
        if backend not in installed:
            raise BackendError(f"backend {backend!r} is not installed; there are {', '.join(installed)}")


def _run(backend: str, table: Path) -> Row:
    script = SCRIPTS / f"{backend}.py.txt"
    command = [sys.executable, "-P", str(SCRIPTS / "measured.py.txt"), str(script), str(table)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, env=_environment())
        row = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {LONGEST:.0f} s"}
    except (json.JSONDecodeError, IndexError):
        return {"failed": done.stderr[-500:]}
    first, *later = row["epoch_seconds"]
    return {**row, "train_seconds": first + sum(later), "later_seconds": sum(later), "failed": None}


def _environment() -> dict[str, str]:
    """Of a run: this process's, without the caches that collocate sets for its own trainings."""
    own = {*compilation_cache.VARIABLES.values(), *compilation_cache.ALSO}
    return {name: value for name, value in os.environ.items() if name not in own} | ON_THE_CPU


def _line(row: Row) -> str:
    told = row["failed"] or f"training {row['train_seconds']:.2f} s, import {row['import_seconds']:.1f} s"
    return f"dense, run {row['order'] + 1}, {row['backend']}: {told}"


def summary(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """For each backend: version, runs, failed, loss (median), and of QUANTITIES {"median", "lowest", "highest"} each;
    None where no run tells."""
    rows = list(rows)
    found = []
    for backend in dict.fromkeys(row["backend"] for row in rows):
        runs = [row for row in rows if row["backend"] == backend]
        good = [row for row in runs if row["failed"] is None]
        entry = {"backend": backend, "runs": len(runs), "failed": len(runs) - len(good)}
        entry["version"] = good[0]["version"] if good else None
        entry["loss"] = statistics.median(row["loss"] for row in good) if good else None
        found.append(entry | {name: _spread([row[name] for row in good]) for name in QUANTITIES})
    return found


def _spread(values: Sequence[float | None]) -> dict[str, float] | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    return {"median": statistics.median(known), "lowest": min(known), "highest": max(known)}


def result(
    backends: Sequence[str] = BACKENDS, repeats: int = 5, *, tell: Callable[[str], None] = lambda line: None
) -> dict[str, Any]:
    """What `collocate compare --workload dense` keeps: `measure`'s rows, their summary, and where they come from."""
    before = machine.load()
    rows = measure(backends, repeats, tell=tell)
    return {
        "schema": 1,
        "workload": "dense",
        "made": {"collocate": __version__, "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")},
        "machine": {**machine.describe(), "load_before": before, "load_after": machine.load()},
        "settings": {"backends": list(backends), "repeats": repeats, **SETTINGS},
        "rows": rows,
        "summary": summary(rows),
    }


def table(found: Sequence[dict[str, Any]]) -> str:
    """A summary for people: the median of the runs, and from the lowest to the highest in brackets."""
    headings = ("backend", *(heading for heading, _, _ in QUANTITIES.values()), "loss after", "runs")
    return drawn(headings, [cells(entry) for entry in found])


def cells(entry: dict[str, Any]) -> tuple[str, ...]:
    """A row of the table, as text."""
    name = " ".join(filter(None, (entry["backend"], entry["version"])))
    shown = [_shown(entry[quantity], unit, digits) for quantity, (_, unit, digits) in QUANTITIES.items()]
    runs = f"{entry['runs']}, {entry['failed']} failed" if entry["failed"] else str(entry["runs"])
    return (name, *shown, "" if entry["loss"] is None else f"{entry['loss']:.2f}", runs)


def _shown(spread: dict[str, float] | None, unit: float, digits: int) -> str:
    if spread is None:
        return ""
    median, lowest, highest = (f"{spread[name] / unit:.{digits}f}" for name in ("median", "lowest", "highest"))
    return f"{median} ({lowest} to {highest})"
