"""A solution as an object of a framework: differentiable, trainable, the user's own from then on."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from collocate import tree
from collocate.backends import select
from collocate.solution.evaluation import Function, evaluation

if TYPE_CHECKING:
    from collocate.solution.solution import Solution


def to_torch(solution: Solution) -> Any:
    """See `Solution.to_torch`."""
    dtype = solution.settings["dtype"]
    bk = select.get("torch", mode="eager", dtype=dtype, device="cpu")
    module = import_module("collocate.backends.torch_module")
    return module.GraphModule(*evaluation(bk, solution, solution.problem.fields), dtype)


def to_keras(solution: Solution) -> Any:
    """See `Solution.to_keras`."""
    dtype = solution.settings["dtype"]
    bk = select.get("tensorflow", mode="eager", dtype=dtype, device="cpu")
    module = import_module("collocate.backends.keras_model")
    function, parameters = evaluation(bk, solution, solution.problem.fields)
    return module.GraphModel(function, parameters, solution.problem.domain.names, dtype)


def to_jax(solution: Solution) -> tuple[Function, Any]:
    """See `Solution.to_jax`."""
    bk = select.get("jax", mode="eager", dtype=solution.settings["dtype"])
    function, parameters = evaluation(bk, solution, solution.problem.fields)
    return import_module("collocate.backends.jax").in_precision(function, bk.dtype), tree.map(bk.asarray, parameters)
