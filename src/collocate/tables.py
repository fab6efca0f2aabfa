"""Tables of plain text, and sections of names and values."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

WIDTH_OF_A_PIPE = 160


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of the columns that hold anything."""
    filled = list(rows)
    kept = [column for column in range(len(headings)) if any(row[column] for row in filled)]
    drawn = Table(*(headings[column] for column in kept), box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in filled:
        drawn.add_row(*(row[column] for column in kept))
    page = io.StringIO()
    console(page).print(drawn)
    return "\n".join(line.rstrip() for line in page.getvalue().rstrip().split("\n"))


def console(file: Any = None) -> Console:
    """Without markup, since formulas hold brackets; wide where no terminal says how wide it is."""
    width = Console().width if sys.stdout.isatty() else WIDTH_OF_A_PIPE
    # Rich would show it itself in a notebook, and leave the file empty.
    return Console(file=file, markup=False, highlight=False, emoji=False, width=width, force_jupyter=False)


def print_sections(sections: Sequence[tuple[str, Sequence[tuple[str, Any]]]]) -> None:
    """A heading, then names and values, for each section that has any."""
    out = console()
    for title, rows in sections:
        if rows:
            out.print(title)
            grid = Table.grid(padding=(0, 2))
            for name, value in rows:
                grid.add_row(f"  {name}", quantity(value))
            out.print(grid)


def quantity(value: Any) -> str:
    """A value of a result or of settings as short text."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {quantity(item)}" for name, item in value.items())
    if isinstance(value, float):
        return f"{value:.4g}"
    return "none" if value is None else str(value)
