"""Training again: on from the solution with more points, and from scratch with another seed; how far the fields move.

Nothing of these runs is used to improve the solution. A run that ends with residuals as small as the solution's and
with other fields says that residuals this small do not fix the fields that well.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate import planning
from collocate.errors import PlanError, TrainingError
from collocate.networks import Module, Network
from collocate.planning.conditions import sort_conditions
from collocate.planning.specification import INTERIOR
from collocate.planning.weights import FIXED
from collocate.solution import Solution, solve
from collocate.statement import Problem
from collocate.training.state import TIME_LIMIT
from collocate.training.weights import Weights
from collocate.verification.residual_map import ResidualMap

CONTINUED, FROM_SCRATCH = "continued", "from scratch"
# How many times the points of the solution, or of the planner where those are more.
MORE_POINTS = 2
# Steps on from the solution: enough to move it where its points were too few.
STEPS = {"levenberg_marquardt": 30, "self_scaled_broyden": 600, "adam": 2000}
# Of the seconds given: continuing is a few steps, starting anew is a whole training.
SHARE = {CONTINUED: 0.3, FROM_SCRATCH: 0.7}
# Training anew stops where it is as good as the solution, but not before it is good.
GOOD = 1e-6
NEXT_SEED = 1


@dataclass(frozen=True)
class Comparison:
    """Another training beside the solution. `level`: its residuals on the same fresh points (`ResidualMap.level`).

    differences: relative L2 by field, largest: the largest difference over the field's size, and `place` where it is.
    unknowns: differences of the numbers found.
    """

    kind: str
    level: float
    differences: dict[str, float]
    largest: float
    place: dict[str, float]
    unknowns: dict[str, float]
    points: int
    steps: int
    seed: int
    stopped_because: str

    @property
    def is_cut(self) -> bool:
        """Whether it ended at the limit of its time."""
        return self.stopped_because == TIME_LIMIT

    @property
    def is_finite(self) -> bool:
        return all(map(math.isfinite, (self.level, *self.differences.values(), *self.unknowns.values())))


@dataclass(frozen=True)
class Trainings:
    """The comparisons; remarks on those that could not be made; `short`: how far those got that ran out of time."""

    comparisons: tuple[Comparison, ...] = ()
    remarks: tuple[str, ...] = ()
    short: tuple[str, ...] = ()


def compare(solution: Solution, measured: ResidualMap, budget: float) -> Trainings:
    """Train again. `budget`: seconds of training for all of it."""
    found, remarks, short = [], [], []
    kinds = (FROM_SCRATCH,) if solution.plan.constants else (CONTINUED, FROM_SCRATCH)
    if solution.plan.constants:
        remarks.append("solved in slabs of time: there is nothing to continue, it was trained from scratch only")
    own = solution.plan.stages[-1].network
    if isinstance(own, Module):
        remarks.append(f"from scratch another network was trained: {own.name} holds no weights but the trained ones")
    for kind in kinds:
        share = budget * (SHARE[kind] if len(kinds) > 1 else 1.0)
        try:
            with _untouched(own):
                other = _train(kind, solution, measured.problem, share)
        except (PlanError, TrainingError) as error:
            remarks.append(f"training {kind} was not possible: {error}")
            continue
        until, stopped = other.result.get("solved_until"), other.result["stopped_because"]
        if until is None:
            found.append(_comparison(kind, solution, other, measured))
        elif stopped == TIME_LIMIT:
            short.append(f"{kind} it reached {measured.problem.domain.time} = {until:.4g} only")
        else:
            remarks.append(f"training {kind} reached {measured.problem.domain.time} = {until:.4g} only: {stopped}")
    return Trainings(tuple(found), tuple(remarks), tuple(short))


@contextmanager
def _untouched(network: Network | Module) -> Iterator[None]:
    """A user's own module is left with the weights that it has: training puts new ones into it."""
    native = network.native if isinstance(network, Module) else None
    kept = None if native is None else native.arrays()
    try:
        yield
    finally:
        if native is not None and kept is not None:
            native.keep(kept)


