"""`co.plan`: a sequence of pure passes from a problem to a plan, each choice with its reason."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from collocate import tree
from collocate.backends.protocol import DType
from collocate.errors import PlanError
from collocate.networks import Module, is_own
from collocate.planning import marching
from collocate.planning.conditions import Sorted, sort_conditions
from collocate.planning.counts import blocked, checked_batch, checked_sampling, counts, rows
from collocate.planning.given_points import any_given, given_points
from collocate.planning.magnitudes import output_scales, scaled_terms
from collocate.planning.network import network_and_inputs
from collocate.planning.reasons import asked_for, explained
from collocate.planning.schedule import BY_KERNEL, schedule
from collocate.planning.slabs import first_constants, slab_count, traces, trials
from collocate.planning.specification import INTERIOR, Phase, Plan, Stage, Term, Trial, UnknownPlan, Weighting
from collocate.planning.stages import later_stages
from collocate.planning.terms import terms
from collocate.planning.trial_error import trial_errors
from collocate.planning.weights import remembers, weightings
from collocate.statement import Problem


def plan(
    problem: Problem,
    *,
    network: Any = None,
    optimizer: Any = "auto",
    points: int | Mapping[str, Any] | None = None,
    steps: int | None = None,
    conditions: str = "exact",
    dtype: str = "float64",
    weighting: Any = None,
    misfit: Any = None,
    batch: int | None = None,
    sampling: str | None = None,
    slabs: int | str = "auto",
    stages: int = 1,
) -> Plan:
    """What `solve` would do with the same arguments, and why; trains nothing. `print` it to read it.

    network: a network, the widths of an MLP's hidden layers, or your own (see `solve`).
    optimizer: "auto", a name, or an optimizer such as co.LevenbergMarquardt(). steps: at most so many in the last
    phase; where time is solved in slabs, in all of them together.
    points: interior points, or {"interior": n, "face": m}; in place of a number, under a set's name, points as an array
    (n, d) or {coordinate: column}, taken as they are.
    conditions: "exact" where they can be met so, or "soft": all but periods are residuals.
    dtype: what will be computed in; the size of blocks depends on it.
    weighting, misfit, batch, sampling, slabs, stages: see `solve`.

    The result holds `choices` (subject, value, reason), `terms` (the residuals, whose names `weighting` and `misfit`
    take), `point_sets` (whose names `points` takes) and `phases`, among others. Raises PlanError for a choice that does
    not fit.
    """
    _check(problem, steps, conditions, dtype)
    found = sort_conditions(problem, exact=conditions == "exact")
    free = not any_given(points) and not is_own(network)
    marched = free and slabs == "auto" and marching.can_march(problem, found, optimizer)
    pieces, why_pieces = slab_count(slabs, problem, found, free)
    split = marched or pieces > 1
    chosen, features = network_and_inputs(network, problem, found.periodic, marched, split, dtype)
    template = chosen.initial(len(features), len(problem.fields), np.random.default_rng(0))
    parameters = tree.size(template) + len(problem.unknowns)
    by_kernel = BY_KERNEL in (optimizer if isinstance(optimizer, str) else None, getattr(optimizer, "name", None))
    count = counts(points, problem, parameters, by_kernel)
    unscaled, sets = terms(problem, found.soft, count["interior"], count["face"])
    given = given_points(points, problem.domain, sets)
    sets = [replace(entry, count=len(given[entry.name])) if entry.name in given else entry for entry in sets]
    scales = output_scales(problem, found.trials, unscaled, sets)
    scaled = scaled_terms(problem, found.trials, scales, unscaled, sets)
    weighted = weightings(weighting, misfit, scaled, problem.domain.time)
    taps = not isinstance(chosen, Module)
    phases, why = schedule(optimizer, rows(scaled, sets), parameters, steps, marched, taps)
    widest = max(leaf.shape[-1] for leaf in tree.leaves(template) if leaf.ndim)
    blocks, sets = (1, sets) if given or batch else blocked(sets, scaled, widest * np.dtype(dtype).itemsize)
    first = Stage(chosen, features, (1.0,) * len(scales) if marched else scales)
    made = Plan(
        coordinates=problem.domain.names,
        bounds=tuple(problem.domain.bounds.values()),
        time=problem.domain.time,
        fields=problem.field_names,
        trials=_trials(problem, found, marched, pieces),
        stages=(first,),
        unknowns=tuple(UnknownPlan(unknown.name, unknown.guess, *unknown.bounds) for unknown in problem.unknowns),
        constants=_constants(problem, scaled, marched, pieces),
        terms=scaled,
        point_sets=tuple(sets),
        sampling=checked_sampling(sampling, problem.domain.dimension),
        blocks=blocks,
        phases=_phases(phases, weighted, INTERIOR in given),
        choices=found.choices,
        trial_error=trial_errors(problem, found.trials, scales),
        weighting=weighted,
        batch=checked_batch(batch, phases, sets),
        traces=traces(problem) if pieces > 1 else (),
        slabs=None if marched else pieces,
        later=later_stages(stages, first, problem, split, dtype),
    )
    reasons = explained(made, problem.scales, parameters, network is not None, why, why_pieces)
    return replace(made, choices=(*made.choices, *reasons, *asked_for(made, given)))


def _trials(problem: Problem, found: Sorted, marched: bool, pieces: int) -> tuple[Trial, ...]:
    if marched:
        return marching.trials(problem)
    return trials(problem, found) if pieces > 1 else found.trials


def _constants(problem: Problem, scaled: Sequence[Term], marched: bool, pieces: int) -> tuple[tuple[str, float], ...]:
    if marched:
        return marching.first_constants(problem, scaled)
    return first_constants(problem, pieces) if pieces > 1 else ()


def _check(problem: Any, steps: Any, conditions: Any, dtype: Any) -> None:
    """Raises PlanError for what is not of the kind that `plan` takes; the passes check what is theirs."""
    if not isinstance(problem, Problem):
        raise PlanError(f"plan takes a problem, co.Problem(equation, domain=…, conditions=…); got {problem!r}")
    if steps is not None and (not isinstance(steps, numbers.Integral) or steps < 1):
        raise PlanError(f"steps must be a whole number, one or more; got {steps!r}")
    if dtype not in get_args(DType):
        raise PlanError(f"dtype {dtype!r} is not known; choose one of {', '.join(map(repr, get_args(DType)))}")
    if conditions not in ("exact", "soft"):
        raise PlanError(f"conditions must be 'exact' (where that can be) or 'soft'; got {conditions!r}")


def _phases(phases: tuple[Phase, ...], weighted: tuple[Weighting, ...], interior_given: bool) -> tuple[Phase, ...]:
    """The phases; with points that stay where multipliers belong to them."""
    if remembers(weighted):
        return tuple(replace(phase, redraw=0, adaptive=False) for phase in phases)
    return tuple(replace(phase, adaptive=False) for phase in phases) if interior_given else phases
