"""What cannot be written as a short script, each with its name."""

from __future__ import annotations

from collections.abc import Iterator

from collocate.errors import PlanError
from collocate.geometry import Cuboid, Disk
from collocate.networks import MLP, Module
from collocate.planning import Plan
from collocate.statement import Problem


def check(problem: Problem, plan: Plan) -> None:
    """Raises PlanError that lists all that stands against a script for this plan."""
    found = list(_against(problem, plan))
    if found:
        raise PlanError(f"no script can be written of {problem.name or 'this problem'}: {'; '.join(found)}")


def _against(problem: Problem, plan: Plan) -> Iterator[str]:
    if plan.slabs != 1:
        yield "its time is solved in slabs, and a script trains one network; choose slabs=1 (--slabs 1)"
    if plan.later:
        yield "networks are added in stages, and a script trains one; leave stages out"
    if plan.batch is not None:
        yield "a script takes all points in each step; leave batch out"
    for name in problem.unknown_fields:
        yield f"the unknown field {name} has a network of its own"
    for stage in plan.stages:
        if not isinstance(stage.network, MLP) and not problem.unknown_fields:
            kind = "of your own" if isinstance(stage.network, Module) else f"a {type(stage.network).__name__}"
            yield f"its network is {kind}, and a script has an MLP; give widths, like (20, 20, 20)"
    for weighting in plan.weighting:
        if weighting.name != "fixed":
            yield f"the weighting or misfit {weighting.name!r} is not in a script; give numbers, {{term: weight}}"
    for shape in problem.domain.shapes:
        if not isinstance(shape, (Cuboid, Disk)):
            yield f"of the shapes a script has intervals, boxes, time and disks, not {shape}"
    yield from _against_sets(problem, plan)


def _against_sets(problem: Problem, plan: Plan) -> Iterator[str]:
    for points in plan.point_sets:
        if points.observed is not None:
            yield f"{points.observed} holds measured values, which a script would have to carry along"
        if points.along is not None:
            yield f"an equation has an integral over {points.along.coordinate}"
        if points.predicate is not None:
            yield f"a condition holds on a piece of a face only, {points.name}"
        if points.quadrature and not all(isinstance(shape, Cuboid) for shape in problem.domain.shapes):
            yield "it has a mean over a disk; a script has the quadrature of a box"
