"""Training over all of time: at once, or slab after slab where the plan has slab constants.

The slabs of a partial equation are as many and as long as the plan says. Each starts from the network of the one before
and gets its share of the limits; ENOUGH, or the accuracy asked, ends it.

A slab of ordinary equations is trained to TARGET, or to the accuracy asked. One that does not reach ACCEPTED on its
held-out points is halved and tried again. The next starts from the trained network, with the end values of the last as
its initial values, and is longer where the last was easy.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from collocate.geometry import Domain, Time
from collocate.planning import marching
from collocate.residuals import Evaluator, join
from collocate.training.interrupt import Interrupt, interruptible
from collocate.training.loop import Limits, Trainer
from collocate.training.state import ACCURACY_REACHED, ASKED, STEP_LIMIT, TIME_LIMIT, TrainingState

# Held-out residuals, relative to the equations' own terms, of ordinary equations: where a slab is done, where it will
# do, and where one shorter than SHORT of all time will: in a steep layer rounding is in the way. An error at the end of
# a slab is the start of the next, and grows with the solution's own sensitivity.
TARGET, ACCEPTED, ACCEPTED_SHORT = 1e-10, 2e-9, 2e-7
SHORT = 2.0**-6
# Of partial equations: where a slab is done. Closer is dear: λ falls so low that J itself is factored.
ENOUGH = 1e-8
# Of all time: a slab that does not converge at this length would not at any.
SHORTEST = 2.0**-10
# A field at rest keeps some of its size: ρ falls at most so much from slab to slab.
SAMPLES, SMALLEST = 33, 1e-2
STUCK, FINISHED = "a short slab of time did not converge", "end of time"
GROWTH = 1.5


def train(trainer: Trainer, problem: Any, state: TrainingState, vector: np.ndarray) -> TrainingState:
    """Train to the end of time, or to Ctrl-C; `trainer` is for the whole domain, `vector` the first parameters."""
    with interruptible() as interrupt:
        if trainer.plan.slabs is None:
            return _march(trainer, problem, state, vector, interrupt)
        if trainer.plan.slabs > 1:
            return _each_slab(trainer, problem, state, vector, interrupt)
        return trainer.run(state, vector, interrupt)


def _each_slab(
    trainer: Trainer, problem: Any, state: TrainingState, vector: np.ndarray, interrupt: Interrupt
) -> TrainingState:
    """The equal slabs of a partial equation."""
    count, target = trainer.plan.slabs or 1, _target(trainer, ENOUGH)
    if not state.initial.size:
        state.constants, state.initial = dict(trainer.frozen["constants"]), vector
    _compile_traces(trainer, vector)
    began = time.perf_counter()
    while True:
        done = len(state.finished)
        before = [_parameters(trainer, slab) for slab in state.finished]
        limits = _share(replace(trainer.limits, accuracy=None, residual=target), (done + 1) / count)
        slab = trainer.on(_restricted(problem.domain, state), state.constants, limits, before)
        state.seconds += time.perf_counter() - began  # what is between slabs is training too
        slab.run(state, state.initial, interrupt)
        began = time.perf_counter()
        if state.stopped_because in ASKED or state.stopped_because.startswith("failed"):
            return state
        if done + 1 == count:
            # Reached by the last slab alone is not reached.
            asked = trainer.limits.accuracy is not None and all(s["heldout"] <= target for s in state.finished)
            if state.stopped_because == ACCURACY_REACHED and not asked:
                state.stopped_because = FINISHED
            return state
        _put_away(state)
        start = np.array(_end(state))
        state.constants, state.initial = {**state.constants, marching.START: start}, state.best_vector
        state.begin_slab()


def _compile_traces(trainer: Trainer, vector: np.ndarray) -> None:
    """What the points of the second slab call, compiled before the clock of training starts."""
    began = time.perf_counter()
    parameters = join(trainer.functions.unravelled(vector), trainer.frozen)
    trainer.functions.residuals.traced(trainer.heldout_points, [parameters], parameters["constants"][marching.START])
    if trainer.watch is not None:
        trainer.watch.values(parameters, trainer.domain, [parameters])
    trainer.functions.compile_seconds += time.perf_counter() - began


def _target(trainer: Trainer, enough: float) -> float:
    """The held-out residual at which a slab is done."""
    return trainer.limits.accuracy or max(enough, _seen(trainer))


def _seen(trainer: Trainer) -> float:
    """Single precision sees nothing below its rounding."""
    return 10 * float(np.finfo(trainer.functions.bk.dtype).eps)


def _share(limits: Limits, part: float) -> Limits:
    """What of the limits on time and steps may be used up by the end of a slab."""
    time_limit = None if limits.time_limit is None else part * limits.time_limit
    return replace(limits, time_limit=time_limit, steps=None if limits.steps is None else round(part * limits.steps))


def _parameters(trainer: Trainer, slab: dict[str, Any]) -> dict[str, Any]:
    """All parameters of a finished slab."""
    return join(trainer.functions.unravelled(slab["vector"]), {**trainer.frozen, "constants": slab["constants"]})


def _put_away(state: TrainingState) -> None:
    kept = {"constants": state.constants, "vector": state.best_vector, "heldout": state.best_heldout}
    state.finished.append({**kept, "error_estimate": state.error_estimate})


def _march(
    trainer: Trainer, problem: Any, state: TrainingState, vector: np.ndarray, interrupt: Interrupt
) -> TrainingState:
    if not state.initial.size:
        state.constants, state.initial = dict(trainer.frozen["constants"]), vector
    ends = _ends(trainer, problem, vector)
    target = _target(trainer, TARGET)
    began = time.perf_counter()
    while True:
        limits = replace(trainer.limits, accuracy=None, residual=target)
        slab = trainer.on(_restricted(problem.domain, state), state.constants, limits)
        state.seconds += time.perf_counter() - began  # what is between slabs is training too
        slab.run(state, state.initial, interrupt)
        began = time.perf_counter()
        if state.stopped_because in (*ASKED, TIME_LIMIT, STEP_LIMIT):
            return state
        low, high = problem.domain.bounds[problem.domain.time]
        length = float(state.constants[marching.LENGTH])
        accepted = ACCEPTED if length > SHORT * (high - low) else ACCEPTED_SHORT
        if state.best_heldout <= max(accepted, 2 * _seen(trainer), target):
            if _end(state) >= high - 1e-12 * (high - low):
                state.stopped_because = FINISHED
                return state
            _next_slab(state, slab, problem, ends)
        elif length <= SHORTEST * (high - low):
            state.stopped_because = STUCK
            return state
        else:
            state.constants = {**state.constants, marching.LENGTH: np.array(0.5 * length)}
        state.begin_slab()


def _ends(trainer: Trainer, problem: Any, vector: np.ndarray) -> Evaluator:
    """What `_next_slab` evaluates, compiled before the clock of training starts."""
    began = time.perf_counter()
    ends = Evaluator(trainer.functions.bk, trainer.plan, tuple(_end_expressions(problem).values()))
    low, _ = problem.domain.bounds[problem.domain.time]
    ends(join(trainer.functions.unravelled(vector), trainer.frozen), np.array([[low]]))
    trainer.functions.compile_seconds += time.perf_counter() - began
    return ends


def _end(state: TrainingState) -> float:
    return float(state.constants[marching.START] + state.constants[marching.LENGTH])


def _restricted(domain: Domain, state: TrainingState) -> Domain:
    """The domain in the time of the current slab."""
    slab = Time(
        domain.coordinates[domain.names.index(domain.time)], float(state.constants[marching.START]), _end(state)
    )
    return Domain(tuple(slab if factor.axes[0].role == "time" else factor for factor in domain.factors))


def _end_expressions(problem: Any) -> dict[str, sympy.Expr]:
    """{constant: expression}: values at the end, of which the next slab starts, and the highest derivatives."""
    time = problem.domain.coordinates[0]
    found = {}
    for name, field in zip(problem.field_names, problem.fields, strict=True):
        count = problem.order(name, time.name)
        found |= {marching.initial_name(name, order): sympy.diff(field, time, order) for order in range(count)}
        found[marching.size_name(name)] = sympy.diff(field, time, count)
    return found


def _next_slab(state: TrainingState, slab: Trainer, problem: Any, ends: Evaluator) -> None:
    """Put the trained slab away and make ready for the next."""
    start, length = _end(state), float(state.constants[marching.LENGTH])
    _put_away(state)
    parameters = join(slab.functions.unravelled(state.best_vector), slab.frozen)
    times = np.linspace(start - length, start, SAMPLES)
    values = ends(parameters, times[:, None])
    easy = state.phase_step < 0.5 * slab.plan.phases[state.phase].steps
    longer = length * (GROWTH if easy else 1.0)
    remaining = problem.domain.bounds[problem.domain.time][1] - start
    names = _end_expressions(problem)
    state.constants = {name: np.array(column[-1]) for name, column in zip(names, values.T, strict=True)}
    for name in map(marching.size_name, problem.field_names):
        largest = np.abs(values[:, list(names).index(name)]).max()
        state.constants[name] = np.array(max(largest, SMALLEST * slab.frozen["constants"][name]))
    state.constants |= {marching.START: np.array(start), marching.LENGTH: np.array(min(longer, remaining))}
    state.initial = state.best_vector
