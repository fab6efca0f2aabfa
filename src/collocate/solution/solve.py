"""`co.solve`: from a problem to a solution."""

from __future__ import annotations

import hashlib
import json
import numbers
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from collocate import planning, tree
from collocate.backends import select
from collocate.errors import PlanError, checked_arguments, warn
from collocate.networks import Module
from collocate.optimizers import create
from collocate.planning import Plan, marching
from collocate.planning import storage as plans
from collocate.planning.given_points import given_points
from collocate.residuals import Evaluator, frozen, initial_parameters, join, trained
from collocate.sampling.point_sets import observed, point_set
from collocate.solution import measure
from collocate.solution.intervals import unknown_intervals
from collocate.solution.logging import log
from collocate.solution.quadrature_check import warn_of_rough_integrals
from collocate.solution.slab import Slab
from collocate.solution.solution import Solution
from collocate.solution.watch import Watch
from collocate.statement import Problem
from collocate.store import write_text_atomic
from collocate.training import Callback, Functions, Limits, Trainer, TrainingState, initial_vector, train, train_stages
from collocate.training.display import watched


@checked_arguments
def solve(
    problem: Problem,
    *,
    backend: str = "jax",
    mode: str = "compiled",
    dtype: str = "float64",
    device: str = "auto",
    seed: int = 0,
    network: Any = None,
    optimizer: Any = "auto",
    points: int | Mapping[str, Any] | None = None,
    steps: int | None = None,
    conditions: str = "exact",
    weighting: Any = None,
    misfit: Any = None,
    batch: int | None = None,
    sampling: str | None = None,
    slabs: int | str = "auto",
    stages: int = 1,
    accuracy: float | None = None,
    time_limit: float | None = None,
    out: Any = None,
    resume: bool = False,
    init: Solution | None = None,
    callbacks: Sequence[Callback] | None = None,
    log_dir: Any = None,
) -> Solution:
    """Train a network for `problem` and return the `Solution` with the lowest held-out residual.

    backend: "jax", "torch" or "tensorflow"; mode: "compiled" or "eager"; dtype: "float64" or "float32";
    device: "auto", "cpu", "cuda". seed: of the first parameters and of all points.
    network, optimizer, points, steps, conditions: override the plan (see `plan`); points may be arrays. network may be
    your own: a torch.nn.Module or a keras.Model, which holds the trained weights afterwards, or for JAX
    (function, parameters).
    weighting: "gradient_norm", "ntk", "residual_attention", "self_adaptive", "causal", such as co.NTK(every=50),
    {term: weight}, or a list of these, which multiply. misfit: co.Huber(δ) or co.MeanAbsolute() for data, or
    {term: misfit}. Weights act on training alone, never on the held-out residual. batch: points of each set in a step
    of a first-order optimizer. sampling: "sobol", "halton", "latin_hypercube", "uniform".
    slabs: in how many equal stretches time is solved, one after the other; "auto" splits where the solution turns over
    often, and finds the slabs of ordinary equations in training.
    stages: where more digits are asked: so many networks, the next added where one makes no more progress, each for
    what the ones before leave (docs/why/stages.md has when that pays). steps are those of each.
    accuracy: stop where the relative L2 error is thought to be below it: by the held-out residual, and by how far the
    fields moved while that fell (`training.calibration`; `result["error_estimate"]`). In slabs of time it is the
    held-out residual, relative to the size of the equation's own terms, at which a slab is done; with data it is that
    residual, too, and where these have a sigma training goes on until they are met: `result["misfits"]` says how well,
    in units of it.
    time_limit: seconds of training. out: a folder for the solution file, result, figure and checkpoints.
    resume: go on from the checkpoint in `out`. init: a solution whose parameters to start from, whatever trained it
    (the last network's, where it has several); where time is solved in slabs, they start the first, and all are solved
    anew.
    callbacks: called with a `training.Event` at each evaluation; one that returns True ends training. Left out,
    progress is shown on a terminal. log_dir: a folder for a log that TensorBoard shows.

    Ctrl-C ends training and keeps the best solution so far. The problem's reference never influences training.
    Raises PlanError for choices that do not fit, BackendError for a missing framework or device, StoreError for an
    unusable `out`, TrainingError where the residual is not finite.
    """
    started = time.perf_counter()
    _check_kinds(problem, init, callbacks)
    _check_numbers(seed, accuracy, time_limit)
    bk = select.get(backend, mode=mode, dtype=dtype, device=device)  # type: ignore[arg-type]
    if network is None and init is not None:
        network = init.plan.stages[-1].network
    plan = planning.plan(
        problem, network=network, optimizer=optimizer, points=points, steps=steps, conditions=conditions,
        dtype=dtype, weighting=weighting, misfit=misfit, batch=batch, sampling=sampling, slabs=slabs,
        stages=stages,
    )  # fmt: skip
    plan = plan if init is None else _after(init, plan)
    given = _given_points(points, problem, plan)
    settings = {"backend": backend, "mode": bk.mode, "dtype": dtype, "device": bk.device, "seed": int(seed)}
    parameters = initial_parameters(plan, seed) if init is None else _parameters_of(init, plan)
    checkpoint = _checkpoint(out, resume, problem, plan, settings, given)
    for phase in plan.phases:  # a name that the framework does not have is found before anything is compiled
        create(bk, phase.optimizer, phase.options)
    warn_of_rough_integrals(problem, plan, parameters)
    limits = Limits(accuracy, None, time_limit, steps if plan.constants else None)
    state = (TrainingState.load(*checkpoint) if resume and checkpoint else None) or TrainingState()
    begin = _Begin(problem, bk, seed, limits, checkpoint, observed(plan, problem.observations), given)
    with watched(f"{problem.name or 'the problem'} on {backend}", callbacks) as watching:
        trainer = begin(plan, parameters)
        with log(log_dir, problem, trainer.functions, begin.evaluator, trainer.frozen) as logging:
            trainer.callbacks = begin.told = (*watching, *logging)
            if plan.later:
                trainer, state, parameters = train_stages(begin, trainer, state, parameters)
            else:
                state = train(trainer, problem, state, initial_vector(trained(parameters)))
    plan, trained_slabs = trainer.plan, _slabs(trainer.functions, parameters, state)
    compiled = {problem.fields: begin.evaluator}
    solution = Solution(problem, plan, trained_slabs, settings, state.history, _evaluators=compiled)
    found = _intervals(trainer, problem, state)
    solution.result = measure.result(solution, plan, trainer, state, started, accuracy, found)
    _keep(solution)
    if out is not None:
        _write(solution, Path(out))
    return solution


