"""The first loss of `solve`, by NumPy and jets, and what the first steps of its Adam make of it."""

from __future__ import annotations

from typing import Any

import numpy as np

import collocate as co
from collocate.backends import select
from collocate.optimizers import Adam
from collocate.planning import Plan
from collocate.residuals import Residuals, frozen, initial_parameters, trained
from collocate.sampling.point_sets import draw
from collocate.training import Functions, PointObjective, initial_vector
from collocate.training.weights import Weights


def planned(problem: co.Problem, choices: dict[str, Any]) -> Plan:
    return co.plan(problem, optimizer="adam", **choices)


def first_loss(problem: co.Problem, seed: int = 0, **choices: Any) -> float:
    plan = planned(problem, choices)
    residuals, live = Residuals(select.get("numpy"), plan), Weights(plan)
    points = draw(problem.domain, plan, seed=seed)
    rows = residuals(initial_parameters(plan, seed), points)
    weights = {name: np.array(weight) for name, weight in live.terms(live.initial()).items()}
    factors = {term.name: residuals.row_factor(term, points, weights) for term in plan.terms}
    return 0.5 * sum(float(np.sum((rows[name] * factors[name]) ** 2)) for name in rows)


def losses(problem: co.Problem, steps: int, seed: int = 0, **choices: Any) -> list[float]:
    """The loss before each of the first steps of Adam, on JAX."""
    plan = planned(problem, choices)
    parameters = initial_parameters(plan, seed)
    functions = Functions(select.get("jax"), plan, parameters)
    weights = {term.name: term.weight for term in plan.terms}
    points = draw(problem.domain, plan, seed=seed)
    objective = PointObjective(functions, frozen(parameters), points, weights, key=0)
    optimizer = Adam()
    state, found = optimizer.init(initial_vector(trained(parameters))), []
    for _ in range(steps):
        state = optimizer.step(state, objective)
        found.append(state["loss"])
    return found
