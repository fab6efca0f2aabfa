"""What a step has to compute, in floating-point operations: the other side of a time, for a roofline.

    6 E n P + the optimizer's own algebra (`planning.cost`)

n points of a set with jets of E entries, P parameters: an affine layer is 2 operations a parameter and entry, once
forwards and twice for the gradient, or once back to the taps and once for the products of a Jacobian's rows.
Activations and the equation itself are left out; so are bytes, which depend on what stays in the cache.
"""

from __future__ import annotations

from collocate.backends import select
from collocate.networks import Module
from collocate.planning import Plan
from collocate.planning.cost import step_cost
from collocate.planning.counts import rows
from collocate.planning.schedule import FIRST_ORDER
from collocate.residuals import Residuals


def flops_per_step(plan: Plan, parameters: int) -> float | None:
    """Of a step of the last phase; None for nested derivatives, whose operations nobody counts here."""
    if isinstance(plan.stages[-1].network, Module):
        return None
    spaces = Residuals(select.get("numpy"), plan).spaces
    entries = sum(len(spaces[points.name].entries) * points.count for points in plan.point_sets)
    name = plan.phases[-1].optimizer
    own = step_cost("adam" if name in FIRST_ORDER else name, rows(plan.terms, plan.point_sets), parameters)
    return 6.0 * entries * parameters + own
