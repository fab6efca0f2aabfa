"""`collocate plan`: what `solve` would do, without doing it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import typer

from collocate import planning
from collocate.backends import select
from collocate.cli import settings
from collocate.cli.loading import Loaded
from collocate.optimizers import create
from collocate.planning import Plan
from collocate.planning.schedule import FRAMEWORK
from collocate.solution import solve
from collocate.statement import Problem
from collocate.tables import quantity, table

RUN = ("backend", "mode", "dtype", "device", "seed", "accuracy", "time_limit")

Origins = list[tuple[str, str, str]]


def prepare(loaded: Loaded, given: Mapping[str, Any]) -> tuple[Problem, Plan, Origins]:
    """The problem, its plan, and (name, value, where it comes from) for the settings that the planner leaves alone."""
    asked = settings.merge(loaded.settings, given)
    defaults = inspect.signature(solve).parameters
    select.check(*(asked.get(name, defaults[name].default) for name in ("backend", "mode", "dtype")))
    planned = {name: asked[name] for name in inspect.signature(planning.plan).parameters if name in asked}
    origins = [
        (name, quantity(asked.get(name, defaults[name].default)), _origin(name, loaded.settings, given)) for name in RUN
    ]
    plan = planning.plan(loaded.problem, **planned)
    if any(phase.optimizer == FRAMEWORK for phase in plan.phases):
        bk = select.get(asked.get("backend", defaults["backend"].default), mode="eager")
        for phase in plan.phases:  # a name that the framework does not have is an error here too
            create(bk, phase.optimizer, phase.options)
    return loaded.problem, plan, origins


def _origin(name: str, own: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    return "command line" if name in given else "the file's settings" if name in own else "default"


def print_plan(problem: Problem, plan: Plan, origins: Iterable[tuple[str, str, str]]) -> None:
    """The statement, all that the planner chose with its reasons, and the settings that it leaves alone."""
    run = table(("", "value", "from"), origins)
    typer.echo("\n\n".join((problem.describe(), str(plan), f"run\n{run}")))
