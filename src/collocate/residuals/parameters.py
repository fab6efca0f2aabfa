"""The tree of parameters: {"stages": [network tree, …], "unknowns": {name: scalar}, "constants": {name: scalar}}.

The last stage and the unknowns are trained. Earlier stages and the constants of a slab are *frozen*: the same tree
with the last stage and the unknowns left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from collocate.planning.specification import Plan, UnknownPlan


def initial_parameters(plan: Plan, seed: int) -> dict[str, Any]:
    """Parameters drawn by NumPy from the seed, the same for every backend; unknowns start at their guess.

    An unknown with bounds is stored as the free number z of which it is a function (see `unknown_values`).
    """
    generator = np.random.default_rng(seed)
    stages = [stage.network.initial(len(stage.features), len(plan.fields), generator) for stage in plan.stages]
    return {
        "stages": stages,
        "unknowns": {unknown.name: np.array(_free(unknown)) for unknown in plan.unknowns},
        "constants": {name: np.array(value) for name, value in plan.constants},
    }


def unknown_values(bk: Any, plan: Plan, free: Mapping[str, Any]) -> dict[str, Any]:
    """What the unknowns are worth: lo + (hi − lo)/(1 + e^{−z}) between bounds, lo + e^z above one, hi − e^z below
    one, z itself without."""
    return {unknown.name: _bounded(bk, unknown, free[unknown.name]) for unknown in plan.unknowns}


def _bounded(bk: Any, unknown: UnknownPlan, z: Any) -> Any:
    low, high = unknown.low, unknown.high
    if low is not None and high is not None:
        return low + (high - low) * bk.sigmoid(z)
    if low is not None:
        return low + bk.exp(z)
    return z if high is None else high - bk.exp(z)


def _free(unknown: UnknownPlan) -> float:
    """z of the guess: the inverse of `_bounded`."""
    guess, low, high = unknown.guess, unknown.low, unknown.high
    if low is not None and high is not None:
        return math.log((guess - low) / (high - guess))
    if low is not None:
        return math.log(guess - low)
    return guess if high is None else math.log(high - guess)


def trained(parameters: dict[str, Any]) -> dict[str, Any]:
    """The part of the parameters that is trained: the last stage and the unknowns."""
    return {"network": parameters["stages"][-1], "unknowns": parameters["unknowns"]}


def frozen(parameters: dict[str, Any]) -> dict[str, Any]:
    """The part that is not trained: earlier stages and constants."""
    return {"stages": parameters["stages"][:-1], "constants": parameters["constants"]}


def join(trained_part: dict[str, Any], frozen_part: dict[str, Any]) -> dict[str, Any]:
    """The whole tree: the inverse of `trained` and `frozen`."""
    return {
        "stages": [*frozen_part["stages"], trained_part["network"]],
        "unknowns": trained_part["unknowns"],
        "constants": frozen_part["constants"],
    }
