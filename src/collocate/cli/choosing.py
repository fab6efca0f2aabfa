"""`collocate choose`: the table of capabilities, or the choice that given needs come to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from collocate.comparison import capabilities
from collocate.comparison.capabilities import OWN, Choice, Table
from collocate.tables import console, table


def run(needs: Sequence[str]) -> Table | Choice:
    """The choice for these needs; the whole table for none. A need may hold several, with commas between them."""
    names = [name.strip() for text in needs for name in text.split(",") if name.strip()]
    return capabilities.choose(names) if needs else capabilities.load()


def show(found: Table | Choice, as_json: bool) -> None:
    """The table or the choice on standard output."""
    if as_json:
        print(json.dumps(found.to_json(), ensure_ascii=False))
    elif isinstance(found, Table):
        _show_table(found)
    else:
        _show_choice(found)


def _show_table(found: Table) -> None:
    """Cells of rating, text and the number of what they rest on; what the numbers mean stands below."""
    numbers: dict[str, int] = {}
    rows = []
    for row in found.rows:
        cells = [row.cells[column] for column in found.columns]
        marks = [numbers.setdefault(cell.rests_on, len(numbers) + 1) for cell in cells]
        texts = [f"{cell.rating}: {cell.text} [{mark}]" for cell, mark in zip(cells, marks, strict=True)]
        rows.append((f"{row.name}\n{row.title}", *texts))
    out = console()
    out.print(table(("need", *found.columns.values()), rows))
    out.print(f"\nChecked on {found.checked}. What the cells rest on:")
    for text, number in numbers.items():
        out.print(f"[{number}] {text}")
    out.print("\ncollocate choose --need mobile,browser chooses among the frameworks by these ratings.")


def _show_choice(found: Choice) -> None:
    out, columns = console(), found.table.columns
    names = [name for name in found.table.frameworks if name not in found.chosen]
    out.print(f"For {', '.join(found.needs)}: {' or '.join(columns[name] for name in found.chosen)}")
    for name in (*found.chosen, *names, OWN):
        after = ", whichever framework trained it" if name == OWN else ", after that" if name in names else ""
        out.print(f"\n{columns[name]}{after}")
        rows = [(need, cell.rating, cell.text, cell.rests_on) for need, cell in found.cells(name).items()]
        out.print(table(("need", "rating", "because", "which rests on"), rows))
    out.print(f"\nThe ratings are ours, and no need counts more than another; checked on {found.table.checked}.")
