"""A solution and the expressions asked of it as a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from collocate import tree
from collocate.backends.protocol import DType
from collocate.errors import ExportError
from collocate.exporting.builder import Builder
from collocate.exporting.graph import Graph
from collocate.exporting.passes import optimise
from collocate.exporting.recording import Recorded, RecordingBackend
from collocate.networks import Module
from collocate.solution.evaluation import evaluation

if TYPE_CHECKING:
    from collocate.solution import Solution

# Of the framework of a user's own network: the object to ask a solution for, and what exports that.
_OWN_EXPORT = {
    "torch": "solution.to_torch() is a torch.nn.Module for torch.export.export",
    "tensorflow": "solution.to_keras() is a keras.Model, and .export(path) writes a SavedModel",
    "jax": "solution.to_jax() is (function, parameters) for jax.export.export",
}


def record(solution: Solution, outputs: Mapping[str, sympy.Expr], dtype: DType | None = None) -> Graph:
    """The graph from the domain's coordinates, in their order, to `outputs`: {name: canonical expression}.

    Beyond the time that training reached the outputs are NaN, as in `Solution.at`. dtype: in which artifacts will
    compute; the solution's own where it is left out.
    Raises ExportError for a network of the user's own, and for expressions that make no graph.
    """
    _refuse_own_network(solution)
    names = solution.problem.domain.names
    builder = Builder(names, dtype or solution.settings["dtype"])
    bk = RecordingBackend(builder)
    function, parameters = evaluation(bk, solution, tuple(outputs.values()))
    points = bk.concat([Recorded(builder, number) for number in range(len(names))], axis=1)
    values = _until_solved(bk, solution, points, function(tree.map(bk.asarray, parameters), points))
    found = {name: values[:, number : number + 1].id for number, name in enumerate(outputs)}
    return optimise(builder.finish(found))


def _refuse_own_network(solution: Solution) -> None:
    for stage in solution.plan.stages:
        if isinstance(stage.network, Module):
            raise ExportError(
                f"the network {stage.network.name} is your own, and collocate cannot see into it to export it; "
                f"use its framework's export: {_OWN_EXPORT[stage.network.backend]}. Derivatives are yours to add there"
            )


def _until_solved(bk: Any, solution: Solution, points: Any, values: Any) -> Any:
    """NaN in the time that training did not reach."""
    until, time = solution.result.get("solved_until"), solution.problem.domain.time
    if until is None or time is None:
        return values
    axis = solution.problem.domain.names.index(time)
    return bk.where(bk.less_equal(points[:, axis : axis + 1], float(until)), values, np.nan)
