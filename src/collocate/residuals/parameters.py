"""The tree of parameters: {"stages": [network tree, …], "unknowns": {name: scalar}}."""

from __future__ import annotations

from typing import Any

import numpy as np

from collocate.plan.specification import Plan


def initial_parameters(plan: Plan, seed: int) -> dict[str, Any]:
    """Parameters drawn by NumPy from the seed, in float64: the same for every backend. Unknowns start at their guess."""
    generator = np.random.default_rng(seed)
    stages = [stage.network.initial(len(stage.features), len(plan.fields), generator) for stage in plan.stages]
    return {"stages": stages, "unknowns": {name: np.array(guess) for name, guess in plan.unknowns}}


def trained(parameters: dict[str, Any]) -> dict[str, Any]:
    """The part of the parameters that is trained: the last stage and the unknowns."""
    return {"network": parameters["stages"][-1], "unknowns": parameters["unknowns"]}


def join(trained_part: dict[str, Any], frozen: list[Any]) -> dict[str, Any]:
    """Parameters from the trained part and the frozen stages: the inverse of `trained`."""
    return {"stages": [*frozen, trained_part["network"]], "unknowns": trained_part["unknowns"]}
