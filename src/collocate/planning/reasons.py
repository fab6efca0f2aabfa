"""What a plan holds, each with its reason, as `collocate plan` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collocate.networks import Module, Network
from collocate.planning.counts import rows
from collocate.planning.folding import listed, named, scales, together
from collocate.planning.network import WIDTHS
from collocate.planning.specification import Choice, Plan

MANY_DIMENSIONS = ": few, so that Gauss-Newton steps are affordable in many dimensions"


def _describe(network: Network | Module) -> str:
    options = network.to_json()
    return f"{options.pop('kind')} " + ", ".join(f"{name} {value}" for name, value in options.items())


def explained(
    plan: Plan,
    scales_asked: Mapping[str, float],
    parameters: int,
    network_asked: bool,
    why_optimizer: str,
    why_slabs: str,
) -> Iterator[Choice]:
    """What the plan holds, each with its reason; its conditions have been explained when they were sorted."""
    if plan.slabs is None:
        yield Choice("time", "in slabs", "an initial value problem is solved slab after slab")
    if plan.traces:
        yield Choice("time", f"in {plan.slabs} slabs", why_slabs)
    (stage,) = plan.stages
    why = ", as asked" if network_asked else MANY_DIMENSIONS if len(plan.coordinates) not in WIDTHS else ""
    yield Choice("network", _describe(stage.network), f"{parameters} parameters{why}")
    if plan.later:
        count, reason = 1 + len(plan.later), "as asked; where one ends the next is added, at its own scale"
        yield Choice("stages", f"{count}", reason)
    for name, scale in zip(plan.fields, stage.scales, strict=True) if plan.slabs is not None else ():
        reason = "as asked" if name in scales_asked else "the size of G, or what balances the equation"
        yield Choice(f"scale of {name}", f"{scale:.3g}", reason)
    for group in together(plan.terms, lambda term: term.label):
        yield Choice(f"scale of {named(group)}", scales(group), "root mean square of its summands")
    for term in plan.terms:
        if term.weight != 1.0:
            reason = "data with a sigma hold noise; weightings multiply it"
            yield Choice(f"weight of {term.name}", f"{term.weight:.3g}", reason)
    each = together(plan.point_sets, lambda points: points.count)
    counts = "; ".join(f"{listed(s.name for s in group)} {_each(group[0].count, len(group))}" for group in each)
    held = f"{rows(plan.terms, plan.point_sets)} rows for {parameters} parameters"
    drawn = "drawn anew" if any(phase.redraw for phase in plan.phases) else "drawn once"
    yield Choice("points", counts, f"{plan.sampling}, {drawn}; {held}")
    yield Choice("optimizer", " then ".join(phase.algorithm for phase in plan.phases), why_optimizer)


def _each(count: int, sets: int) -> str:
    return f"{count}" if sets == 1 else f"({count} each)"


def asked_for(plan: Plan, given: Mapping[str, Any]) -> Iterator[Choice]:
    """What was asked for beyond the planner's own choices."""
    for name, array in given.items():
        yield Choice(f"points of {name}", f"{len(array)}", "as given, the same at each step")
    for item in plan.weighting:
        options = ", ".join(f"{key} {value}" for key, value in item.options.items()) or "its defaults"
        alone = len(plan.terms) == 1 and item.name in ("gradient_norm", "ntk")
        reason = "as asked, but there is one term: nothing to balance" if alone else "as asked; held-out rows weigh one"
        yield Choice(f"weighting {item.name}", options, reason)
    if plan.batch is not None:
        yield Choice("batch", f"{plan.batch}", "points of each set in one step, as asked")
