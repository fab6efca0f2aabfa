"""From a problem to a plan: which conditions are exact, which network, points, scales and optimizer, and why."""

from collocate.planning.planner import plan
from collocate.planning.specification import (
    INTERIOR,
    Along,
    Choice,
    Phase,
    Plan,
    PointSetPlan,
    Stage,
    Term,
    Trial,
    UnknownPlan,
    integral_symbol,
)

__all__ = [
    "INTERIOR",
    "Along",
    "Choice",
    "Phase",
    "Plan",
    "PointSetPlan",
    "Stage",
    "Term",
    "Trial",
    "UnknownPlan",
    "integral_symbol",
    "plan",
]
