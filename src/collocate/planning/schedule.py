"""Which optimizer, by what its step costs; `plan` knows optimizers by name only."""

from __future__ import annotations

import dataclasses
from typing import Any

from collocate.errors import PlanError
from collocate.planning.cost import COSTS, step_cost
from collocate.planning.specification import Phase

# Of fewer rows than parameters: it wants few points, drawn anew at each step.
BY_KERNEL = "natural_gradient"
# Operations that a step may take before the next cheaper optimizer is chosen: a second or so on two cores.
LARGEST_STEP = 1.5e11
STEPS = {
    "adam": 20_000,
    "lbfgs": 10_000,
    "self_scaled_broyden": 4_000,
    "levenberg_marquardt": 1_000,
    "natural_gradient": 1_000,
}
REDRAW = {"adam": 100, "lbfgs": 500, "self_scaled_broyden": 500, "levenberg_marquardt": 1, "natural_gradient": 1}
# In evaluations of the held-out residual.
PATIENCE = {"adam": 100, "lbfgs": 50, "self_scaled_broyden": 50, "levenberg_marquardt": 40, "natural_gradient": 100}
WARM_UP = 1_000
SLAB_STEPS = 80
# The optimizers of the training framework, all under one name; a plan does not know which framework will train.
FRAMEWORK = "first_order"
FIRST_ORDER = ("adam", FRAMEWORK)
# Those that may be asked for by a plain text, so that a slip of the pen is found while planning; others by
# co.FirstOrder(name). Not every framework has each.
COMMON = (
    "sgd", "rmsprop", "adagrad", "adadelta", "adamw", "nadam", "adamax", "radam", "lion", "lamb", "adafactor", "rprop",
    "asgd", "ftrl", "adabelief", "yogi", "amsgrad", "novograd", "lars",
)  # fmt: skip


def schedule(
    optimizer: Any, rows: int, parameters: int, steps: int | None, marched: bool = False, taps: bool = True
) -> tuple[tuple[Phase, ...], str]:
    """The phases (of each slab, where time is `marched`) and the reason.

    `optimizer`: "auto", a name, or an object of `collocate.optimizers`. `taps`: whether the network's Jacobian comes by
    taps; without, "auto" leaves Gauss-Newton out. Raises PlanError for anything else.
    """
    if isinstance(optimizer, str) and optimizer == "auto":
        return _automatic(rows, parameters, min(steps or SLAB_STEPS, SLAB_STEPS) if marched else steps, taps)
    if isinstance(optimizer, str) and optimizer in COMMON:
        return (_phase(FRAMEWORK, {"algorithm": optimizer, "learning_rate": 1e-3}, steps),), "as asked"
    if isinstance(optimizer, str):
        if optimizer not in COSTS:
            raise PlanError(
                f"unknown optimizer {optimizer!r}; choose 'auto', {', '.join(map(repr, COSTS))}, one of the "
                f"framework's ({', '.join(COMMON)}), or co.FirstOrder(name) for another of its optimizers"
            )
        return (_phase(optimizer, {}, steps),), "as asked"
    name = getattr(optimizer, "name", None)
    if name not in (*COSTS, FRAMEWORK) or not dataclasses.is_dataclass(optimizer) or isinstance(optimizer, type):
        raise PlanError(f"optimizer must be 'auto', a name, or such as co.LevenbergMarquardt(); got {optimizer!r}")
    return (_phase(name, as_json(optimizer), steps),), "as asked"


def as_json(options: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass as what JSON holds: by its own `to_json`, or field by field."""
    if hasattr(options, "to_json"):
        return options.to_json()
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)}
    return {
        name: value.to_json() if hasattr(value, "to_json") else list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }


def _automatic(rows: int, parameters: int, steps: int | None, taps: bool) -> tuple[tuple[Phase, ...], str]:
    """Levenberg-Marquardt while N P² + k P³/3 is affordable (and J by taps), else self-scaled Broyden, else Adam."""
    cost = {name: step_cost(name, rows, parameters) for name in COSTS}
    if taps and cost["levenberg_marquardt"] <= LARGEST_STEP:
        reason = f"a Gauss-Newton step of {cost['levenberg_marquardt']:.1e} operations is affordable"
        return (_phase("levenberg_marquardt", {}, steps),), reason
    warm_up = _phase("adam", {}, WARM_UP)
    if parameters <= 6000:
        expensive = f"a Gauss-Newton step would take {cost['levenberg_marquardt']:.1e} operations"
        reason = f"{expensive if taps else 'the Jacobian of your own network is slow'}; an H of {parameters}² fits"
        return (warm_up, _phase("self_scaled_broyden", {}, steps)), reason
    return (_phase("adam", {}, steps),), f"{parameters} parameters are too many for a dense H"


def _phase(name: str, options: dict[str, Any], steps: int | None) -> Phase:
    like = FIRST_ORDER[0] if name in FIRST_ORDER else name
    return Phase(name, options, steps or STEPS[like], REDRAW[like], True, PATIENCE[like])
