"""Progress of a comparison on standard error: a bar on a terminal, lines where a run starts and ends elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from collocate.comparison.loop import Progress as Told
from collocate.tables import quantity

Tell = Callable[[Told], None]


@contextlib.contextmanager
def progress(quiet: bool | None = None) -> Iterator[Tell]:
    """What shows each run until the context ends. `quiet` left out: shown to whoever looks, on a terminal or in a
    notebook."""
    console = Console(stderr=True, markup=False, highlight=False)
    seen = console.is_terminal or console.is_jupyter
    if quiet or (quiet is None and not seen):
        yield lambda told: None
    elif seen and not console.is_dumb_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=30))
        with Progress(*columns, MofNCompleteColumn(), TimeElapsedColumn(), console=console) as bar:
            yield _Bar(bar)
    else:
        yield lambda told: console.print(line(told), soft_wrap=True)


class _Bar:
    """The run that goes on beside the bar, those that are done above it."""

    def __init__(self, bar: Progress):
        self.bar, self.task = bar, bar.add_task("")

    def __call__(self, told: Told) -> None:
        description = f"{told.case['id']}, repeat {told.repeat + 1}"
        done = told.number - (told.run is None)
        self.bar.update(self.task, description=description, completed=done, total=told.total)
        if told.run is not None:
            self.bar.console.print(line(told), soft_wrap=True)


def line(told: Told) -> str:
    """A run that starts or is done, in one line."""
    head = f"{told.number}/{told.total} {told.case['id']}, repeat {told.repeat + 1}"
    return f"{head}: {_said(told.run)}"


def _said(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "starts"
    if run["failed"] is not None:
        return f"failed: {run['failed'].strip().splitlines()[-1] if run['failed'].strip() else ''}"
    pace = run["step_seconds"]
    parts = [
        f"{quantity(run['compile_seconds'])} s of compilation",
        f"{quantity(1e3 * pace['median'])} ms a step" if pace else "",
        f"relative error {quantity(run['final_error'])}" if run["final_error"] else "",
        f"{run['stopped_because']} after {quantity(run['train_seconds'])} s",
    ]
    return ", ".join(part for part in parts if part)