def _train(kind: str, solution: Solution, problem: Problem, seconds: float) -> Solution:
    chosen = {name: solution.settings[name] for name in ("backend", "mode", "dtype", "device")}
    network = solution.plan.stages[0 if kind == FROM_SCRATCH else -1].network
    if kind == FROM_SCRATCH and isinstance(network, Module):
        network = None  # the planner's own: of a user's module there are no first weights to draw
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on the statement were made when it was stated
        stated = _as_stated(solution, problem)
        planned = planning.plan(problem, network=network, dtype=chosen["dtype"], **stated)
        points = MORE_POINTS * max(planned.count(INTERIOR), solution.plan.count(INTERIOR))
        options: dict[str, Any] = {"network": network, "points": points, "time_limit": seconds, "callbacks": ()}
        options["seed"] = solution.settings["seed"] + NEXT_SEED
        if kind == CONTINUED:
            optimizer = planned.phases[-1].optimizer
            options |= {"init": solution, "optimizer": optimizer, "steps": STEPS[optimizer]}
        else:
            options["accuracy"] = _enough(solution)
        return solve(problem, **chosen, **stated, **options)


def _as_stated(solution: Solution, problem: Problem) -> dict[str, Any]:
    """What of the solution's settings says which function is sought, where its own problem is trained again.

    Exact or soft conditions and slabs of time decide what the network's weights mean; fixed weights and misfits where
    the minimum lies. Ordinary equations may find their slabs anew: the function is the same.
    """
    if problem is not solution.problem:
        return {}
    soft = sort_conditions(problem, exact=False).trials == solution.plan.trials
    found: dict[str, Any] = {"conditions": "soft" if soft else "exact"}
    if problem.domain.dimension > 1:
        found["slabs"] = solution.plan.slabs
    for item in solution.plan.weighting:
        if item.name == FIXED:
            found["weighting"] = dict(item.options["weights"])
    robust = Weights(solution.plan).robust
    if robust.misfits:
        found["misfit"] = {name: robust.misfit(name) for name in robust.misfits}
    return found


def _enough(solution: Solution) -> float:
    """What `accuracy=` of the run from scratch is compared with: where it is as good as the solution."""
    result = solution.result
    estimate = result.get("error_estimate") if solution.plan.slabs == 1 else None
    reported = result.get("residual_heldout") if estimate is None else estimate
    return GOOD if reported is None else min(float(reported), GOOD)


def _comparison(kind: str, solution: Solution, other: Solution, measured: ResidualMap) -> Comparison:
    problem, points = measured.problem, measured.interior
    ours, theirs = (each.table(each.problem.fields, points) for each in (solution, other))
    floating = np.array([name in problem.floating for name in problem.field_names])
    apart = theirs - ours
    apart = apart - np.where(floating, apart.mean(axis=0), 0.0)
    size = sizes(theirs - np.where(floating, theirs.mean(axis=0), 0.0))
    relative = np.abs(apart) / size
    worst = np.unravel_index(int(np.argmax(relative)), relative.shape)[0]
    return Comparison(
        kind=kind,
        level=ResidualMap(other, problem).level(),
        differences=dict(zip(problem.field_names, map(float, np.sqrt((relative**2).mean(axis=0))), strict=True)),
        largest=float(relative.max()),
        place=dict(zip(problem.domain.names, map(float, points[worst]), strict=True)),
        unknowns={
            name: abs(value - other.unknowns[name])
            for name, value in solution.unknowns.items()
            if name in other.unknowns
        },
        points=other.plan.count(INTERIOR),
        steps=int(other.result["steps"]),
        seed=int(other.settings["seed"]),
        stopped_because=str(other.result["stopped_because"]),
    )


def sizes(values: np.ndarray) -> np.ndarray:
    """Root mean square of each field (n, k); 1 for a field that is zero."""
    found = np.sqrt((values**2).mean(axis=0))
    return np.where(found > 0, found, 1.0)
