"""`collocate problems`: the zoo, without loading any of it."""

from __future__ import annotations

import ast
from importlib import resources

import typer

from collocate import problems
from collocate.tables import table


def show() -> None:
    """Each problem's name and the first line of its docstring."""
    typer.echo(table(("name", "problem"), [(name, _first_line(name)) for name in problems.names()]))


def _first_line(name: str) -> str:
    text = resources.files(problems).joinpath(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
