"""A solution as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.planning.printing import RESIDUALS, residuals
from collocate.solution import pictures, typeset
from collocate.solution.card import reached
from collocate.solution.intervals import with_interval
from collocate.solution.markup import Markup, image, table
from collocate.solution.measurements import measured
from collocate.store import write_text_atomic

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

DPI = 110
TEMPLATE = "report.html"


def report(solution: Solution, path: Any, verdict: Any = None) -> None:
    """See `Solution.report`."""
    write_text_atomic(Path(path), page(solution, verdict))


def page(solution: Solution, verdict: Any = None) -> str:
    """The page as text."""
    template = Template(resources.files("collocate.solution").joinpath(TEMPLATE).read_text(encoding="utf-8"))
    name = solution.problem.name
    worst = pictures.survey(solution)
    return template.substitute(
        title=escape(f"Solution of {name}" if name else "Solution"),
        summary=_summary(solution, worst),
        verdict=_verdict(verdict),
        statement=_statement(solution),
        result=table("What was reached", (), reached(solution)),
        fields=_fields(solution),
        residuals=_residuals(solution, worst),
        training=_training(solution),
        unknowns=_unknowns(solution),
        plan=_plan(solution),
        settings=_settings(solution),
    )


def _summary(solution: Solution, worst: tuple[pictures.Worst, ...]) -> str:
    heldout = solution.result.get("residual_heldout")
    met = "is not known" if heldout is None else f"is {heldout:.2e} of the equations’ own terms"
    until = solution.result.get("solved_until")
    short = "" if until is None else f" Time was solved up to {solution.problem.domain.time} = {until:g} only."
    return escape(f"The held-out residual {met}. {_worst_place(worst)}.{short}")


def _worst_place(worst: tuple[pictures.Worst, ...]) -> str:
    """Of the equation that is met worst against its own terms."""
    one = max(worst, key=lambda each: np.nan_to_num(each.largest / each.scale, nan=-1.0))
    where = ", ".join(f"{name} = {value:.4g}" for name, value in one.place.items())
    return f"{one.equation.capitalize()} is met worst at {where}, where its sides differ by {one.largest:.3g}"


def _verdict(verdict: Any) -> str:
    if verdict is None:
        return "<p>No verdict was made for this page.</p>"
    if hasattr(verdict, "_repr_html_"):
        return f'<div class="verdict">{verdict._repr_html_()}</div>'
    return f'<p class="verdict">{escape(str(verdict)).replace(chr(10), "<br>")}</p>'


def _statement(solution: Solution) -> str:
    problem = solution.problem
    equations = "\n".join(map(typeset.equation, problem.equations))
    conditions = table(
        "Conditions",
        ("kind", "holds", "where"),
        [
            (Markup(typeset.words(each)), Markup(typeset.condition(each)), Markup(typeset.place(each, problem)))
            for each in problem.conditions
        ],
    )
    remarks = "".join(f"<li>{escape(remark)}</li>" for remark in problem.warnings)
    return (
        f"<p>To find {escape(', '.join(map(str, problem.fields)))} on {typeset.domain(problem.domain)} with</p>"
        f"{equations}{conditions}{f'<p>Remarks:</p><ul>{remarks}</ul>' if remarks else ''}"
    )


def _fields(solution: Solution) -> str:
    names, known = solution.problem.field_names, list(solution.problem.reference)
    compared = f", with the reference and the error of {', '.join(known)}" if known else ""
    what = f"field{'s' * (len(names) > 1)} {', '.join(names)}"
    said = f"The {what} over {', '.join(solution.problem.domain.names)}{compared}."
    if seen := list(measured(solution)):
        said += f" Circles and dots are what was measured of {', '.join(seen)}; bars are one standard deviation."
    return image(pictures.embedded(pictures.of_fields(solution), DPI), said, said)


def _residuals(solution: Solution, worst: tuple[pictures.Worst, ...]) -> str:
    said = f"How far the two sides of each equation are apart, with a ring where most. {_worst_place(worst)}."
    rows = [
        (
            one.equation,
            one.root_mean_square,
            one.largest,
            one.largest / one.scale,
            ", ".join(f"{name} = {value:.4g}" for name, value in one.place.items()),
        )
        for one in worst
    ]
    headings = ("", "root mean square", "largest", "against its terms", "where it is largest")
    caption = "Left side less right side, on points that were not trained on"
    return image(pictures.embedded(pictures.of_residuals(solution, worst), DPI), said, said) + table(
        caption, headings, rows
    )


def _training(solution: Solution) -> str:
    figure = pictures.of_training(solution)
    if figure is None:
        return "<p>Training kept no history.</p>"
    loss = solution.history.get("loss", [])
    said = f"Training from step {solution.history['step'][0]:g} to {solution.history['step'][-1]:g}"
    if loss:
        said += f", the loss from {loss[0]:.3g} to {loss[-1]:.3g}"
    return image(pictures.embedded(figure, DPI), f"{said}.", f"{said}.")


def _unknowns(solution: Solution) -> str:
    if not solution.unknowns:
        return ""
    guesses = {unknown.name: unknown.guess for unknown in solution.problem.unknowns}
    intervals = solution.intervals
    rows = [
        (name, with_interval(value, intervals.get(name)), guesses.get(name))
        for name, value in solution.unknowns.items()
    ]
    caption = "Numbers that were found"
    if intervals:
        caption += ", with the 95 % interval that the noise in the data leaves"
    heading = '<section aria-labelledby="unknowns"><h2 id="unknowns">Unknowns</h2>'
    return f"{heading}{table(caption, ('', 'found', 'first guess'), rows)}</section>"


def _plan(solution: Solution) -> str:
    plan = solution.plan
    choices = [(choice.subject, choice.value, choice.reason) for choice in plan.choices]
    trials = [
        (trial.field, Markup(typeset.mathematics(trial.particular)), Markup(typeset.mathematics(trial.factor)))
        for trial in plan.trials
    ]
    return (
        table("What was chosen, and why", ("", "value", "reason"), choices)
        + table("Trial functions, G + Φ · network", ("field", "G", "Φ"), trials)
        + table("Residuals that training makes small", RESIDUALS, residuals(plan))
    )


def _settings(solution: Solution) -> str:
    result = solution.result
    counts = [(name, result.get(name)) for name in ("parameters", "points", "compile_seconds", "total_seconds")]
    rows = [*solution.settings.items(), *((name.replace("_", " "), value) for name, value in counts)]
    versions = list((result.get("versions") or {}).items())
    return table("Settings", (), rows) + table("Versions", (), versions)
