"""Solutions that nothing trained, for what must be equal and need not be good: built in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import symbols

import collocate as co
from collocate import tree
from collocate.planning import marching
from collocate.planning.stages import grown
from collocate.residuals.parameters import initial_parameters
from collocate.solution.slab import Slab

x, y, t, nu = symbols("x y t nu")


def untrained(problem: co.Problem, seed: int = 1, dtype: str = "float64", **choices: Any) -> co.Solution:
    """By the plan for `choices`, all parameters drawn at random, each slab and stage its own; evaluated by NumPy."""
    choices = {"network": (6, 5), "points": 30, "dtype": dtype, **choices}
    plan = co.plan(problem, **choices)
    for _ in range(choices.get("stages", 1) - 1):
        plan = grown(plan, 0.1)
    pieces = plan.slabs or 1
    low, high = plan.bounds[plan.coordinates.index(plan.time)] if plan.time else (0.0, 0.0)
    slabs = []
    for number in range(pieces):
        generator = np.random.default_rng(seed + number)
        drawn = tree.map(
            lambda leaf, g=generator: leaf + 0.3 * g.normal(size=np.shape(leaf)), initial_parameters(plan, number)
        )
        start = low + (high - low) * number / pieces
        constants = {name: np.array(value) for name, value in plan.constants}
        constants |= {marching.START: np.array(start)} if constants else {}
        slabs.append(Slab(start, {**drawn, "constants": constants}))
    settings = {"backend": "numpy", "mode": "eager", "dtype": dtype, "device": "cpu", "seed": seed}
    return co.Solution(problem, plan, tuple(slabs), settings)
