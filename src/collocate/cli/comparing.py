"""`collocate compare`: the cases that the command line names, measured; a table, or results.json as one line."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from collocate import tables
from collocate.comparison import dense
from collocate.comparison.comparison import Comparison, run
from collocate.comparison.settings import Settings, Subject
from collocate.errors import PlanError

AXES = ("backends", "modes", "dtypes", "derivatives", "optimizers")


def measure(problems: Sequence[str], given: Mapping[str, Any], arguments: Sequence[str]) -> Comparison:
    """`given`: the options, lists as texts with commas; `arguments`: the command line, which is kept.
    Raises PlanError."""
    if given["workload"] is not None:
        raise PlanError(f"a workload is dense, not {given['workload']!r}")
    if not problems:
        raise PlanError("no problem is named: `collocate problems` lists those there are, a file is as good")
    subjects = tuple(Subject.of(source, number) for number, source in enumerate(problems, start=1))
    axes = {name: _names(given[name]) for name in AXES}
    rest = {name: given[name] for name in ("repeats", "case_limit", "device")}
    folder = None if given["out"] is None else Path(given["out"])
    settings = Settings(subjects, **axes, **rest)
    return run(settings, shlex.join(["collocate", *arguments]), folder, given["resume"], quiet=False)


def measure_dense(given: Mapping[str, Any], as_json: bool) -> None:
    """The lectures' own toy in place of problems: its table, or all that was measured as one line. Raises PlanError."""
    if given["problems"]:
        raise PlanError(f"--workload dense takes no problem; {', '.join(given['problems'])} was given")
    if given["out"] is not None or given["resume"]:
        raise PlanError("--workload dense leaves no files: leave out --out and --resume; --json prints all of it")
    found = dense.result(_names(given["backends"]), given["repeats"], tell=lambda line: typer.echo(line, err=True))
    typer.echo(json.dumps(found) if as_json else dense.table(found["summary"]))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def show(comparison: Comparison, as_json: bool) -> None:
    """On standard output."""
    if as_json:
        sys.stdout.write(json.dumps(comparison.results) + "\n")
    else:
        tables.console().print(comparison)


def none_ran(comparison: Comparison) -> bool:
    return not any(run["failed"] is None for case in comparison.results["cases"] for run in case["runs"])