@dataclass
class _Begin:
    """The trainer of a plan's last stage; all stages are trained alike. `evaluator`: of its fields."""

    problem: Problem
    bk: Any
    seed: int
    limits: Limits
    checkpoint: tuple[Path, str] | None
    observed: Mapping[str, dict[str, Any]]
    points: Mapping[str, dict[str, Any]]
    told: tuple[Callback, ...] = ()

    def __call__(self, plan: Plan, parameters: dict[str, Any]) -> Trainer:
        self.evaluator = Evaluator(self.bk, plan, self.problem.fields)
        watch = Watch(self.problem, self.evaluator)
        watch.values(parameters, self.problem.domain)  # compiled here, before the clock of training starts
        functions, fixed = Functions(self.bk, plan, parameters), frozen(parameters)
        rest = self.told, watch, self.checkpoint, self.observed, self.points
        return Trainer(functions, self.problem.domain, fixed, self.seed, self.limits, *rest)


def _check_kinds(problem: Any, init: Any, callbacks: Any) -> None:
    """Raises PlanError for what is not of the kind that `solve` takes."""
    if not isinstance(problem, Problem):
        raise PlanError(f"solve takes a problem, co.Problem(equation, domain=…, conditions=…); got {problem!r}")
    if init is not None and not isinstance(init, Solution):
        raise PlanError(f"init takes a solution, such as co.load(path); got {init!r}")
    if callbacks is not None and (callable(callbacks) or not all(map(callable, callbacks))):
        raise PlanError(f"callbacks takes a list of functions, like callbacks=[print]; got {callbacks!r}")


def _check_numbers(seed: Any, accuracy: Any, time_limit: Any) -> None:
    """Raises PlanError for a number that means nothing here."""
    if not isinstance(seed, numbers.Integral) or seed < 0:
        raise PlanError(f"seed must be a whole number, zero or more; got {seed!r}")
    for name, value in (("accuracy", accuracy), ("time_limit", time_limit)):
        if value is not None and not (isinstance(value, numbers.Real) and 0 < float(value) < float("inf")):
            raise PlanError(f"{name} must be a positive number; got {value!r}")


def _after(init: Solution, plan: Plan) -> Plan:
    """The plan whose last stage goes on from that of `init`: with the networks before it, and at its scale.

    Raises PlanError where these are of other coordinates or fields, or time is solved in slabs.
    """
    *before, last = init.plan.stages
    if not before:
        return plan
    if (init.plan.coordinates, init.plan.fields) != (plan.coordinates, plan.fields) or plan.constants:
        raise PlanError(
            f"init is a sum of {len(before) + 1} networks for {', '.join(init.plan.fields)} of "
            f"{', '.join(init.plan.coordinates)}; "
            "it starts a problem of the same fields and coordinates only, with slabs=1"
        )
    return replace(plan, stages=(*before, replace(plan.stages[-1], scales=last.scales)))


