"""A comparison as one HTML page that needs nothing else, as Markdown, and as a table for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from collocate.comparison import panels, sheets
from collocate.comparison.figures import legend_mark
from collocate.comparison.measures import backends, problems
from collocate.comparison.recommend import recommend
from collocate.comparison.sheets import Sheet
from collocate.comparison.wording import listed
from collocate.solution import markup
from collocate.store import write_text_atomic

Results = Mapping[str, Any]

RULE = (
    "Two cases differ where the intervals of their repeats do not overlap (of a step: lowest to highest quartile) and "
    "their medians are more than 2 % apart, or a factor of 2 in an error. A compile that no cache helped happens once "
    "where a backend keeps a cache; that one value differs by more than a factor of 2. The choice: who ends a digit or "
    "more above the smallest error is out; then the fewest seconds to the smallest error that all reach decide, then "
    "the shortest step, then the least memory. “Spread” is the width of the wider of two intervals over its median."
)


def write(results: Results, folder: Any) -> None:
    """Put ``report.html`` and ``report.md`` into ``folder``, with the recommendation made anew."""
    whole = {**results, "recommendation": recommend(results)}
    write_text_atomic(Path(folder) / "report.html", page(whole))
    write_text_atomic(Path(folder) / "report.md", markdown(whole))


def table(results: Results) -> Group:
    """What a terminal shows: warnings, the cases in a line each, and the recommendation."""
    recommendation = recommend(results)
    sheet = sheets.in_short(results)
    drawn = Table(*sheet.headings, box=box.SIMPLE_HEAD, pad_edge=False)
    before = ""
    for problem, *row in sheet.rows:
        drawn.add_row(Text("" if problem == before else problem), *map(Text, row))
        before = problem
    told = [Text(f"! {text}", style="yellow") for text in warnings(recommendation)]
    reasons = [Text(text) for text in recommendation["overall"]["reasons"]]
    needs = [Text(f"  {each['need']}: {each['text']}") for each in recommendation["needs"].values()]
    return Group(*told, drawn, Text(_answer(recommendation), style="bold"), *reasons, *needs)


def warnings(recommendation: Mapping[str, Any]) -> list[str]:
    """What is to be known before any of the rest."""
    return [*recommendation["void"], *recommendation["failed"], *recommendation["cautions"]]


def _answer(recommendation: Mapping[str, Any]) -> str:
    backend = recommendation["overall"]["backend"]
    return f"Take {backend}." if backend else "No backend is the best for all of this."


def _title(results: Results) -> str:
    return f"{listed(backends(results))} compared" if results["cases"] else "Nothing was compared"


def _lead(results: Results) -> str:
    made, machine = results["made"], results["machine"]
    cores = f"{machine.get('cores') or '?'} cores"
    return (
        f"{', '.join(problems(results))} on {machine.get('processor') or 'an unknown processor'}, {cores}; "
        f"{results['settings'].get('repeats')} repeats, each in a process of its own; {str(made.get('date'))[:16]}."
    )


# The page


def page(results: Results) -> str:
    """``results`` with their recommendation, as HTML."""
    recommendation = results["recommendation"]
    names = problems(results)
    return Template(_file("page.html")).substitute(
        title=escape(_title(results)),
        style=_file("page.css"),
        script=_file("page.js"),
        lead=escape(_lead(results)),
        warnings=_warnings(recommendation),
        answer=escape(_answer(recommendation)),
        why=escape(" ".join(recommendation["overall"]["reasons"])),
        links="".join(f'<li><a href="#problem-{escape(name)}">{escape(name)}</a></li>' for name in names),
        legend=_legend(results),
        problems="\n".join(_problem(results, name) for name in names),
        agreement=_html(sheets.of_agreement(results), "wide prose"),
        work=_html(sheets.of_work(results)),
        environment="".join(_html(sheet, "wide prose") for sheet in sheets.of_environment(results)),
        numbers="".join(_numbers(results, name) for name in names),
        recommendation=_recommendation(results),
        version=escape(str(results["made"].get("collocate", ""))),
        results=embedded(results),
    )


def _file(name: str) -> str:
    return resources.files("collocate.comparison").joinpath(name).read_text(encoding="utf-8")


def embedded(results: Results) -> str:
    """JSON that no text in it can end early: ``<`` is written as its escape."""
    return json.dumps(results, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def _html(sheet: Sheet, kind: str = "wide") -> str:
    """``kind``: "wide", or "wide prose" where cells hold sentences."""
    drawn = markup.table(sheet.caption, sheet.headings, sheet.rows)
    return f'<div class="{kind}" tabindex="0" role="region" aria-label="{escape(sheet.caption)}">{drawn}</div>'


def _list(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def _warnings(recommendation: Mapping[str, Any]) -> str:
    told = warnings(recommendation)
    return f'<div class="warning" role="note"><strong>First of all</strong>{_list(told)}</div>' if told else ""


def _legend(results: Results) -> str:
    styles = {style.name: style for style in panels.styles(results).values()}
    return "".join(
        f'<button type="button" disabled aria-pressed="true" data-case="{escape(name)}">{legend_mark(style)}'
        f"{escape(name)}</button>"
        for name, style in styles.items()
    )


def _problem(results: Results, name: str) -> str:
    figures = "\n".join(
        f"<figure><figcaption>{escape(caption.removesuffix(f', {name}'))}</figcaption>{figure}</figure>"
        for caption, figure in panels.of_problem(results, name)
    )
    entry = results["recommendation"]["problems"][name]
    reasons = _list(entry["reasons"])
    if not entry["leaders"]:
        reasons = f'<div class="warning" role="note">{reasons}</div>'
    own = f"problem-{escape(name)}"
    return (
        f'<section aria-labelledby="{own}"><h2 id="{own}">{escape(name)}</h2>{reasons}'
        f'<div class="charts">{figures}</div>{_html(sheets.of_cases(results, name))}</section>'
    )


def _numbers(results: Results, name: str) -> str:
    runs = "".join(_html(sheet, "wide prose") for sheet in sheets.of_runs(results, name))
    curves = "".join(map(_html, sheets.of_curves(results, name)))
    title = escape(name)
    return (
        f"<details><summary>{title}: every run</summary>{runs}</details>"
        f"<details><summary>{title}: every curve</summary>{curves}</details>"
    )


def _recommendation(results: Results) -> str:
    recommendation = results["recommendation"]
    by_problem = "".join(
        f"<h3>{escape(name)}</h3>{_list(entry['reasons'])}" for name, entry in recommendation["problems"].items()
    )
    return (
        f'<div class="answer"><p class="big">{escape(_answer(recommendation))}</p>'
        f"{_list(recommendation['overall']['reasons'])}</div>"
        f"<h3>If one thing matters most</h3>"
        f"{_html(sheets.of_needs(results, recommendation), 'wide prose')}{by_problem}"
        f'<p class="note">{escape(RULE)}</p>'
    )


# Markdown


def markdown(results: Results) -> str:
    """``results`` with their recommendation, as Markdown; curves stay in ``results.json``."""
    recommendation = results["recommendation"]
    parts = [f"# {_title(results)}", _plain(_lead(results))]
    if told := warnings(recommendation):
        parts += ["**First of all:**", _bullets(told)]
    parts += [f"**{_plain(_answer(recommendation))}** {_plain(' '.join(recommendation['overall']['reasons']))}"]
    for name in problems(results):
        parts += [f"## {_plain(name)}", _bullets(recommendation["problems"][name]["reasons"])]
        parts += [_pipes(sheets.of_cases(results, name))]
    parts += ["## Do all compute the same thing?", _pipes(sheets.of_agreement(results))]
    parts += ["## Work", _pipes(sheets.of_work(results))]
    parts += ["## Environment", *map(_pipes, sheets.of_environment(results))]
    parts += [
        "## Every number",
        *(_pipes(sheet) for name in problems(results) for sheet in sheets.of_runs(results, name)),
    ]
    parts += ["## Recommendation", f"**{_plain(_answer(recommendation))}**"]
    parts += [_bullets(recommendation["overall"]["reasons"]), "### If one thing matters most"]
    parts += [_pipes(sheets.of_needs(results, recommendation)), _plain(RULE)]
    return "\n\n".join(parts) + "\n"


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {_plain(text)}" for text in texts)


def _pipes(sheet: Sheet) -> str:
    rows = [sheet.headings, ["---"] * len(sheet.headings), *sheet.rows]
    return f"{_plain(sheet.caption)}\n\n" + "\n".join(f"| {' | '.join(map(_plain, row))} |" for row in rows)


def _plain(text: str) -> str:
    """On one line, and without what Markdown would read as its own."""
    marked = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")
    return re.sub(r"[ \r\n\t]+", " ", marked).strip()
