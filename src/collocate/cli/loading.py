"""FILE, NAME or text → problem and settings. Reading a file trains nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collocate.cli import csv_file
from collocate.errors import StatementError
from collocate.problems.reading import Loaded, read
from collocate.statement import Problem

TEXT = '--equation "u_t = 0.1*u_xx" --domain "x: 0..1, t: 0..1" --initial "u = sin(pi*x)" --boundary "u = 0"'
_PLURALS = {"equation": "equations", "unknown": "unknowns"}


def load(source: str | None, text: Mapping[str, Any] | None = None) -> Loaded:
    """The `problem` and the `settings` of a file, or of a problem of the zoo by its name; or the problem that `text`,
    the arguments of `Problem.from_text`, states.

    Raises StatementError where there is none of these, or two; see `problems.reading`.
    """
    if text:
        return _stated(source, text)
    if source is None:
        raise StatementError(f"give a FILE, a NAME from `collocate problems`, or a statement: {TEXT}")
    return read(source)


def _stated(source: str | None, text: Mapping[str, Any]) -> Loaded:
    if source is not None:
        raise StatementError(f"{source!r} and --{next(iter(text))} are both given; the problem is one or the other")
    missing = [f"--{name}" for name in ("equation", "domain") if not text.get(name)]
    if missing:
        raise StatementError(f"{' and '.join(missing)} missing; a statement is {TEXT}")
    given = {_PLURALS.get(name, name): value for name, value in text.items()}
    if "data" in given:
        given["data"] = [csv_file.read(path, "--data") for path in given["data"]]
    return Loaded(Problem.from_text(**given, name="; ".join(text["equation"])), {})