def _parameters_of(init: Solution, plan: Plan) -> dict[str, Any]:
    """The parameters to start from. Raises PlanError where they do not fit the plan's network."""
    wanted = initial_parameters(plan, seed=0)
    given = {**init.slabs[-1].parameters, "constants": wanted["constants"]}
    shapes = [[np.shape(leaf) for leaf in tree.leaves(side)] for side in (given, wanted)]
    if tree.paths(given) != tree.paths(wanted) or shapes[0] != shapes[1]:
        raise PlanError(
            f"init has the network {init.plan.stages[-1].network} for {_inventory(init.plan)}; this problem's plan has "
            f"{plan.stages[-1].network} for {_inventory(plan)}. Leave network= out to take that of init; fields, "
            "unknowns and periodic coordinates must be as many as in init's problem"
        )
    return given


def _inventory(plan: Plan) -> str:
    names = ", ".join((*plan.fields, *(unknown.name for unknown in plan.unknowns)))
    return f"{names} of {len(plan.stages[-1].features)} inputs"


def _checkpoint(
    out: Any, resume: bool, problem: Problem, plan: Plan, settings: dict[str, Any], given: dict[str, dict[str, Any]]
) -> tuple[Path, str] | None:
    """Where checkpoints are left, and their fingerprint. Raises PlanError for `resume` without `out`."""
    if out is None:
        if resume:
            raise PlanError("resume=True needs out=…, the folder that holds the checkpoint")
        return None
    return _folder(out) / "checkpoint", _fingerprint(problem, plan, settings, given)


def _folder(out: Any) -> Path:
    """The output folder, made and tried before anything is trained. Raises StoreError where it cannot be written."""
    folder = Path(out)
    write_text_atomic(folder / ".writable", "")
    (folder / ".writable").unlink()
    return folder


def _given_points(points: Any, problem: Problem, plan: Plan) -> dict[str, dict[str, Any]]:
    """The point sets that the user gives in place of drawn ones."""
    arrays = given_points(points, problem.domain, plan.point_sets)
    return {s.name: point_set(problem.domain, s, arrays[s.name]) for s in plan.point_sets if s.name in arrays}


def _fingerprint(problem: Problem, plan: Plan, settings: dict[str, Any], given: dict[str, dict[str, Any]]) -> str:
    """What a checkpoint must agree with: the statement (not its reference), the plan, the backend, the seed, points."""
    statement = {name: value for name, value in problem.to_json().items() if name != "reference"}
    planned = {name: value for name, value in plans.to_json(plan).items() if name not in ("trial_error", "choices")}
    points = {name: hashlib.sha256(entry["coordinates"].tobytes()).hexdigest() for name, entry in given.items()}
    text = json.dumps([statement, planned, settings, points], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _slabs(functions: Functions, parameters: dict[str, Any], state: TrainingState) -> tuple[Slab, ...]:
    """The finished slabs and the last, each with its own network and constants."""
    last = {"constants": state.constants or parameters["constants"], "vector": state.best_vector}
    found = []
    for slab in [*state.finished, last]:
        fixed = {**frozen(parameters), "constants": slab["constants"]}
        start = float(slab["constants"].get(marching.START, -np.inf))
        found.append(Slab(start, join(functions.unravelled(slab["vector"]), fixed)))
    return tuple(found)


def _intervals(trainer: Trainer, problem: Problem, state: TrainingState) -> dict[str, tuple[float, float]]:
    """Of the unknown numbers, from the noise in the data; {} where there are none of either."""
    if not problem.unknowns or not problem.observations:
        return {}
    return unknown_intervals(trainer.objective(state), trainer.plan, state.best_vector, problem.observations)


def _keep(solution: Solution) -> None:
    """A user's own module or model is left with the best weights, as after any training of it."""
    network = solution.plan.stages[-1].network
    if isinstance(network, Module):
        network.keep(solution.slabs[-1].parameters["stages"][-1])


def _write(solution: Solution, folder: Path) -> None:
    solution.save(folder / "solution.collocate")
    write_text_atomic(folder / "result.json", json.dumps(solution.result, indent=2) + "\n")
    try:
        solution.plot(folder / "figure.png")
    except ValueError as error:
        warn(f"no figure was drawn: {error}")
