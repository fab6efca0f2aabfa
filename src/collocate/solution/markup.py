"""Small pieces of HTML: tables with headings, figures with a text beside them. Values are escaped, `Markup` is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any


class Markup(str):
    """Text that is HTML already."""


def cell(value: Any) -> str:
    """A value as it is read: numbers to six digits, nothing as a dash."""
    if isinstance(value, Markup):
        return value
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return escape(", ".join(f"{name} {cell(inner)}" for name, inner in value.items()))
    if isinstance(value, list | tuple):
        return escape(", ".join(map(cell, value)))
    return escape(str(value))


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Markup:
    """A table whose first column heads its rows."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "\n".join(_row(row) for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if any(headings) else ""
    return Markup(f"<table><caption>{escape(caption)}</caption>{top}<tbody>{body}</tbody></table>")


def _row(row: Sequence[Any]) -> str:
    first, *rest = row
    return f'<tr><th scope="row">{cell(first)}</th>{"".join(f"<td>{cell(value)}</td>" for value in rest)}</tr>'


def image(source: str, alternative: str, caption: str = "") -> Markup:
    """A figure, with what it shows as text for those who do not see it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return Markup(f'<figure><img src="{source}" alt="{escape(alternative)}">{below}</figure>')
