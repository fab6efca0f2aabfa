"""A solution from a file, on any backend."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np

from collocate import store, tree
from collocate.backends import select
from collocate.backends.protocol import DType, Mode
from collocate.errors import CollocateError, StoreError, checked_arguments
from collocate.expressions.printing import to_text
from collocate.networks import Module, is_own, wrap
from collocate.planning import Plan
from collocate.planning import storage as plans
from collocate.residuals import check_backend, initial_parameters
from collocate.solution.saving import KIND, array_name
from collocate.solution.slab import Slab
from collocate.solution.solution import Solution
from collocate.statement import Problem


@checked_arguments
def load(path: str | os.PathLike[str], backend: str | None = None, network: Any = None) -> Solution:
    """The solution in a file, evaluated by `backend` (by default the one that trained it, else one that is installed).

    network: the module, model or (function, parameters) that it was trained with, where that was one of the user's
    own: a file holds no code. Its own parameters are neither used nor changed.
    Loading runs no code of the file. Raises StoreError for a file that is damaged, newer, or whose arrays do not fit
    its plan or `network`, and BackendError for a backend that is not installed.
    """
    if Path(path).is_dir():
        inside = Path(path, "solution.collocate")
        meant = f"the solution's file in it, {inside}" if inside.exists() else "a solution's file"
        raise StoreError(f"{path} is a folder; give {meant}")
    document, arrays = store.read(path, KIND)
    try:
        problem = Problem.from_json(document["problem"])
        plan = plans.from_json(document["plan"])
        starts = [float(start) for start in document["slabs"]]
        given = document["settings"]
        settings: dict[str, Any] = {name: str(given[name]) for name in ("backend", "mode", "dtype")}
        settings |= {"device": "auto", "seed": int(given["seed"])}
        history, result = _history(document["history"]), _result(document["result"])
        _check(problem, plan, settings)
    except StoreError:
        raise
    except (CollocateError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"{path}: the solution in the file is malformed: {error}") from error
    plan = _with_network(plan, network, settings["dtype"], path)
    if not starts or starts != sorted(starts):
        raise StoreError(f"{path}: slabs must start one after the other; the file has {starts}")
    slabs = tuple(Slab(start, _parameters(plan, number, arrays, path)) for number, start in enumerate(starts))
    settings["backend"] = backend or _present(settings["backend"])
    check_backend(select.get(settings["backend"], mode=settings["mode"], dtype=settings["dtype"]), plan)
    return Solution(problem, plan, slabs, settings, history, result)


def _with_network(plan: Plan, network: Any, dtype: Any, path: Any) -> Plan:
    """The plan with the user's own network in its place. Raises StoreError where that is missing or another."""
    *earlier, stage = plan.stages
    saved = stage.network
    if not isinstance(saved, Module):
        if network is not None:
            raise StoreError(f"{path}: its network is in the file, {saved}; leave network= out")
        return plan
    if network is None:
        raise StoreError(
            f"{path} was trained with a network of the user's own, {saved.name}, and a file holds no code: make the "
            f"same one and load by co.load({str(path)!r}, network=…)"
        )
    if not is_own(network):
        raise StoreError(f"{path} was trained with a network of the user's own, {saved.name}; got network={network!r}")
    given = wrap(network, [to_text(feature) for feature in stage.features], plan.fields, dtype)
    if (given.backend, given.shapes) != (saved.backend, saved.shapes):
        raise StoreError(
            f"{path}: its network {saved.name} has for backend {saved.backend!r} the parameters {_shapes(saved)}; "
            f"network= is {given.name} for {given.backend!r} with {_shapes(given)}"
        )
    return replace(plan, stages=(*earlier, replace(stage, network=given)))


def _shapes(module: Module) -> str:
    return ", ".join(f"{name} {tuple(shape)}" for name, shape in module.shapes)


def _check(problem: Problem, plan: Plan, settings: dict[str, Any]) -> None:
    """Raises ValueError where plan and problem do not belong together, or a setting is none of its kind."""
    belongs = (plan.coordinates, plan.fields) == (problem.domain.names, problem.field_names)
    if not belongs or tuple(trial.field for trial in plan.trials) != plan.fields:
        raise ValueError("its plan is for other coordinates or fields than its problem")
    if not plan.stages or any(len(stage.scales) != len(plan.fields) for stage in plan.stages):
        raise ValueError("its plan needs a network with one scale a field")
    for name, known in (("mode", get_args(Mode)), ("dtype", get_args(DType))):
        if settings[name] not in known:
            raise ValueError(f"{name} {settings[name]!r} is none of {', '.join(known)}")


def _history(given: Any) -> dict[str, list[float]]:
    """Raises TypeError or ValueError for anything but lists of numbers by name."""
    return {str(name): [float(value) for value in values] for name, values in dict(given).items()}


def _result(given: Any) -> dict[str, Any]:
    """Raises TypeError or ValueError where what a solution itself reads from it is no number."""
    result = dict(given)
    for name in ("residual_heldout", "solved_until"):
        if result.get(name) is not None:
            result[name] = float(result[name])
    return result


def _present(trained_on: str) -> str:
    installed = select.installed()
    return trained_on if trained_on in installed else "jax"


def _parameters(plan: Plan, number: int, arrays: dict[str, np.ndarray], path: Any) -> dict[str, Any]:
    """Parameters of one slab, each checked against the shape that the plan's networks need."""
    try:
        template = initial_parameters(plan, seed=0)
    except MemoryError as error:
        raise StoreError(f"{path}: its network is larger than this machine's memory") from error
    found = []
    for where, leaf in zip(tree.paths(template), tree.leaves(template), strict=True):
        name = array_name(number, where)
        if name not in arrays:
            raise StoreError(f"{path}: the array {name!r} is missing")
        if arrays[name].shape != np.shape(leaf):
            raise StoreError(f"{path}: {name!r} has shape {arrays[name].shape}; its network needs {np.shape(leaf)}")
        found.append(arrays[name])
    return tree.unflatten(template, found)
