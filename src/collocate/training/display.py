"""Progress of training on standard error: live on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table

from collocate.training.events import Callback, Event, named

SECONDS_BETWEEN_LINES = 10.0


@contextlib.contextmanager
def progress(title: str, quiet: bool = False) -> Iterator[Callback]:
    """A callback that shows each event until the context ends."""
    console = Console(stderr=True, markup=False, highlight=False)
    if quiet:
        yield lambda event: None
    elif console.is_terminal and not console.is_dumb_terminal:
        panel = Panel(title)
        with Live(panel, console=console, refresh_per_second=4):
            yield panel
    else:
        lines = Lines(title, console)
        yield lines
        lines.finish()


@contextlib.contextmanager
def watched(title: str, callbacks: Sequence[Callback] | None) -> Iterator[Sequence[Callback]]:
    """The callbacks; where none were named, progress for whoever looks: on a terminal or in a notebook."""
    if callbacks is not None:
        yield callbacks
        return
    console = Console(stderr=True)
    with progress(title, quiet=not (console.is_terminal or console.is_jupyter)) as show:
        yield (show,)


class Panel:
    """The latest event, drawn anew a few times a second."""

    def __init__(self, title: str):
        self.title = title
        self._waiting = Spinner("dots", f"{title}: compiling")
        self._event: Event | None = None

    def __call__(self, event: Event) -> None:
        self._event = event

    def __rich__(self) -> RenderableType:
        event = self._event
        if event is None:
            return self._waiting
        head = Table.grid(padding=(0, 2))
        bar = ProgressBar(total=event.steps, completed=event.step, width=30)
        head.add_row(self.title, bar, event.count, event.phase, event.pace)
        body = Table.grid(padding=(0, 2))
        body.add_row("held-out residual", f"{event.heldout:.2e}, best {event.best_heldout:.2e}")
        body.add_row("losses", named(event.losses))
        if event.errors:
            body.add_row("relative error", named(event.errors))
        return Group(head, body)


class Lines:
    """A plain line at the first event, every ten seconds, and at the last."""

    def __init__(self, title: str, console: Console):
        self.title, self.console = title, console
        self._shown: Event | None = None
        self._latest: Event | None = None
        self._next = 0.0

    def __call__(self, event: Event) -> None:
        self._latest = event
        if time.monotonic() >= self._next:
            self._print(event)

    def finish(self) -> None:
        if self._latest is not None and self._latest is not self._shown:
            self._print(self._latest)

    def _print(self, event: Event) -> None:
        self.console.print(f"{self.title}: {event}", soft_wrap=True)
        self._shown, self._next = event, time.monotonic() + SECONDS_BETWEEN_LINES
