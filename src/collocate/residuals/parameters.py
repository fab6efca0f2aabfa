"""The tree of parameters: {"stages": [network tree, …], "unknowns": {name: scalar}, "constants": {name: scalar}}.

The last stage and the unknowns are trained. Earlier stages and the constants of a slab are *frozen*: the same tree
with the last stage and the unknowns left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collocate.plan.specification import Plan


def initial_parameters(plan: Plan, seed: int) -> dict[str, Any]:
    """Parameters drawn by NumPy from the seed, the same for every backend; unknowns start at their guess."""
    generator = np.random.default_rng(seed)
    stages = [stage.network.initial(len(stage.features), len(plan.fields), generator) for stage in plan.stages]
    return {
        "stages": stages,
        "unknowns": {name: np.array(guess) for name, guess in plan.unknowns},
        "constants": {name: np.array(value) for name, value in plan.constants},
    }


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
