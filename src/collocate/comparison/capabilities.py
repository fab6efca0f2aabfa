"""What each framework can do: one table, kept as data in `capabilities.toml`, and the choice that follows from it.

A choice among frameworks for needs n₁ … nₖ is theirs whose worst rating over the needs is best, and of those whose sum
of ratings is largest; who is equal in both is named beside them. No need counts more than another.

Nothing but the standard library is imported here, so that `collocate choose` answers at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from collocate.errors import StatementError, StoreError

FILE = Path(__file__).with_suffix(".toml")
RATINGS = ("none", "poor", "fair", "good")  # from bad to good
OWN = "collocate"  # the column that is no framework: it is shown, and never chosen


@dataclass(frozen=True)
class Source:
    """A page, or the answer of a package index. read: the day of the look-up; dated: what the page says of itself."""

    title: str
    address: str
    read: str
    dated: str | None = None

    def __str__(self) -> str:
        of = f"of {self.dated}, " if self.dated else ""
        where = "" if self.address in self.title else f" {self.address}"
        return f"{self.title}{where} ({of}read {self.read})"


@dataclass(frozen=True)
class Cell:
    """One framework's answer to one need. It rests on what was tested here (`by`: where to see it) or on a source."""

    rating: str
    text: str
    tested: str | None = None
    by: str | None = None
    source: Source | None = None

    @property
    def rests_on(self) -> str:
        return str(self.source) if self.source else f"here, with {self.tested}: {self.by}"

    def to_json(self) -> dict[str, Any]:
        found = {"rating": self.rating, "text": self.text}
        if self.source:
            return found | {"source": {name: value for name, value in vars(self.source).items() if value}}
        return found | {"tested": self.tested, "by": self.by}


@dataclass(frozen=True)
class Row:
    """A need, by the name that `--need` takes, and each column's cell."""

    name: str
    title: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Table:
    """columns: {name: heading}, `collocate` last; checked: the day on which all of it was looked over."""

    checked: str
    columns: Mapping[str, str]
    rows: Sequence[Row]

    @property
    def needs(self) -> list[str]:
        return [row.name for row in self.rows]

    @property
    def frameworks(self) -> list[str]:
        return [name for name in self.columns if name != OWN]

    def row(self, need: str) -> Row:
        """Raises StatementError for a need that there is not; the message lists those that there are."""
        for row in self.rows:
            if row.name == need:
                return row
        close = get_close_matches(need, self.needs, n=1, cutoff=0.5)
        meant = f"; did you mean {close[0]!r}?" if close else ";"
        raise StatementError(f"need {need!r} is not known{meant} choose from {', '.join(self.needs)}")

    def to_json(self) -> dict[str, Any]:
        rows = {row.name: {"title": row.title} | _cells(row) for row in self.rows}
        return {"checked": self.checked, "columns": dict(self.columns), "needs": rows}


@dataclass(frozen=True)
class Choice:
    """needs: rows of the table, in the order in which they were given; chosen: the frameworks equal at the head."""

    table: Table
    needs: tuple[str, ...]
    chosen: tuple[str, ...]

    def cells(self, column: str) -> dict[str, Cell]:
        """{need: how this column fares}."""
        return {need: self.table.row(need).cells[column] for need in self.needs}

    def to_json(self) -> dict[str, Any]:
        reasons = {need: _cells(self.table.row(need)) for need in self.needs}
        named = {"needs": list(self.needs), "chosen": list(self.chosen)}
        return {"checked": self.table.checked, **named, "reasons": reasons}


def _cells(row: Row) -> dict[str, Any]:
    return {column: cell.to_json() for column, cell in row.cells.items()}


def choose(needs: Iterable[str], table: Table | None = None) -> Choice:
    """The framework or frameworks that serve all the needs best, with reasons.

    Raises StatementError for a need that is not in the table, or for none at all.
    """
    table = table or load()
    names = tuple(dict.fromkeys(needs))
    if not names:
        raise StatementError(f"no need was given; choose from {', '.join(table.needs)}")
    rows = [table.row(name) for name in names]
    marks = {name: _mark([row.cells[name].rating for row in rows]) for name in table.frameworks}
    best = max(marks.values())
    return Choice(table, names, tuple(name for name, mark in marks.items() if mark == best))


def _mark(ratings: Sequence[str]) -> tuple[int, int]:
    values = [RATINGS.index(rating) for rating in ratings]
    return min(values), sum(values)


def load(file: Path = FILE) -> Table:
    """The table in the file, each cell checked. Raises StoreError that says which part is not as it should be."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{file} cannot be read as a table of capabilities: {error}") from error
    columns = {name: _text(_dictionary(found, "columns", file), name, f"{file}: columns") for name in found["columns"]}
    if OWN not in columns or len(columns) < 2:
        raise StoreError(f"{file}: columns are {', '.join(columns)}; frameworks and {OWN!r} are expected")
    held = _dictionary(found, "sources", file)
    sources = {key: _source(entry, f"{file}: source {key}") for key, entry in held.items()}
    rows = [_row(entry, columns, sources, file) for entry in found.get("rows", [])]
    names = [row.name for row in rows]
    if not rows or len(set(names)) < len(names):
        raise StoreError(f"{file}: the rows are {', '.join(names) or 'missing'}; each name is expected once")
    used = [cell.source for row in rows for cell in row.cells.values()]
    if idle := [key for key, source in sources.items() if source not in used]:
        raise StoreError(f"{file}: no cell rests on {', '.join(idle)}; take the source out, or name it in a cell")
    return Table(_text(found, "checked", str(file)), columns, rows)


def _dictionary(entry: dict[str, Any], name: str, where: object) -> dict[str, Any]:
    value = entry.get(name)
    if not isinstance(value, dict):
        raise StoreError(f"{where} has no {name}")
    return value


def _row(entry: dict[str, Any], columns: Mapping[str, str], sources: Mapping[str, Source], file: Path) -> Row:
    where = f"{file}: row {entry.get('name', '?')}"
    cells = {column: _cell(_dictionary(entry, column, where), sources, f"{where}, {column}") for column in columns}
    return Row(_text(entry, "name", where), _text(entry, "title", where), cells)


def _cell(entry: dict[str, Any], sources: Mapping[str, Source], where: str) -> Cell:
    rating, text = _text(entry, "rating", where), _text(entry, "text", where)
    if rating not in RATINGS:
        raise StoreError(f"{where}: rating {rating!r} is none of {', '.join(RATINGS)}")
    if ("source" in entry) == ("tested" in entry):
        raise StoreError(
            f"{where} rests on {'both' if 'source' in entry else 'nothing'}; give source, or tested and by"
        )
    if "tested" in entry:
        return Cell(rating, text, _text(entry, "tested", where), _text(entry, "by", where))
    key = _text(entry, "source", where)
    if key not in sources:
        raise StoreError(f"{where}: source {key!r} is not among the sources")
    return Cell(rating, text, source=sources[key])


def _source(entry: dict[str, Any], where: str) -> Source:
    dated = _text(entry, "dated", where) if "dated" in entry else None
    return Source(_text(entry, "title", where), _text(entry, "address", where), _text(entry, "read", where), dated)


def _text(entry: dict[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise StoreError(f"{where}: {name} is {value!r}; text is expected")
    return value
