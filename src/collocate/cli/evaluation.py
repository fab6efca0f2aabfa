"""`collocate evaluate`: points from a CSV file or from text; values as CSV, every float exact."""

from __future__ import annotations

import csv
import io
import math
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collocate.cli import csv_file, streams
from collocate.errors import StatementError
from collocate.expressions import number, parse
from collocate.expressions.canonical import as_float
from collocate.solution import load
from collocate.store import write_text_atomic

# A comma before the next `name =`; one inside atan2(1, 2) is not.
_BETWEEN = re.compile(r",(?=\s*[^\W\d]\w*\s*=)")

# A second `name =` in a value: no comma stood before it.
_ASSIGNED = re.compile(r"[^\W\d]\w*\s*=(?!=)")

_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity|oo)", re.IGNORECASE)


def table(file: Path, at: str, expressions: Sequence[str] | None, backend: str | None) -> str:
    """CSV: coordinates in the domain's order, then the fields or the expressions, floats by `repr`.

    Raises StatementError or ExpressionError for what cannot be read, StoreError for the file.
    """
    with streams.unheard():
        solution = load(file, backend=backend)
    names = solution.problem.domain.names
    points = read_points(at, names)
    wanted = list(expressions or solution.problem.field_names)
    values = solution.at(wanted, **{name: points[:, axis] for axis, name in enumerate(names)})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, *wanted])
    writer.writerows([repr(float(cell)) for cell in row] for row in np.column_stack([points, *values]))
    return text.getvalue()


def deliver(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text)
    else:
        write_text_atomic(out, text)


def read_points(at: str, names: Sequence[str]) -> np.ndarray:
    """(n, d) in the order of `names`, from a CSV file or from text like "x=0.5, t=pi/4".

    Raises StatementError for what is missing, unknown or not a finite number, with the line in a file.
    """
    if "=" in at and not Path(at).exists():
        return np.array([_from_text(at, names)])
    example = ", ".join(f"{name}=0.5" for name in names)
    with csv_file.opened(at, f'--at takes a CSV file or text like "{example}"') as rows:
        return _from_csv(rows, at, names)


def _from_text(text: str, names: Sequence[str]) -> list[float]:
    found = coordinates(text, names)
    missing = [name for name in names if name not in found]
    if missing:
        raise StatementError(f"--at {text!r} leaves out {', '.join(missing)}; the coordinates are {', '.join(names)}")
    return [found[name] for name in names]


def coordinates(text: str, names: Sequence[str]) -> dict[str, float]:
    """{name: number} of text like "x=0.5, t=pi/4". Raises StatementError for what is unknown, or no finite number."""
    found: dict[str, float] = {}
    for part in _BETWEEN.split(text):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in names:
            raise StatementError(f"--at {text!r}: {name!r} is no coordinate; they are {', '.join(names)}")
        if name in found:
            raise StatementError(f"--at {text!r} gives {name} twice")
        found[name] = _value(name, value, text, names)
    return found


def _value(name: str, value: str, text: str, names: Sequence[str]) -> float:
    if ";" in value or _ASSIGNED.search(value):
        example = ", ".join(f"{name}=0.5" for name in names)
        raise StatementError(f'--at {text!r}: coordinates are separated by commas, like "{example}"')
    if _NOT_FINITE.fullmatch(value):
        raise StatementError(f"{name} in --at {text!r} is {value}; it must be finite")
    return as_float(number(parse(value, {}), f"{name} in --at {text!r}"))


def _from_csv(rows: Any, path: str, names: Sequence[str]) -> np.ndarray:
    """Columns by their names in the header, in any order; other columns are left alone."""
    header = csv_file.heading(rows)
    for name in names:
        if header.count(name) != 1:
            how = "no" if name not in header else "more than one"
            raise StatementError(
                f"{path}, line 1: {how} column is called {name!r}; the header must name the coordinates "
                f"{','.join(names)}; it is {','.join(header) or 'empty'}"
            )
    columns = [header.index(name) for name in names]
    points = [
        [_cell(cells[column], f"{path}, line {line}: {header[column]}") for column in columns]
        for line, cells in csv_file.body(rows, path, len(header))
    ]
    return np.array(points, np.float64).reshape(-1, len(names))


def _cell(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise StatementError(f"{where} is {text!r}; it must be a number") from None
    if not math.isfinite(value):
        raise StatementError(f"{where} is {text.strip()}; it must be finite")
    return value
