"""The training loop: phases of one optimizer each, judged by held-out residuals only.

Points are a pure function of (seed, number of the draw) and, where adaptive, of the parameters at that moment; a
checkpoint holds the current ones, so a resumed run goes on bitwise as the uninterrupted one would. No decision reads
the clock but the time limit.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from collocate import tree
from collocate.cores import usable_cores
from collocate.errors import StoreError, TrainingError
from collocate.geometry import Domain
from collocate.optimizers import create
from collocate.planning import marching
from collocate.planning.specification import Phase, Plan, PointSetPlan
from collocate.residuals import join
from collocate.sampling.batches import batch
from collocate.sampling.point_sets import CANDIDATES, HELD_OUT, TRAINING, draw, point_set
from collocate.sampling.residual_based import resample
from collocate.training import calibration
from collocate.training.events import Callback, Event
from collocate.training.interrupt import Interrupt
from collocate.training.objective import Functions, PointObjective
from collocate.training.state import (
    ACCURACY_REACHED,
    CALLBACK,
    INTERRUPTED,
    LIMITED,
    STEP_LIMIT,
    TIME_LIMIT,
    TrainingState,
)
from collocate.training.weights import Measured, Weights

# Within the patience of a phase the held-out residual must fall by this share, or χ² by this much where something was
# measured: see `_worthwhile`.
IMPROVEMENT, IMPROVEMENT_OF_CHI_SQUARED = 0.3, 0.01
# Cheap steps are judged every so many, Gauss-Newton steps each time.
EVALUATE_EVERY = {
    "adam": 50, "first_order": 50, "lbfgs": 20, "self_scaled_broyden": 20, "levenberg_marquardt": 1,
    "natural_gradient": 5,
}  # fmt: skip
CANDIDATE_ROUNDS = 6
CHECKPOINT_SECONDS = 10.0


class Watched(Protocol):
    """The fields on fixed points (n, fields), and where the truth is `known` their relative L2 errors: these are for
    the record only."""

    @property
    def known(self) -> bool: ...

    def values(self, parameters: dict[str, Any], domain: Domain, before: Sequence[dict[str, Any]]) -> np.ndarray: ...

    def errors(self, values: np.ndarray, domain: Domain) -> dict[str, float]: ...


@dataclass(frozen=True)
class Limits:
    """When to stop before the plan's own end: an estimated error, a held-out residual, seconds of training, steps over
    all slabs."""

    accuracy: float | None = None
    residual: float | None = None
    time_limit: float | None = None
    steps: int | None = None


class Trainer:
    """Trains the last stage of one plan. `watch` shows the fields as they are trained.

    `training_points` are point sets that are taken as they are, and not drawn; held-out points are drawn all the same.
    `left`: the held-out residual before this stage. Optimizers see rows in units of it, so numbers of order one.
    """

    def __init__(
        self,
        functions: Functions,
        domain: Domain,
        frozen: dict[str, Any],
        seed: int,
        limits: Limits,
        callbacks: Sequence[Callback] = (),
        watch: Watched | None = None,
        checkpoint: tuple[Path, str] | None = None,
        observed: Mapping[str, dict[str, Any]] | None = None,
        training_points: Mapping[str, dict[str, Any]] | None = None,
        before: Sequence[dict[str, Any]] = (),
    ):
        self.functions, self.domain, self.frozen, self.seed = functions, domain, frozen, seed
        self.limits, self.callbacks, self.watch, self.checkpoint = limits, callbacks, watch, checkpoint
        self.observed, self.training_points = dict(observed or {}), dict(training_points or {})
        self.before, self.left = before, 1.0
        self.weights = {term.name: term.weight for term in self.plan.terms}
        self.live = Weights(self.plan)
        self._worthwhile = _worthwhile(self.observed)
        self._optimizers = [create(functions.bk, phase.optimizer, phase.options) for phase in self.plan.phases]
        self.heldout_points = self._drawn(given=self.observed, role=HELD_OUT)
        self.heldout = self._objective(self.heldout_points, key=-1)

    def on(
        self, domain: Domain, constants: dict[str, np.ndarray], limits: Limits, before: Sequence[dict[str, Any]] = ()
    ) -> Trainer:
        """The same trainer on another stretch of time, after slabs with the parameters `before`."""
        frozen = {**self.frozen, "constants": constants}
        kept = self.callbacks, self.watch, self.checkpoint, self.observed, self.training_points
        return Trainer(self.functions, domain, frozen, self.seed, limits, *kept, before)

    @property
    def plan(self) -> Plan:
        return self.functions.plan

    def run(self, state: TrainingState, vector: np.ndarray, interrupt: Interrupt) -> TrainingState:
        """Train from `state` (fresh: from `vector`) to the end, or to the step at which `interrupt` is requested."""
        if state.stopped_because in LIMITED:
            state.stopped_because = self._limit(state)
        self._started = self._saved = time.perf_counter()
        self._before, self._compiled = state.seconds, self.functions.compile_seconds
        if not state.optimizer:
            # A later stage starts from the solution before it, N = 0: that is what it has to better.
            state.best_vector = np.zeros_like(vector) if state.stages else vector
            state.best_heldout = _root(self.judged(self.heldout_rows(state.best_vector)))
            self._estimate(state)
            self._enter_phase(state, vector)
        with threadpool_limits(limits=_blas_threads(), user_api="blas"):
            while not state.stopped_because:
                if interrupt.requested:
                    state.stopped_because = INTERRUPTED
                else:
                    self._try(state)
                self._save(state, every=CHECKPOINT_SECONDS)
        self._save(state, every=0.0)
        return state

    def _try(self, state: TrainingState) -> None:
        """One step; what was reached before a late failure is kept."""
        try:
            self._advance(state)
        except TrainingError as error:
            if state.step == 0:
                named = self._objective(state.points, state.draws).not_finite(state.optimizer["vector"])
                raise TrainingError(f"{error}{named}") from error
            state.stopped_because = f"failed: {error}"
            warnings.warn(f"training failed at step {state.step} and keeps the best so far: {error}", stacklevel=2)

    def _elapsed(self) -> float:
        """Seconds of training up to now, without those of first calls."""
        compiling = self.functions.compile_seconds - self._compiled
        return self._before + time.perf_counter() - self._started - compiling

    def _enter_phase(self, state: TrainingState, vector: np.ndarray) -> None:
        state.phase_step = state.stalls = state.evaluations_since = 0
        state.milestone = float("inf")
        state.optimizer = self._optimizers[state.phase].init(vector)
        state.weighting = state.weighting or self.live.initial()
        self._redraw(state)

    def _advance(self, state: TrainingState) -> None:
        """One step of the current phase, with what has to happen around it."""
        phase = self.plan.phases[state.phase]
        redrawn = bool(state.phase_step and phase.redraw) and (
            state.phase_step % phase.redraw == 0 or state.optimizer["stalled"]
        )
        if redrawn:
            self._redraw(state)
        if self.live.each:
            seen = Measured(self.functions, self.frozen, state.points, state.optimizer["vector"], self.domain)
            state.weighting = self.live.updated(state.weighting, seen, phase.optimizer, state.phase_step, redrawn)
        state.optimizer = self._optimizers[state.phase].step(state.optimizer, self._training_objective(state))
        state.step += 1
        state.phase_step += 1
        if state.optimizer["stalled"]:
            state.stalls += 1
        elif state.optimizer["accepted"]:
            state.stalls = 0
        last = state.phase_step >= phase.steps
        asked = False
        if last or state.stalls or state.phase_step % EVALUATE_EVERY[phase.optimizer] == 0:
            asked = self._evaluate(state, phase)
        state.seconds = self._elapsed()
        self._decide(state, phase, last, asked)

    def objective(self, state: TrainingState) -> PointObjective:
        """The loss on all of the current points, with the current weights."""
        return self._weighted(self.live.points(state.points, state.weighting), state)

    def _training_objective(self, state: TrainingState) -> PointObjective:
        """The loss of the next step: on the current points or a batch of them, with the current weights."""
        points = self.live.points(state.points, state.weighting)
        if self.plan.batch is not None:
            points = batch(points, self.plan, seed=self.seed, step=state.step)
        return self._weighted(points, state)

    def _weighted(self, points: dict[str, Any], state: TrainingState) -> PointObjective:
        weights, updates = self.live.terms(state.weighting), state.weighting.get("updates", 0)
        weights = {name: weight / self.left**2 for name, weight in weights.items()}
        return PointObjective(self.functions, self.frozen, points, weights, key=state.draws + updates)

    def _decide(self, state: TrainingState, phase: Phase, last: bool, asked: bool) -> None:
        state.stopped_because = CALLBACK if asked else self._limit(state)
        if state.stopped_because:
            return
        if last or state.stalls > 2 or state.evaluations_since >= phase.patience:
            if state.phase + 1 < len(self.plan.phases):
                state.phase += 1
                self._enter_phase(state, state.optimizer["vector"])
            else:
                state.stopped_because = "steps done" if last else "no more progress"

    def _values(self, vector: np.ndarray) -> np.ndarray:
        """The fields as they are watched."""
        assert self.watch is not None
        return self.watch.values(join(self.functions.unravelled(vector), self.frozen), self.domain, self.before)

    def _errors(self, vector: np.ndarray, values: np.ndarray | None) -> dict[str, float]:
        """`values`: the fields at the vector, where `_estimate` has seen them."""
        if self.watch is None or not self.watch.known:
            return {}
        began = time.perf_counter()
        found = self.watch.errors(self._values(vector) if values is None else values, self.domain)
        self._started += time.perf_counter() - began  # looking at the reference is not training
        return found

    def _estimate(self, state: TrainingState) -> np.ndarray | None:
        """The error of the best so far, by `training.calibration`; with measurements in it a residual has no κ.

        Returns the fields that it has looked at.
        """
        if self.watch is None or self.observed:
            state.error_estimate = state.best_heldout
            return None
        values = self._values(state.best_vector)
        state.moments = calibration.kept(state.moments, state.best_heldout, values)
        state.error_estimate = calibration.estimate(state.moments, state.best_heldout, values)
        return values

    def _limit(self, state: TrainingState) -> str:
        """The limit that is reached, or ""."""
        limits = self.limits
        if limits.accuracy is not None and state.error_estimate <= limits.accuracy:
            return ACCURACY_REACHED
        if limits.residual is not None and state.best_heldout <= limits.residual:
            return ACCURACY_REACHED
        if limits.time_limit is not None and state.seconds >= limits.time_limit:
            return TIME_LIMIT
        return STEP_LIMIT if limits.steps is not None and state.step >= limits.steps else ""

    def _evaluate(self, state: TrainingState, phase: Phase) -> bool:
        """Judge the current vector on held-out points, keep it if it is the best, and report; True to stop."""
        vector = state.optimizer["vector"]
        squares = self.judged(self.heldout_rows(vector))
        heldout = _root(squares)
        values = None
        state.evaluations_since += 1
        if heldout < (1.0 - self._worthwhile) * state.milestone:
            state.milestone, state.evaluations_since = heldout, 0
        if heldout < state.best_heldout:
            state.best_heldout, state.best_vector = heldout, vector
            values = self._estimate(state)
        seconds = self._elapsed()
        points = sum(points.count for points in self.plan.point_sets)
        event = Event(
            phase=phase.algorithm,
            step=state.step,
            steps=self._steps(),
            loss=float(state.optimizer["loss"]) * self.left**2,
            heldout=heldout,
            best_heldout=state.best_heldout,
            losses={name: square / self.weights[name] for name, square in squares.items()},
            seconds=seconds,
            points_per_second=points * state.step / max(seconds, 1e-9),
            errors=self._errors(vector, values),
            learning_rate=state.optimizer.get("learning_rate"),
            weights=self.live.terms(state.weighting) if self.live.each else {},
            vector=vector,
        )
        self._record(state, event)
        # All are called, also after one has asked to stop.
        return True in [callback(event) is True for callback in self.callbacks]

    def _steps(self) -> int | None:
        """At most so many, where that is known."""
        stages = len(self.plan.stages) + len(self.plan.later)
        each = sum(phase.steps for phase in self.plan.phases)
        return self.limits.steps if self.plan.constants else stages * each

    def heldout_rows(self, vector: np.ndarray) -> dict[str, np.ndarray]:
        """√(w ω) r/s on the held-out points, by term."""
        return self.heldout.split(np.asarray(self.heldout.residuals(vector), np.float64))

    def judged(self, rows: Mapping[str, np.ndarray]) -> dict[str, float]:
        """Squares of held-out rows by term, as training is judged by them."""
        return self.live.judged(rows, self.heldout_points)

    @staticmethod
    def _record(state: TrainingState, event: Event) -> None:
        row = {"step": event.step, "seconds": event.seconds, "loss": event.loss, "heldout": event.heldout}
        row |= {f"error {name}": error for name, error in event.errors.items()}
        row |= {f"weight {name}": weight for name, weight in event.weights.items()}
        row |= {} if event.learning_rate is None else {"learning_rate": event.learning_rate}
        rows = len(state.history.get("step", ()))
        for name in dict.fromkeys([*state.history, *row]):
            # A reference may come or go when a run is resumed, a phase may have no learning rate: not a number then.
            state.history.setdefault(name, [math.nan] * rows).append(row.get(name, math.nan))

    def _objective(self, points: dict[str, Any], key: int) -> PointObjective:
        return PointObjective(self.functions, self.frozen, points, self.weights, key)

    def _redraw(self, state: TrainingState) -> None:
        """New collocation points; by their residual where the phase is adaptive and has begun to converge."""
        phase, number = self.plan.phases[state.phase], state.draws
        if state.points and not phase.redraw:
            return
        adapted = self._adapted(state, number) if phase.adaptive and state.step else {}
        given = {**self.observed, **adapted, **self.training_points}
        state.points = self._drawn(given=given, step=number)
        state.draws = number + 1

    def _drawn(self, given: Mapping[str, dict[str, Any]], step: int = 0, role: int = TRAINING) -> dict[str, Any]:
        points = draw(self.domain, self.plan, seed=self.seed, step=step, role=role, given=given)
        start = float(self.frozen["constants"].get(marching.START, 0.0))
        return self.functions.residuals.traced(points, self.before, start)

    def _adapted(self, state: TrainingState, number: int) -> dict[str, Any]:
        """Points of each set that may be chosen, among candidates with probability ∝ |r| / mean |r| + 1."""
        adaptive = [points for points in self.plan.point_sets if self._may_choose(points)]
        candidates: dict[str, list[np.ndarray]] = {points.name: [] for points in adaptive}
        magnitudes: dict[str, list[np.ndarray]] = {points.name: [] for points in adaptive}
        for part in range(CANDIDATE_ROUNDS):
            step = CANDIDATE_ROUNDS * number + part
            drawn = self._drawn(given=self.observed, step=step, role=CANDIDATES)
            objective = self._objective(drawn, key=-1)
            rows = objective.split(objective.residuals(state.optimizer["vector"]))
            for points in adaptive:
                own = [rows[term.name] for term in self.plan.terms if term.sets[0] == points.name]
                candidates[points.name].append(drawn[points.name]["coordinates"])
                magnitudes[points.name].append(np.sqrt(sum(row**2 for row in own)))
        found = {}
        for stream, points in enumerate(adaptive):
            size = np.concatenate(magnitudes[points.name])
            chosen = resample(size, points.count, seed=self.seed, step=number, stream=stream)
            found[points.name] = point_set(self.domain, points, np.concatenate(candidates[points.name])[chosen])
        return found

    def _may_choose(self, points: PointSetPlan) -> bool:
        """Not nodes of a rule or measured points; nor what follows other points, the far end of a period or the nodes
        of an integral: no row is there."""
        fixed = points.quadrature or points.observed
        return not fixed and any(term.sets[0] == points.name and term.kind == "pointwise" for term in self.plan.terms)

    def _save(self, state: TrainingState, every: float) -> None:
        if self.checkpoint and time.perf_counter() - self._saved >= every:
            try:
                state.save(*self.checkpoint)
            except StoreError as error:
                warnings.warn(f"training goes on without this checkpoint: {error}", stacklevel=2)
            self._saved = time.perf_counter()


def _blas_threads() -> int:
    """Half the cores: BLAS works while the framework's own threads still spin; on all cores each waits for the other.

    On two cores a Burgers step takes 0.12 s with one BLAS thread, and 0.2 to 0.4 s with two.
    """
    return max(1, usable_cores() // 2)


def _worthwhile(observed: Mapping[str, dict[str, Any]]) -> float:
    """The share by which the held-out residual must fall for patience to begin anew.

    The misfit of n measured values ends at their noise, where χ² = n, and a fall of χ² by one may be a standard
    deviation of an unknown number: so (1 − share)² = 1 − Δχ²/n. docs/why/data.md has what this does.
    """
    rows = sum(int(np.count_nonzero(points["weight"])) for points in observed.values())
    return 0.5 * IMPROVEMENT_OF_CHI_SQUARED / rows if rows else IMPROVEMENT


def _root(squares: Mapping[str, float]) -> float:
    """√Σ, infinite where it is not a number: any other vector is then better."""
    found = float(np.sqrt(sum(squares.values())))
    return found if np.isfinite(found) else float("inf")


def initial_vector(parameters: dict[str, Any]) -> np.ndarray:
    """The flat vector of trained parameters, in the tree's order: float64 whatever the model computes in."""
    return np.concatenate([np.asarray(leaf, np.float64).ravel() for leaf in tree.leaves(parameters)])
