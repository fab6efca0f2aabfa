"""A solution as an object of a framework: differentiable, trainable, the user's own from then on."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate import tree
from collocate.backends import select
from collocate.errors import StatementError
from collocate.residuals import Evaluator

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

Graph = Callable[[Any, Any], Any]


def to_torch(solution: Solution) -> Any:
    """See `Solution.to_torch`."""
    dtype = solution.settings["dtype"]
    bk = select.get("torch", mode="eager", dtype=dtype, device="cpu")
    module = import_module("collocate.backends.torch_module")
    return module.GraphModule(*_graph(bk, solution), dtype)


def to_keras(solution: Solution) -> Any:
    """See `Solution.to_keras`."""
    dtype = solution.settings["dtype"]
    bk = select.get("tensorflow", mode="eager", dtype=dtype, device="cpu")
    module = import_module("collocate.backends.keras_model")
    return module.GraphModel(*_graph(bk, solution), solution.problem.domain.names, dtype)


def to_jax(solution: Solution) -> tuple[Graph, Any]:
    """See `Solution.to_jax`."""
    bk = select.get("jax", mode="eager", dtype=solution.settings["dtype"])
    graph, parameters = _graph(bk, solution)
    return import_module("collocate.backends.jax").in_precision(graph, bk.dtype), tree.map(bk.asarray, parameters)


def _graph(bk: Any, solution: Solution) -> tuple[Graph, Any]:
    """(graph(parameters, points) -> fields, parameters): a list with the networks and unknowns of each slab.

    Every slab is evaluated at every point, and the one that a point's time lies in is taken.
    """
    evaluator = Evaluator(bk, solution.plan, solution.problem.fields)
    names, time = solution.problem.domain.names, solution.problem.domain.time
    axis = names.index(time) if time else 0
    constants = [slab.parameters["constants"] for slab in solution.slabs]
    starts = [slab.start for slab in solution.slabs]

    def graph(parameters: Any, points: Any) -> Any:
        if len(points.shape) != 2 or points.shape[1] != len(names):
            raise StatementError(
                f"the points have shape {tuple(points.shape)}; (n, {len(names)}) is expected, with the columns "
                f"{', '.join(names)}"
            )
        found, columns = None, evaluator.traces.first(_at(bk, points, axis, starts[0]))
        for own, fixed, start, end in zip(parameters, constants, starts, [*starts[1:], None], strict=True):
            whole = {**own, "constants": tree.map(bk.asarray, fixed)}
            values = evaluator.graph(whole, points, columns)
            if end is not None:
                columns = evaluator.traces.next(whole, _at(bk, points, axis, end), columns)
            begun = None if found is None else bk.less_equal(start, points[:, axis : axis + 1])
            found = values if found is None else bk.where(begun, values, found)
        return found

    kept = [{name: slab.parameters[name] for name in ("stages", "unknowns")} for slab in solution.slabs]
    return graph, kept


def _at(bk: Any, points: Any, axis: int, time: float) -> Any:
    """The points with another time in the column `axis`."""
    chosen = bk.asarray(np.arange(points.shape[1]) == axis)
    return bk.where(chosen, time, points)
