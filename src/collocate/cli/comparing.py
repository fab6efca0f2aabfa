"""`collocate compare`: the cases that the command line names, measured; a table, or results.json as one line."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from collocate import tables
from collocate.comparison import Comparison
from collocate.comparison.comparison import run
from collocate.comparison.settings import Settings, Subject

AXES = ("backends", "modes", "dtypes", "derivatives", "optimizers")


def measure(problems: Sequence[str], given: Mapping[str, Any], arguments: Sequence[str]) -> Comparison:
    """`given`: the options, lists as texts with commas; `arguments`: the command line, which is kept."""
    subjects = tuple(Subject.of(source, number) for number, source in enumerate(problems, start=1))
    axes = {name: tuple(part.strip() for part in given[name].split(",") if part.strip()) for name in AXES}
    rest = {name: given[name] for name in ("repeats", "case_limit", "device")}
    folder = None if given["out"] is None else Path(given["out"])
    settings = Settings(subjects, **axes, **rest)
    return run(settings, shlex.join(["collocate", *arguments]), folder, given["resume"], quiet=False)


def show(comparison: Comparison, as_json: bool) -> None:
    """On standard output."""
    if as_json:
        sys.stdout.write(json.dumps(comparison.results) + "\n")
    else:
        tables.console().print(comparison)


def none_ran(comparison: Comparison) -> bool:
    return not any(run["failed"] is None for case in comparison.results["cases"] for run in case["runs"])
