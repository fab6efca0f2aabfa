"""From a phase of the plan to the optimizer that steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collocate.optimizers.adam import Adam
from collocate.optimizers.broyden import SelfScaledBroyden
from collocate.optimizers.first_order import FirstOrder, RuleOptimizer
from collocate.optimizers.lbfgs import LBFGS
from collocate.optimizers.levenberg_marquardt import LevenbergMarquardt
from collocate.optimizers.natural_gradient import NaturalGradient
from collocate.optimizers.protocol import Optimizer
from collocate.optimizers.schedules import from_json

OPTIMIZERS: dict[str, type[Optimizer]] = {
    optimizer.name: optimizer for optimizer in (Adam, LBFGS, SelfScaledBroyden, LevenbergMarquardt, NaturalGradient)
}


def create(bk: Any, name: str, options: Mapping[str, Any]) -> Optimizer:
    """The optimizer of that name with the options of a phase; `bk` makes the framework's own.

    Raises PlanError for a first-order optimizer that the framework does not have, or an option that it does not take.
    """
    if name != FirstOrder.name:
        return OPTIMIZERS[name](**{key: from_json(value) for key, value in options.items()})
    own = {key: value for key, value in options.items() if key not in ("algorithm", "learning_rate")}
    return RuleOptimizer(bk.update_rule(options["algorithm"], own), options["learning_rate"])
