"""A solution as an object of a framework: differentiable, trainable, the user's own from then on."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from collocate import tree
from collocate.backends import select
from collocate.errors import NotYetError
from collocate.residuals import Evaluator
from collocate.solution.slab import Slab

if TYPE_CHECKING:
    from collocate.solution.solution import Solution


def to_torch(solution: Solution) -> Any:
    """See `Solution.to_torch`."""
    slab = _only(solution)
    bk = select.get("torch", mode="eager", dtype=solution.settings["dtype"], device="cpu")
    graph = Evaluator(bk, solution.plan, solution.problem.fields).graph
    module = import_module("collocate.backends.torch_module")
    return module.GraphModule(graph, slab.parameters, solution.settings["dtype"])


def to_jax(solution: Solution) -> tuple[Callable[[Any, Any], Any], Any]:
    """See `Solution.to_jax`."""
    slab = _only(solution)
    bk = select.get("jax", mode="eager", dtype=solution.settings["dtype"])
    return Evaluator(bk, solution.plan, solution.problem.fields).graph, tree.map(bk.asarray, slab.parameters)


def _only(solution: Solution) -> Slab:
    first, *others = solution.slabs
    if others:
        raise NotYetError("a solution in several slabs of time cannot be handed to a framework yet; call it instead")
    return first
