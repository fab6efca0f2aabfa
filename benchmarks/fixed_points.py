"""A training as other libraries do it: one fixed set of points, judged by its own loss. Its solution can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

import collocate as co
from collocate import planning
from collocate.backends import select
from collocate.optimizers import LevenbergMarquardt
from collocate.residuals import frozen, initial_parameters, join, trained
from collocate.sampling.point_sets import draw
from collocate.solution import Slab
from collocate.training import Functions, initial_vector
from collocate.training.objective import PointObjective


def solve_on_fixed_points(
    problem: co.Problem, *, points: int, steps: int, network: Sequence[int], seed: int = 0
) -> co.Solution:
    """Levenberg-Marquardt on `points` points drawn once; the result reports the root of the training loss."""
    bk = select.get("jax")
    plan = planning.plan(problem, network=network, points=points)
    plan = replace(plan, blocks=1)
    parameters = initial_parameters(plan, seed)
    functions = Functions(bk, plan, parameters)
    weights = {term.name: term.weight for term in plan.terms}
    objective = PointObjective(functions, frozen(parameters), draw(problem.domain, plan, seed=seed), weights, key=0)
    optimizer = LevenbergMarquardt()
    state: dict[str, Any] = optimizer.init(initial_vector(trained(parameters)))
    for _ in range(steps):
        state = optimizer.step(state, objective)
        if state["stalled"]:
            break
    loss = float(state["loss"])
    found = join(functions.unravelled(state["vector"]), frozen(parameters))
    settings = {"backend": "jax", "mode": bk.mode, "dtype": "float64", "device": bk.device, "seed": seed}
    solution = co.Solution(problem, plan, (Slab(-np.inf, found),), settings)
    solution.result = {"residual_heldout": float(np.sqrt(2 * loss)), "loss": loss, "solved_until": None}
    return solution
