"""Training stage after stage: the network before is frozen, the next is fitted to what it leaves.

A new stage starts as drawn, but the best so far is the solution before it, N = 0: it is kept where the new network does
not lower the held-out residual. A stage that a limit ends is the last: cut short it leaves more than a second network
makes up for (docs/why/stages.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from collocate.backends import select
from collocate.planning.specification import Plan
from collocate.planning.stages import grown
from collocate.residuals import Residuals, frozen, initial_parameters, join, trained
from collocate.training.interrupt import interruptible
from collocate.training.loop import Trainer, initial_vector
from collocate.training.state import ASKED, LIMITED, TrainingState

# Of the scale of the first stage: where the change of the residual is taken. It is linear there to as many digits as a
# difference of two residuals of rounding 1e-14 has.
PROBE = 1e-6

# (plan, parameters) -> the trainer of its last stage
Begin = Callable[[Plan, dict[str, Any]], Trainer]


def train_stages(begin: Begin, trainer: Trainer, state: TrainingState, parameters: dict[str, Any]) -> tuple[
    Trainer, TrainingState, dict[str, Any]
]:  # fmt: skip
    """Train all stages of the plan of `trainer`, that of the first, to the last or to Ctrl-C.

    Returns the trainer of the last stage that was begun, and the parameters that it started from.
    """
    for stage in state.stages:
        trainer, parameters = _next(begin, trainer, parameters, stage)
    with interruptible() as interrupt:
        while True:
            trainer.run(state, initial_vector(trained(parameters)), interrupt)
            ended = state.stopped_because
            over = ended in (*ASKED, *LIMITED) or ended.startswith("failed")
            if over or not trainer.plan.later or not state.best_heldout > 0.0:
                return trainer, state, parameters
            stage = {
                "vector": state.best_vector,
                "heldout": state.best_heldout,
                "factor": _factor(trainer, state, parameters),
            }
            state.stages.append(stage)
            moments = state.moments
            state.begin_slab()
            state.moments = moments
            trainer, parameters = _next(begin, trainer, parameters, stage)


def _next(
    begin: Begin, trainer: Trainer, parameters: dict[str, Any], stage: dict[str, Any]
) -> tuple[Trainer, dict[str, Any]]:
    """The trainer of the next stage and its first parameters, after `stage`."""
    plan, parameters = _grown(trainer, parameters, stage["vector"], stage["factor"])
    following = begin(plan, parameters)
    following.left = stage["heldout"]
    following.functions.compile_seconds += trainer.functions.compile_seconds
    return following, parameters


def _grown(
    trainer: Trainer, parameters: dict[str, Any], vector: np.ndarray, factor: float
) -> tuple[Plan, dict[str, Any]]:
    """The plan with one more stage, and parameters: the networks before as trained, the new one as drawn."""
    plan = grown(trainer.plan, factor)
    before = join(trainer.functions.unravelled(vector), frozen(parameters))
    drawn = initial_parameters(plan, trainer.seed)["stages"][-1]
    return plan, {**before, "stages": [*before["stages"], drawn]}


def _factor(trainer: Trainer, state: TrainingState, parameters: dict[str, Any]) -> float:
    """s that balances what is left and what the network as drawn changes, on held-out points, by NumPy:

        s = ‖r(0)‖ / ‖∂r/∂s (0)‖,    r(s) the residual rows of u + s Φ N.

    That is the size of the correction where the new network is like it: r(s) is linear in s as far as s is small.
    """
    rows = [_rows(trainer, state, parameters, factor) for factor in (0.0, PROBE)]
    change = float(np.linalg.norm(rows[1] - rows[0])) / PROBE
    return float(np.linalg.norm(rows[0])) / change if change > 0.0 else 1.0


def _rows(trainer: Trainer, state: TrainingState, parameters: dict[str, Any], factor: float) -> np.ndarray:
    plan, whole = _grown(trainer, parameters, state.best_vector, factor)
    residuals = Residuals(select.get("numpy"), plan)
    found, points = residuals(whole, trainer.heldout_points), trainer.heldout_points
    return np.concatenate(
        [found[term.name] * residuals.row_factor(term, points, trainer.weights) for term in plan.terms]
    )
