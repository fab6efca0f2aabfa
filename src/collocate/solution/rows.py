"""Residual rows of a trained solution for any plan's terms, slab by slab.

NumPy in float64, the oracle of the house, evaluates whatever framework trained. A network of the user's own runs on
its framework alone: there, in float64 where it can, in the solution's own dtype where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate import tree
from collocate.backends import select
from collocate.networks import Module
from collocate.planning.specification import Plan, Term, integral_symbol
from collocate.residuals import Residuals

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

Points = dict[str, Any]
Rows = Callable[[dict[str, Points]], dict[str, np.ndarray]]


def rows_of(solution: Solution, plan: Plan) -> Rows:
    """`rows(point sets) -> {term: r}` of a plan's terms; with slabs each point is evaluated by its own, and the
    integral of a term runs over as many of them as it must."""
    lines = [points.name for points in plan.point_sets if points.along is not None]
    if len(solution.slabs) == 1 or not lines:
        return _rows(solution, plan)
    uses = [use for term in plan.terms for use in zip(term.sets, term.expressions, strict=True)]
    nodes = _rows(solution, _pointwise(plan, [Term(name, (e,), (name,)) for name, e in uses if name in lines]))
    outer = _rows(solution, _pointwise(plan, [_without(lines, term) for term in plan.terms]))

    def rows(points: dict[str, Points]) -> dict[str, np.ndarray]:
        at_nodes = nodes({name: points[name] for name in lines})
        found = {name: members for name, members in points.items() if name not in lines}
        for name in lines:
            along, mirrored = plan.points(name).along, str(plan.points(name).mirrors)
            assert along is not None
            sums = (points[name]["weight"] * at_nodes[name]).reshape(-1, along.nodes).sum(axis=1)
            columns = {**found[mirrored]["columns"], integral_symbol(name).name: sums}
            found[mirrored] = {**found[mirrored], "columns": columns}
        return outer(found)

    return rows


def _without(lines: list[str], term: Term) -> Term:
    kept = [(name, e) for name, e in zip(term.sets, term.expressions, strict=True) if name not in lines]
    return replace(term, sets=tuple(name for name, _ in kept), expressions=tuple(e for _, e in kept))


def _pointwise(plan: Plan, terms: list[Term]) -> Plan:
    """The plan of these terms, its lines as plain points."""
    sets = tuple(p if p.along is None else replace(p, along=None, mirrors=None) for p in plan.point_sets)
    return replace(plan, terms=tuple(terms), point_sets=sets)


def _rows(solution: Solution, plan: Plan) -> Rows:
    bk = _backend(solution)
    residuals = Residuals(bk, plan)
    function = bk.compile(residuals)
    parameters = [slab.parameters for slab in solution.slabs]

    def rows(points: dict[str, Points]) -> dict[str, np.ndarray]:
        owners = {name: solution.slab_of(members["coordinates"]) for name, members in points.items()}
        total: dict[str, Any] = {term.name: 0.0 for term in plan.terms}
        with np.errstate(all="ignore"):  # a slab is evaluated outside its own time too, and that is thrown away
            for number, own in enumerate(parameters):
                if not any((owner == number).any() for owner in owners.values()):
                    continue
                of_slab = {
                    name: {**members, "weight": np.where(owners[name] == number, members["weight"], 0.0)}
                    for name, members in points.items()
                }
                of_slab = residuals.traced(of_slab, parameters[:number], solution.slabs[number].start)
                found = function(tree.map(bk.asarray, own), of_slab)
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
        with double.scope():
            weights = tree.map(double.asarray, solution.slabs[-1].parameters["stages"][number])
            values = network.values(double, weights, double.asarray(features))
            if double.to_numpy(values).dtype == np.float64:
                return double
    except Exception:
        pass
    return select.get(network.backend, mode="eager", dtype=solution.settings["dtype"], device=device)
