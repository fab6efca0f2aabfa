"""Residual rows of a trained solution for any plan's terms, slab by slab.

NumPy in float64, the oracle of the house, evaluates whatever framework trained. A network of the user's own runs on
its framework alone: there, in float64 where it can, in the solution's own dtype where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from collocate import tree
from collocate.backends import select
from collocate.networks import Module
from collocate.plan.specification import Plan
from collocate.residuals import Residuals
from collocate.solution import Solution

Points = dict[str, Any]


def rows_of(solution: Solution, plan: Plan) -> Callable[[dict[str, Points]], dict[str, np.ndarray]]:
    """`rows(point sets) -> {term: r}` of a plan's terms; with slabs each point is evaluated by its own."""
    bk = _backend(solution)
    function = bk.compile(Residuals(bk, plan))

    def rows(points: dict[str, Points]) -> dict[str, np.ndarray]:
        owners = {name: _owners(solution, members["coordinates"]) for name, members in points.items()}
        total: dict[str, Any] = {term.name: 0.0 for term in plan.terms}
        with np.errstate(all="ignore"):  # a slab is evaluated outside its own time too, and that is thrown away
            for number, slab in enumerate(solution.slabs):
                of_slab = {
                    name: {**members, "weight": np.where(owners[name] == number, members["weight"], 0.0)}
                    for name, members in points.items()
                }
                found = function(tree.map(bk.asarray, slab.parameters), of_slab)
                for term in plan.terms:
                    mask = True if term.kind == "reduced" else owners[term.sets[0]] == number
                    total[term.name] = total[term.name] + np.where(mask, bk.to_numpy(found[term.name]), 0.0)
        return total

    return rows


def _backend(solution: Solution) -> Any:
    own = [(k, stage.network) for k, stage in enumerate(solution.plan.stages) if isinstance(stage.network, Module)]
    if not own:
        return select.get("numpy")
    (number, network), device = own[0], solution.settings["device"]
    double = select.get(network.backend, mode="eager", dtype="float64", device=device)
    features = np.zeros((1, len(solution.plan.stages[number].features)))
    try:
        values = double.compile(lambda weights, at: network.values(double, weights, at))(
            tree.map(double.asarray, solution.slabs[-1].parameters["stages"][number]), features
        )
        if double.to_numpy(values).dtype == np.float64:
            return double
    except Exception:  # noqa: BLE001, S110  the user's code may raise anything; in its own dtype it has run before
        pass
    return select.get(network.backend, mode="eager", dtype=solution.settings["dtype"], device=device)


def _owners(solution: Solution, points: np.ndarray) -> np.ndarray:
    """Which slab each point belongs to."""
    if len(solution.slabs) == 1:
        return np.zeros(len(points), int)
    axis = solution.problem.domain.names.index(str(solution.problem.domain.time))
    return np.searchsorted([slab.start for slab in solution.slabs[1:]], points[:, axis], side="right")
