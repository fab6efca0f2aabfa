"""collocate beside DeepXDE, PINA, jinns and loops written by hand: step time and memory, error against time.

    python benchmarks/peers/measure.py [step|accuracy] [--repeats 3] [--only NAME] [--steps 150]
    python benchmarks/peers/measure.py write                  # docs/performance.md and its figure; measures nothing

Each case is a fresh process, in the virtual environment of its peer (`environments.py`); repeats go through all cases
in turn, every second one backwards. Rows are added to benchmarks/results/peers-*.jsonl as they come, and a run that is
held is skipped: either command may be stopped and called again. A row is held for its case, its repeat,
the cores that it may use (`taskset` takes some away), and its `version`: a digest of the runner, of the peer's
requirements, and for collocate of the sources that decide training. One that failed, or had to share the machine (by
the load), is run again by the next call.
Without a table both are measured, `step` first; `accuracy` has one repeat unless told otherwise.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import page  # noqa: E402
import runs  # noqa: E402
from cases import ACCURACY, STEP, Case  # noqa: E402
from derivatives import machine  # noqa: E402
from environments import REQUIREMENTS, python  # noqa: E402

from collocate.cores import usable_cores  # noqa: E402

PAGE = runs.ROOT / "docs" / "performance.md"
KEY = ("peer", "backend", "table", "variant", "repeat", "version", "cores_used")
LONGEST = 900.0  # seconds of one process


def version(case: Case) -> str:
    """The digest of what decides this case's numbers."""
    digest = hashlib.sha256((HERE / "clock.py").read_bytes() + (HERE / case.runner).read_bytes())
    if case.environment:
        digest.update(repr(REQUIREMENTS[case.environment]).encode())
    if case.peer == "collocate":
        digest.update(runs.version("poisson2d" if case.table == "poisson" else "burgers").encode())
    return digest.hexdigest()[:12]


def asked(given: argparse.Namespace) -> Iterator[tuple[Case, int]]:
    """Cases and repeats, every second repeat backwards."""
    for table, cases, repeats in (("step", STEP, 3), ("accuracy", ACCURACY, 1)):
        if given.table not in (None, table):
            continue
        chosen = [case for case in cases if given.only is None or given.only in case.name]
        for repeat in range(given.repeats or repeats):
            yield from ((case, repeat) for case in (chosen if repeat % 2 == 0 else reversed(chosen)))


def wanted(case: Case, repeat: int) -> dict[str, Any]:
    """The key of a run, by name."""
    found = (case.peer, case.backend, case.table, case.variant, repeat, version(case), usable_cores())
    return dict(zip(KEY, found, strict=True))


def run(case: Case, repeat: int, steps: int) -> dict[str, Any]:
    """The row of one process; where it gave none, `failed` has the end of what it said."""
    row = wanted(case, repeat) | {"commit": runs.commit(), "machine": machine()}
    row["date"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    interpreter = str(python(case.environment)) if case.environment else sys.executable
    told = json.dumps({**case.given, "repeat": repeat, "steps": steps})
    started = time.perf_counter()
    try:
        done = subprocess.run([interpreter, str(HERE / case.runner), case.table, told], capture_output=True, text=True,
                              env=_environment(case), timeout=LONGEST)  # fmt: skip
        found = json.loads(done.stdout.splitlines()[-1])
    except (json.JSONDecodeError, IndexError):
        return row | {"failed": done.stderr[-800:]}
    except subprocess.TimeoutExpired:
        return row | {"failed": f"not done after {LONGEST:.0f} s"}
    return row | {"wall_seconds": time.perf_counter() - started, "load_after": os.getloadavg()[0]} | found


def _environment(case: Case) -> dict[str, str]:
    """This process's, less what would bring our packages into a peer's or slow BLAS down."""
    found = runs.environment() | dict(case.variables)
    if case.environment:
        found.pop("PYTHONPATH", None)
    return found


def rates() -> dict[str, Any]:
    """Matrix products of 1024 × 1024 in each precision: operations a second, the best of five."""
    code = "import numpy as np, time, json\n"
    code += "def rate(kind):\n a = np.ones((1024, 1024), kind); best = 9e9\n for _ in range(6):\n"
    code += "  s = time.perf_counter(); a @ a; best = min(best, time.perf_counter() - s)\n return 2 * 1024**3 / best\n"
    code += "print(json.dumps({'sgemm': rate('float32'), 'dgemm': rate('float64')}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=runs.environment())
    return json.loads(done.stdout)


def told(row: dict[str, Any]) -> str:
    """A row in one line."""
    which = " ".join(filter(None, (row["peer"], row["backend"], row["variant"], row["table"], str(row["repeat"]))))
    if "failed" in row:
        return f"{which}: failed: {' '.join(row['failed'].split()[-40:])}"
    if row["table"] == "step":
        time, used = (1e3 * float(np.median(row[name])) for name in ("turns", "processor"))
        return (f"{which}: {time:.1f} ms a step, {used:.1f} ms of processors, first {row['first_seconds']:.1f} s, "
                f"{row['peak_rss_bytes'] / 1e6:.0f} MB, load {row['load_after']:.1f}")  # fmt: skip
    return f"{which}: {row['error']:.1e} in {row['seconds']:.0f} s"


def measure(given: argparse.Namespace) -> None:
    path = given.result or runs.default_path("peers")
    rows = [row for row in runs.held(path) if row["table"] != "machine" and "failed" not in row and page.quiet(row)]
    done = {tuple(row[name] for name in KEY) for row in rows}
    missing = [(case, repeat) for case, repeat in asked(given) if tuple(wanted(case, repeat).values()) not in done]
    for name in {case.environment for case, _ in missing if case.environment}:
        python(name)
    if missing:
        runs.add({"table": "machine", "machine": machine(), "rates": rates()}, path)
    for case, repeat in missing:
        row = run(case, repeat, given.steps)
        runs.add(row, path)
        print(told(row), flush=True)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("table", nargs="?", choices=("step", "accuracy", "write"))
    found.add_argument("--repeats", type=int, help="3 for step, 1 for accuracy")
    found.add_argument("--only", metavar="NAME", help="cases whose name has this in it, such as 'deepxde jax'")
    found.add_argument("--steps", type=int, default=150, help="of Adam, a multiple of 50; the first 50 are not counted")
    found.add_argument("--result", type=Path, help="the file of rows")
    found.add_argument("--page", type=Path, default=PAGE, help="a figure goes into the folder figures beside it")
    return found


def main() -> None:
    given = parser().parse_args()
    if given.table != "write":
        measure(given)
        return
    paths = [given.result] if given.result else sorted(runs.RESULTS.glob("peers-*.jsonl"))
    page.write([row for path in paths for row in runs.held(path)], given.page)


if __name__ == "__main__":
    main()
