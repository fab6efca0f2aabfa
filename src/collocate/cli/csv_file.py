"""CSV files with a header, as `--at` and `--data` take them: columns by their names, in any order."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from collocate.errors import StatementError


def read(path: str, option: str) -> dict[str, list[str]]:
    """{column: its cells, as text}. Raises StatementError for what is no CSV file with one name a column."""
    with opened(path, f"{option} takes a CSV file with a header") as lines:
        header = heading(lines)
        rows = [cells for _, cells in body(lines, path, len(header))]
    twice = [name for name in header if header.count(name) > 1]
    if not header or twice:
        raise StatementError(f"{path}, line 1: {f'two columns are called {twice[0]!r}' if twice else 'it is empty'}")
    columns = zip(*rows, strict=True) if rows else ([] for _ in header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}


@contextmanager
def opened(path: str, what: str) -> Iterator[Any]:
    """A `csv.reader`. Raises StatementError for a file that cannot be read; `what` says what is expected."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as lines:
            yield csv.reader(lines)
    except OSError as error:
        raise StatementError(f"{what}; cannot read {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise StatementError(f"{path} is not a CSV file in UTF-8: {error}") from error


def heading(lines: Any) -> list[str]:
    return [name.strip() for name in next(lines, [])]


def body(lines: Any, path: str, width: int) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each row that is not empty; every row has `width` cells."""
    for cells in lines:
        if cells and len(cells) != width:
            raise StatementError(f"{path}, line {lines.line_num}: {len(cells)} cells where the header has {width}")
        if cells:
            yield lines.line_num, cells
