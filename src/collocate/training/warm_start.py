"""A linear problem is linear in the last layer of its network: that is solved for before training begins.

With J_L the columns of J that belong to the last layer, and a small ridge since their features are nearly dependent,

    d = −(J_LᵀJ_L + λI)⁻¹ J_Lᵀ r(θ),     λ = RIDGE · mean diagonal of J_LᵀJ_L
"""

from __future__ import annotations

from typing import Any

import numpy as np

from collocate import tree
from collocate.networks import output_layer
from collocate.optimizers.linear_algebra import NormalEquations
from collocate.training.objective import PointObjective

RIDGE = 1e-8


def solved_for(objective: PointObjective, parameters: dict[str, Any], vector: np.ndarray) -> np.ndarray:
    """The vector with its last layer replaced; as it was where that does not lower the loss.

    parameters: a tree shaped as {"network": …, "unknowns": {}}, to which the vector belongs.
    """
    sizes = [np.size(leaf) for leaf in tree.leaves(parameters["network"])]
    chosen = np.repeat(output_layer(parameters["network"]), sizes)
    rows, jacobian = objective.jacobian(vector)
    columns = np.ascontiguousarray(jacobian[:, chosen], np.float64)
    ridge = RIDGE * float(np.mean(np.sum(columns**2, axis=0)))
    step = NormalEquations(columns, np.ones(columns.shape[1])).solve(np.asarray(rows, np.float64), ridge)
    if step is None:
        return vector
    moved = vector.copy()
    moved[chosen] += step
    return moved if np.linalg.norm(objective.residuals(moved)) < np.linalg.norm(rows) else vector
