"""`collocate export`: a solution file to other runtimes, and folders that were exported before, checked."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from collocate.cli import streams
from collocate.cli.loading import load as load_problem
from collocate.errors import ExportError
from collocate.exporting.checking import Check, check
from collocate.exporting.export import Export, export
from collocate.exporting.targets import TARGETS, chosen
from collocate.solution import Solution, load
from collocate.verification.truth import reference_of

NAME = "export"


def run(
    file: Path | None,
    to: str | None,
    outputs: str | None,
    dtype: Any,
    out: Path | None,
    run_it: bool,
    against: str | None = None,
) -> Export:
    """Into `out`, else the folder `export` beside the solution. Raises as `co.load` and `co.export` do.

    against: a file or name whose problem brings the reference.
    """
    if file is None:
        raise ExportError("give the SOLUTION to export, a file; or --check DIR to look at what was exported")
    if run_it:
        raise ExportError("--run goes with --check DIR; an export runs what it writes anyway")
    if to is None:
        raise ExportError(f"--to says what to export to: {', '.join(TARGETS)}, several with commas")
    if against is not None and not any(target.of_solution for target in chosen(to)):
        raise ExportError(f"--against brings the reference that the web page shows: leave it out of --to {to}")
    with _warned(), streams.unheard():
        solution = load(file)
        if against is not None:
            solution = _with_reference(solution, against)
        return export(solution, to, outputs, dtype, file.parent / NAME if out is None else out)


def _with_reference(solution: Solution, against: str) -> Solution:
    """Raises ExportError where `against` states another problem than the one that was solved."""
    other = load_problem(against).problem
    stated, given = solution.problem.to_json(), other.to_json()
    if differing := [part for part in ("equations", "domain", "conditions") if stated[part] != given[part]]:
        raise ExportError(
            f"{against} is another problem than the one that was solved, with other {' and '.join(differing)}; "
            "--against brings the reference of the same"
        )
    found = replace(solution, problem=copy(solution.problem))
    found.problem.reference = reference_of(solution.problem, other.reference)
    return found


@contextmanager
def _warned() -> Iterator[None]:
    """Shows at the end what was warned of, which `unheard` within it would keep."""
    told: list[warnings.WarningMessage] = []
    try:
        with warnings.catch_warnings(record=True) as told:
            yield
    finally:
        for each in told:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def run_check(folder: Path, run: bool, others: dict[str, Any]) -> Check:
    """The folder held against its manifests. Raises ExportError for options that go with an export."""
    if given := [name for name, value in others.items() if value is not None]:
        raise ExportError(f"--check looks at what was exported; leave out {', '.join(given)}")
    with _warned(), streams.unheard():
        return check(folder, run)


def show(found: Export | Check, as_json: bool) -> None:
    """On standard output; beside JSON, what failed on standard error too."""
    if not as_json:
        typer.echo(str(found))
        return
    typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
    for name, reason in found.failed.items():
        typer.echo(f"{name} failed: {reason}", err=True)
