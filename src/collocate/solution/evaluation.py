"""A solution as one function of points, in protocol arrays alone: what frameworks are handed, and exporters record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sympy

from collocate import tree
from collocate.errors import StatementError
from collocate.residuals import Evaluator

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

Function = Callable[[Any, Any], Any]


def evaluation(bk: Any, solution: Solution, expressions: Sequence[sympy.Expr]) -> tuple[Function, Any]:
    """(function(parameters, points (n, d)) -> (n, len(expressions)), parameters) for canonical expressions.

    parameters: a list with the networks and unknowns of each slab. Every slab is evaluated at every point, and the one
    that a point's time lies in is taken. Of points only the number of columns is read.
    """
    evaluator = Evaluator(bk, solution.plan, expressions)
    names, time = solution.problem.domain.names, solution.problem.domain.time
    axis = names.index(time) if time else 0
    constants = [slab.parameters["constants"] for slab in solution.slabs]
    starts = [slab.start for slab in solution.slabs]

    def function(parameters: Any, points: Any) -> Any:
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
    return function, kept


def _at(bk: Any, points: Any, axis: int, time: float) -> Any:
    """The points with another time in the column `axis`."""
    columns = [points[:, k : k + 1] for k in range(points.shape[1])]
    columns[axis] = bk.zeros_like(columns[axis]) + time
    return bk.concat(columns, axis=1)
