"""`co.solve`: from a problem to a solution."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from collocate import __version__, tree
from collocate.backends import select
from collocate.errors import PlanError
from collocate.plan import Plan, make
from collocate.residuals import trained
from collocate.solution.evaluate import Evaluator
from collocate.solution.solution import Slab, Solution, _relative_l2
from collocate.statement import Problem, reference_values
from collocate.training.events import Callback
from collocate.training.loop import Limits, Trainer, initial_vector
from collocate.training.objective import Functions
from collocate.training.state import TrainingState


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
    points: int | Mapping[str, int] | None = None,
    steps: int | None = None,
    accuracy: float | None = None,
    time_limit: float | None = None,
    out: Any = None,
    resume: bool = False,
    init: Solution | None = None,
    callbacks: Sequence[Callback] = (),
) -> Solution:
    """Train a network for `problem` and return the `Solution` with the lowest held-out residual."""
    started = time.perf_counter()
    bk = select.get(backend, mode=mode, dtype=dtype, device=device)  # type: ignore[arg-type]
    plan = make(problem, network=network, optimizer=optimizer, points=points, steps=steps)
    template = initial_parameters(plan, seed)
    functions = Functions(bk, plan, template)
    trainer = Trainer(functions, problem.domain, [], seed, Limits(accuracy, time_limit), callbacks)
    state = trainer.run(TrainingState(), initial_vector(trained(template)))
    parameters = {"stages": [tree.unravel(select.get("numpy"), state.best_vector, functions.like)["network"]], "unknowns": {}}
    settings = {"backend": backend, "mode": mode, "dtype": dtype, "device": bk.device, "seed": seed}
    s = Solution(problem, (Slab(plan, parameters),), settings, state.history)
    s.result = {"train_seconds": state.seconds, "compile_seconds": functions.compile_seconds, "steps": state.step, "stopped": state.stopped_because, "heldout": state.best_heldout}
    return s


def initial_parameters(plan: Plan, seed: int) -> dict[str, Any]:
    """Parameters drawn by NumPy from the seed: the same for every backend."""
    generator = np.random.default_rng(seed)
    stages = [stage.network.initial(len(stage.features), len(plan.fields), generator) for stage in plan.stages]
    return {"stages": stages, "unknowns": {name: np.array(guess) for name, guess in plan.unknowns}}
