"""Loss and gradient by jets: collocate's own path, as a first- or quasi-Newton optimizer calls it.

The plan is the planner's, its blocks included. Only the trial function is replaced by the bare network, u = N, and
scales by 1, so that a hand-written program has the same loss without repeating how conditions are made exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

import collocate as co
from collocate import planning, tree
from collocate.backends import select
from collocate.networks import MLP
from collocate.planning import Plan
from collocate.planning.specification import INTERIOR, Trial
from collocate.residuals import frozen, initial_parameters, trained
from collocate.sampling.point_sets import draw
from collocate.training.objective import Functions, PointObjective

x, t = sympy.symbols("x t")
u = sympy.Function("u")(x, t)
EQUATIONS = {
    2: sympy.Eq(u.diff(t) + u * u.diff(x), 0.01 / sympy.pi * u.diff(x, 2)),
    4: sympy.Eq(u.diff(t) + u * u.diff(x) + u.diff(x, 2) + u.diff(x, 4), 0),
}
DEPTH = 4


def make_plan(order: int, points: int, width: int) -> tuple[co.Problem, Plan]:
    """On the square (−1, 1)², where the network's inputs are the coordinates themselves."""
    problem = co.Problem(EQUATIONS[order], co.Rectangle((x, t), (-1, -1), (1, 1)), [co.Dirichlet(u, 0)])
    plan = planning.plan(problem, network=MLP((width,) * DEPTH), optimizer="adam", points=points, dtype="float32")
    (stage,), (term,) = plan.stages, plan.terms
    bare = Trial("u", sympy.Integer(0), sympy.Integer(1))
    return problem, replace(
        plan, trials=(bare,), stages=(replace(stage, scales=(1.0,)),), terms=(replace(term, scale=1.0),)
    )


def _drawn(problem: co.Problem, plan: Plan) -> tuple[dict[str, Any], dict[str, Any]]:
    """Parameters, biases not zero, and points."""
    parameters = initial_parameters(plan, seed=0)
    generator = np.random.default_rng(1)
    for layer in parameters["stages"][0]["layers"]:
        layer["bias"] = 0.1 * generator.normal(size=layer["bias"].shape)
    return parameters, draw(problem.domain, plan, seed=0)


def case(order: int, points: int, width: int) -> dict[str, Any]:
    """The layers and points that the hand-written side computes with, in float32, and the plan's blocks."""
    problem, plan = make_plan(order, points, width)
    parameters, drawn = _drawn(problem, plan)
    layers = [(layer["weight"], layer["bias"]) for layer in parameters["stages"][0]["layers"]]
    return {
        "layers": [tuple(array.astype(np.float32) for array in layer) for layer in layers],
        "points": drawn[INTERIOR]["coordinates"].astype(np.float32),
        "blocks": plan.blocks,
    }


def prepare(backend: str, mode: str, order: int, points: int, width: int) -> Callable[[], tuple[float, np.ndarray]]:
    """`step() -> (loss, gradient)`, finished and on the host."""
    problem, plan = make_plan(order, points, width)
    parameters, drawn = _drawn(problem, plan)
    bk = select.get(backend, mode=mode, dtype="float32")  # type: ignore[arg-type]
    functions = Functions(bk, plan, parameters)
    objective = PointObjective(functions, frozen(parameters), drawn, {term.name: 1.0 for term in plan.terms}, key=0)
    vector = tree.ravel(select.get("numpy"), trained(parameters)).astype(np.float32)
    return lambda: objective.loss_and_gradient(vector)
