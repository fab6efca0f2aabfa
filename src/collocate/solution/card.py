"""A solution in a notebook: the statement, what was reached and a small figure, without anything from outside."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from collocate.solution import pictures, typeset
from collocate.solution.intervals import with_interval
from collocate.solution.markup import image, table

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

DPI = 110
# What a notebook's own style would set otherwise; a page's own style cannot reach into it.
_STYLED = {
    "<math ": '<math style="margin:.5em 0" ', "<table>": '<table style="margin:.5em 0">',
    "<caption>": '<caption style="text-align:left">', '<th scope="row">': '<th scope="row" style="text-align:left">',
    "<td>": '<td style="text-align:left">', "<figure>": '<figure style="margin:0">',
    "<img ": '<img style="max-width:100%" ',
}  # fmt: skip


def card(solution: Solution) -> str:
    """HTML of a few hundred pixels."""
    problem = solution.problem
    stated = "".join(map(typeset.equation, problem.equations))
    name = f"Solution of {problem.name}" if problem.name else "Solution"
    picture = image(pictures.embedded(pictures.of_fields(solution), DPI), f"the fields of the {name.lower()}")
    page = (
        '<div style="max-width:52em"><details open><summary><strong>'
        f"{escape(name)}</strong> on {typeset.domain(problem.domain)}</summary>"
        f"{stated}{table('Result', (), reached(solution))}"
        f'<div style="max-width:48em;background:white">{picture}</div></details></div>'
    )
    for plain, styled in _STYLED.items():
        page = page.replace(plain, styled)
    return page


def reached(solution: Solution) -> list[tuple[str, object]]:
    """The figures that matter most, by their names; what is not known is left out."""
    result = solution.result
    rows: list[tuple[str, object]] = [
        ("held-out residual", result.get("residual_heldout")),
        ("misfit of data, in sigma", result.get("misfits") or None),
        ("relative L2 error", result.get("relative_l2")),
        ("largest error", result.get("max_error")),
        ("unknowns found", _unknowns(solution)),
        ("solved until", result.get("solved_until")),
        ("steps", result.get("steps")),
        ("training, in seconds", result.get("train_seconds")),
        ("stopped because", result.get("stopped_because")),
    ]
    return [(name, value) for name, value in rows if value is not None]


def _unknowns(solution: Solution) -> str | None:
    """Numbers with their 95 % intervals."""
    intervals = solution.intervals
    each = (f"{name} = {with_interval(value, intervals.get(name))}" for name, value in solution.unknowns.items())
    return ", ".join(each) or None
