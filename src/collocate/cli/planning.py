"""`collocate plan`: what `solve` would do, without doing it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from collocate.backends import select
from collocate.cli import settings, tables
from collocate.cli.loading import Loaded
from collocate.expressions.printing import to_text
from collocate.optimizers import create
from collocate.planning import Plan, make
from collocate.planning.schedule import FRAMEWORK
from collocate.solution import solve
from collocate.statement import Problem

RUN = ("backend", "mode", "dtype", "device", "seed", "accuracy", "time_limit")
# A trial function this near to the truth leaves nothing to learn (DESIGN section 6).
TELLING_TRIAL_ERROR = 0.05

Origins = list[tuple[str, str, str]]


def prepare(loaded: Loaded, given: Mapping[str, Any]) -> tuple[Problem, Plan, Origins]:
    """The problem, its plan, and (name, value, where it comes from) for the settings that the planner leaves alone."""
    asked = settings.merge(loaded.settings, given)
    defaults = inspect.signature(solve).parameters
    select.check(*(asked.get(name, defaults[name].default) for name in ("backend", "mode", "dtype")))
    planned = {name: asked[name] for name in inspect.signature(make).parameters if name in asked}
    origins = [
        (name, tables.quantity(asked.get(name, defaults[name].default)), _origin(name, loaded.settings, given))
        for name in RUN
    ]
    plan = make(loaded.problem, **planned)
    if any(phase.optimizer == FRAMEWORK for phase in plan.phases):
        bk = select.get(asked.get("backend", defaults["backend"].default), mode="eager")
        for phase in plan.phases:  # a name that the framework does not have is an error here too
            create(bk, phase.optimizer, phase.options)
    return loaded.problem, plan, origins


def _origin(name: str, own: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    return "command line" if name in given else "the file's settings" if name in own else "default"


def print_plan(problem: Problem, plan: Plan, origins: Iterable[tuple[str, str, str]]) -> None:
    """The statement, then all that the planner chose, with its reasons."""
    tables.console().print(problem.describe(), soft_wrap=True)
    tables.print_table("choices", ("", "value", "reason"), [(c.subject, c.value, c.reason) for c in plan.choices])
    tables.print_table("run", ("", "value", "from"), origins)
    trials = [(t.field, to_text(t.particular), to_text(t.factor)) for t in plan.trials]
    tables.print_table("trial functions, G + Φ · network", ("field", "G", "Φ"), trials)
    terms = [
        (t.name, t.kind, "; ".join(map(to_text, t.expressions)), ", ".join(t.sets), f"{t.scale:.3g}", f"{t.weight:.3g}")
        for t in plan.terms
    ]
    tables.print_table("residuals", ("", "kind", "zero where it holds", "points", "scale", "weight"), terms)
    sets = [
        (s.name, f"{s.count}", s.part or "inside", "" if s.predicate is None else to_text(s.predicate), s.mirrors or "")
        for s in plan.point_sets
    ]
    tables.print_table(f"points, {plan.sampling}, {plan.blocks} blocks", ("", "count", "on", "where", "mirrors"), sets)
    phases = [
        (
            p.algorithm,
            f"{p.steps}",
            f"{p.redraw or 'never'}",
            str(p.adaptive),
            f"{p.patience}",
            tables.quantity(p.options),
        )
        for p in plan.phases
    ]
    tables.print_table("phases", ("optimizer", "steps", "redrawn every", "adaptive", "patience", "options"), phases)
    tables.print_table(
        "error of the trial function without a network", ("field", "relative L2", ""), _trial_errors(plan)
    )


def _trial_errors(plan: Plan) -> list[tuple[str, str, str]]:
    if not plan.trial_error:
        return [("", "not known", "the problem has no reference")]
    remark = "the conditions alone nearly give the solution: this problem proves little"
    return [(f, f"{error:.3g}", remark if error < TELLING_TRIAL_ERROR else "") for f, error in plan.trial_error]
