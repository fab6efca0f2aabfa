"""Networks that training adds one after the other, each to what the ones before leave.

    u = G + Φ · Σ_s scale_s N_s

A stage is trained until it makes no more progress, then frozen. The next is the same network drawn anew; its scale is
known only then (`training.stages`). docs/why/stages.md has what this gains, and where it gains nothing.

Source: Y. Wang, C.-Y. Lai, «Multi-stage neural networks», J. Comput. Phys. 504 (2024), arXiv:2307.08934.
"""

from __future__ import annotations

import numbers
from dataclasses import replace
from typing import Any

from collocate.errors import PlanError
from collocate.networks import MLP, Module
from collocate.planning.specification import Plan, Stage

# The slope of a later network's first layer, over that of the first's.
STEEPER = 2.0
# Of a later stage, over the patience of the first: it lowers the residual slowly for a hundred Gauss-Newton steps.
MORE_PATIENCE = 5


def later_stages(asked: Any, stage: Stage, problem: Any, split: bool, dtype: str) -> tuple[Stage, ...]:
    """The stages after the first, with scales in units of its scales. Raises PlanError where there can be none.

    `split`: whether time is solved in slabs.
    """
    if not isinstance(asked, numbers.Integral) or isinstance(asked, bool) or asked < 1:
        raise PlanError(f"stages must be a whole number, one or more; got {asked!r}")
    against = _against(stage, problem, split, dtype)
    count = int(asked)
    if count > 1 and against:
        raise PlanError(f"stages={asked}: no second network can be added, since {against}")
    return (replace(stage, network=_steeper(stage.network)),) * (count - 1)


def _steeper(network: Any) -> Any:
    """What is left turns over more often than what was found; of other networks than an MLP nothing is known."""
    return replace(network, slope=STEEPER * network.slope) if isinstance(network, MLP) else network


def _against(stage: Stage, problem: Any, split: bool, dtype: str) -> str | None:
    """Why there is one stage only, or None."""
    if isinstance(stage.network, Module):
        return "a network of your own is one object with one set of weights; use one of ours, such as co.MLP((20, 20))"
    if problem.unknowns or problem.unknown_fields or problem.observations:
        return "something is sought or measured: what is left is noise, or belongs to the unknown; leave stages out"
    if split:
        return "time is solved in slabs, each with one network; choose slabs=1, or leave stages out"
    if dtype != "float64":
        return f"one network reaches what {dtype} can tell apart; choose dtype='float64', or leave stages out"
    return None


def grown(plan: Plan, factor: float) -> Plan:
    """The plan with the first of its later stages added, its scales `factor` times as large, and more patience."""
    added, *later = plan.later
    scales = tuple(factor * scale for scale in added.scales)
    first = len(plan.stages) == 1
    phases = tuple(replace(p, patience=MORE_PATIENCE * p.patience) for p in plan.phases) if first else plan.phases
    return replace(plan, stages=(*plan.stages, replace(added, scales=scales)), later=tuple(later), phases=phases)
