"""A plan as tables of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from collocate.expressions.printing import to_text
from collocate.planning.folding import listed, named, scales, together
from collocate.tables import quantity, table

if TYPE_CHECKING:
    from collocate.planning.specification import Plan

# A trial function this near to the truth leaves nothing to learn (docs/why/exact-conditions.md).
TELLING_TRIAL_ERROR = 0.05
RESIDUALS = ("", "kind", "zero where it holds", "points", "scale", "weight")

Row = tuple[str, ...]


def text(plan: Plan) -> str:
    """All that the planner chose, with its reasons, as wide as the terminal."""
    return "\n\n".join(f"{title}\n{table(headings, rows)}" for title, headings, rows in _tables(plan))


def residuals(plan: Plan) -> list[Row]:
    """A row of `RESIDUALS` for the terms of one condition that differ in their parts and scales only."""
    shown = [
        (term, (term.kind, "; ".join(map(to_text, term.expressions)), f"{term.weight:.3g}")) for term in plan.terms
    ]
    found = []
    for group in together(shown, lambda each: (each[0].label, *each[1])):
        terms, (kind, zero, weight) = [term for term, _ in group], group[0][1]
        points = listed(", ".join(term.sets) for term in terms)
        found.append((named(terms), kind, zero, points, scales(terms), weight))
    return found


def _tables(plan: Plan) -> Iterator[tuple[str, Row, Iterable[Row]]]:
    """Title, headings and rows of each."""
    yield "choices", ("", "value", "reason"), [(c.subject, c.value, c.reason) for c in plan.choices]
    trials = [(t.field, to_text(t.particular), to_text(t.factor)) for t in plan.trials]
    yield "trial functions, G + Φ · network", ("field", "G", "Φ"), trials
    yield "residuals", RESIDUALS, residuals(plan)
    yield f"points, {plan.sampling}, {_blocks(plan)}", ("", "count", "on", "where", "mirrors"), _points(plan)
    phases = [
        (p.algorithm, f"{p.steps}", f"{p.redraw or 'never'}", str(p.adaptive), f"{p.patience}", quantity(p.options))
        for p in plan.phases
    ]
    yield "phases", ("optimizer", "steps", "redrawn every", "adaptive", "patience", "options"), phases
    yield "error of the trial function without a network", ("field", "relative L2", ""), _trial_errors(plan)


def _blocks(plan: Plan) -> str:
    return f"{plan.blocks} block{'s' * (plan.blocks != 1)}"


def _points(plan: Plan) -> Iterator[Row]:
    """A row for the sets that differ in their parts only."""
    shown = [
        (s, (f"{s.count}", "" if s.predicate is None else to_text(s.predicate), s.mirrors or ""))
        for s in plan.point_sets
    ]
    for group in together(shown, lambda each: (each[0].part is None, *each[1])):
        sets, (count, where, mirrors) = [points for points, _ in group], group[0][1]
        yield listed(s.name for s in sets), count, listed(s.part or "inside" for s in sets), where, mirrors


def _trial_errors(plan: Plan) -> list[Row]:
    if not plan.trial_error:
        return [("", "not known", "the problem has no reference")]
    remark = "the conditions alone nearly give the solution: this problem proves little"
    return [(f, f"{error:.3g}", remark if error < TELLING_TRIAL_ERROR else "") for f, error in plan.trial_error]
