"""How many digits, in what time: rows by (problem, backend, seed, version of the solver), and the page made of them.

    python benchmarks/accuracy.py run [NAME …] [--backend jax] [--seeds 0 1 2] [--time-limit SECONDS] [--keep DIR]
    python benchmarks/accuracy.py ablation [NAME …] [--backend jax] [--seeds 0] [--time-limit 120]
    python benchmarks/accuracy.py write                     # docs/accuracy.md and its figures; trains nothing

`run` is `collocate solve NAME` for each seed, with default settings; no NAME means the whole zoo, no seeds the three of
THRICE or else 0. `ablation` is the default and, one at a time, each variant of `variants.py`, all with the same limit.
Rows are added to benchmarks/results/accuracy-*.jsonl as they come, and a run that is held is skipped: either command
may be stopped and called again. What a row holds, and when it counts as held, is told in `runs.py`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import accuracy_page
import runs
from variants import VARIANTS

from collocate import problems

THRICE = ("poisson2d", "advection", "wave1d", "burgers", "allen_cahn", "kovasznay")
ABLATED = ("poisson2d", "burgers")
PAGE = runs.ROOT / "docs" / "accuracy.md"


def asked(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The runs that the command line asks for."""
    if given.command == "ablation":
        for seed in given.seeds or (0,):
            for name in given.names or ABLATED:
                for variant in VARIANTS:
                    yield runs.wanted(name, given.backend, seed, given.time_limit, variant)
        return
    for name in given.names or problems.names():
        for seed in given.seeds or ((0, 1, 2) if name in THRICE else (0,)):
            yield runs.wanted(name, given.backend, seed, given.time_limit)


def measure(given: argparse.Namespace) -> None:
    path = given.result or runs.default_path("accuracy")
    for each in runs.missing(asked(given), path):
        kept = given.keep / each["problem"] if given.keep and each["seed"] == 0 and not each["variant"] else None
        row = runs.run(each, kept)
        runs.add(row, path)
        print(told(row), flush=True)


def told(row: dict[str, Any]) -> str:
    """A row in one line."""
    which = f"{row['problem']} {row['variant'] or ''} on {row['backend']}, seed {row['seed']}: ".replace("  ", " ")
    if "failed" in row:
        return f"{which}failed: {' '.join(row['failed'].split()[-30:])}"
    errors = ", ".join(f"{name} {value:.1e}" for name, value in (row["relative_l2"] or {}).items() if value is not None)
    return f"{which}{errors or 'no error known'}; {row['train_seconds']:.0f} s, {row['stopped_because']}"


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = found.add_subparsers(dest="command", required=True)
    for name, limit in (("run", None), ("ablation", 120.0)):
        command = commands.add_parser(name)
        command.add_argument("names", nargs="*", metavar="NAME")
        command.add_argument("--backend", default="jax")
        command.add_argument("--seeds", type=int, nargs="+", help="after the names")
        command.add_argument("--time-limit", type=float, default=limit)
        command.add_argument("--result", type=Path, help="the file of rows")
        command.set_defaults(keep=None)
        if name == "run":
            command.add_argument(
                "--keep", type=Path, help="leave the solutions of seed 0 in folders of their own there"
            )
    command = commands.add_parser("write")
    command.add_argument("--result", type=Path, nargs="+", help="the files of rows")
    command.add_argument("--page", type=Path, default=PAGE, help="figures go into the folder figures beside it")
    return found


def main() -> None:
    given = parser().parse_args()
    if given.command == "write":
        paths = given.result or sorted(runs.RESULTS.glob("accuracy-*.jsonl"))
        accuracy_page.write([row for path in paths for row in runs.held(path)], given.page)
        return
    unknown = sorted({*given.names} - {*problems.names()})
    if unknown:
        parser().error(f"no problem is called {', '.join(unknown)}; there are {', '.join(problems.names())}")
    measure(given)


if __name__ == "__main__":
    main()
