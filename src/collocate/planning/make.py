"""The planner: a sequence of pure passes from a problem to a plan, each choice with its reason."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import sympy

from collocate import tree
from collocate.backends.protocol import DType
from collocate.errors import PlanError
from collocate.expressions.printing import to_text
from collocate.networks import MLP, Module, Network, Separate, is_own, wrap
from collocate.planning import marching
from collocate.planning.conditions import sort_conditions
from collocate.planning.given_points import given_points, is_array
from collocate.planning.magnitudes import output_scales, scaled_terms
from collocate.planning.schedule import FIRST_ORDER, schedule
from collocate.planning.specification import (
    INTERIOR,
    Choice,
    Phase,
    Plan,
    PointSetPlan,
    Stage,
    Term,
    UnknownPlan,
    Weighting,
)
from collocate.planning.terms import terms
from collocate.planning.trial_error import trial_errors
from collocate.planning.weights import remembers, weightings

# Hidden layers by the number of coordinates: deeper beats wider (benchmarks in docs/why/defaults.md).
WIDTHS = {1: (16, 16), 2: (20, 20, 20, 20), 3: (24, 24, 24, 24)}
WIDEST = (28, 28, 28, 28)
# A first- or quasi-Newton step works through its points in blocks: so many bytes for one array of the widest layer keep
# a block in the cache and its operations long enough to be worth starting (docs/derivatives.md).
BLOCK_BYTES = 2**19
# The names of `collocate.sampling`, which a plan stands below.
SAMPLING = ("sobol", "halton", "latin_hypercube", "uniform")


def make(
    problem: Any,
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
) -> Plan:
    """The plan of a problem; what is given overrides the planner's own choice.

    network: a network, the widths of an MLP's hidden layers, or the user's own (`networks.native`).
    points: interior points, or {"interior": n, "face": m}; in place of a number, under a set's name, points as an array
    (n, d) or {coordinate: column}, taken as they are.
    optimizer: "auto", a name, or an optimizer (see `schedule`). steps: at most so many in the last phase; where
    time is solved in slabs, in all of them together. conditions: "exact" where they can be met so, or "soft": all but
    periods are residuals.
    dtype: what will be computed in; the size of blocks depends on it.
    weighting, misfit: see `weights.weightings`. batch: points of each set in one step of a first-order optimizer.
    sampling: how points are drawn, a name of `collocate.sampling`.
    Raises PlanError for a choice that does not fit.
    """
    if dtype not in get_args(DType):
        raise PlanError(f"dtype {dtype!r} is not known; choose one of {', '.join(map(repr, get_args(DType)))}")
    if conditions not in ("exact", "soft"):
        raise PlanError(f"conditions must be 'exact' (where that can be) or 'soft'; got {conditions!r}")
    found = sort_conditions(problem, exact=conditions == "exact")
    by_hand = isinstance(points, Mapping) and any(map(is_array, points.values()))
    marched = marching.can_march(problem, found, optimizer) and not by_hand and not is_own(network)
    inputs = _features(problem, found.periodic)
    features = (marching.feature(problem),) if marched else tuple(feature for _, feature in inputs)
    chosen = _apart(_network(network, problem, features, dtype), problem, [name for name, _ in inputs])
    template = chosen.initial(len(features), len(problem.fields), np.random.default_rng(0))
    parameters = tree.size(template) + len(problem.unknowns)
    count = _counts(points, problem, parameters)
    unscaled, sets = terms(problem, found.soft, count["interior"], count["face"])
    given = given_points(points, problem.domain, sets)
    sets = [replace(entry, count=len(given[entry.name])) if entry.name in given else entry for entry in sets]
    scales = output_scales(problem, found.trials, unscaled, sets)
    scaled = scaled_terms(problem, found.trials, scales, unscaled, sets)
    weighted = weightings(weighting, misfit, scaled, problem.domain.time)
    taps = not isinstance(chosen, Module)
    phases, why = schedule(optimizer, _rows(scaled, sets), parameters, steps, marched, taps)
    widest = max(leaf.shape[-1] for leaf in tree.leaves(template) if leaf.ndim)
    blocks, sets = (1, sets) if given or batch else _blocked(sets, scaled, widest * np.dtype(dtype).itemsize)
    constants = marching.first_constants(problem, scaled) if marched else {}
    plan = Plan(
        coordinates=problem.domain.names,
        bounds=tuple(problem.domain.bounds.values()),
        time=problem.domain.time,
        fields=problem.field_names,
        trials=marching.trials(problem) if marched else found.trials,
        stages=(Stage(chosen, features, (1.0,) * len(scales) if marched else scales),),
        unknowns=tuple(UnknownPlan(unknown.name, unknown.guess, *unknown.bounds) for unknown in problem.unknowns),
        constants=tuple((name, float(value)) for name, value in sorted(constants.items())),
        terms=scaled,
        point_sets=tuple(sets),
        sampling=_sampling(sampling, problem.domain.dimension),
        blocks=blocks,
        phases=_phases(phases, weighted, INTERIOR in given),
        choices=found.choices,
        trial_error=trial_errors(problem, found.trials, scales),
        weighting=weighted,
        batch=_batch(batch, phases, sets),
    )
    explained = _explained(plan, problem.scales, parameters, network is not None, why)
    return replace(plan, choices=(*plan.choices, *explained, *_explained_training(plan, given)))


def _describe(network: Network | Module) -> str:
    options = network.to_json()
    return f"{options.pop('kind')} " + ", ".join(f"{name} {value}" for name, value in options.items())


def _explained(
    plan: Plan, scales_asked: Mapping[str, float], parameters: int, network_asked: bool, why_optimizer: str
) -> Iterator[Choice]:
    """What the plan holds, each with its reason; its conditions have been explained when they were sorted."""
    if plan.constants:
        yield Choice("time", "in slabs", "an initial value problem is solved slab after slab")
    (stage,) = plan.stages
    yield Choice("network", _describe(stage.network), f"{parameters} parameters{', as asked' if network_asked else ''}")
    for name, scale in zip(plan.fields, stage.scales, strict=True) if not plan.constants else ():
        reason = "as asked" if name in scales_asked else "the size of G, or what balances the equation"
        yield Choice(f"scale of {name}", f"{scale:.3g}", reason)
    for term in plan.terms:
        yield Choice(f"scale of {term.name}", f"{term.scale:.3g}", "root mean square of its summands")
        if term.weight != 1.0:
            reason = "data with a sigma hold noise; weightings multiply it"
            yield Choice(f"weight of {term.name}", f"{term.weight:.3g}", reason)
    counts = ", ".join(f"{points.name} {points.count}" for points in plan.point_sets)
    rows = f"{_rows(plan.terms, plan.point_sets)} rows for {parameters} parameters"
    drawn = "drawn anew" if any(phase.redraw for phase in plan.phases) else "drawn once"
    yield Choice("points", counts, f"{plan.sampling}, {drawn}; {rows}")
    yield Choice("optimizer", " then ".join(phase.algorithm for phase in plan.phases), why_optimizer)


def _explained_training(plan: Plan, given: Mapping[str, Any]) -> Iterator[Choice]:
    """What was asked for beyond the planner's own choices."""
    for name, array in given.items():
        yield Choice(f"points of {name}", f"{len(array)}", "as given, the same at each step")
    for item in plan.weighting:
        options = ", ".join(f"{key} {value}" for key, value in item.options.items()) or "its defaults"
        alone = len(plan.terms) == 1 and item.name in ("gradient_norm", "ntk")
        reason = "as asked, but there is one term: nothing to balance" if alone else "as asked; held-out rows weigh one"
        yield Choice(f"weighting {item.name}", options, reason)
    if plan.batch is not None:
        yield Choice("batch", f"{plan.batch}", "points of each set in one step, as asked")


def _phases(phases: tuple[Phase, ...], weighted: tuple[Weighting, ...], interior_given: bool) -> tuple[Phase, ...]:
    """The phases; with points that stay where multipliers belong to them."""
    if remembers(weighted):
        return tuple(replace(phase, redraw=0, adaptive=False) for phase in phases)
    return tuple(replace(phase, adaptive=False) for phase in phases) if interior_given else phases


def _batch(batch: Any, phases: tuple[Phase, ...], sets: Sequence[PointSetPlan]) -> int | None:
    if batch is None:
        return None
    if any(points.along is not None for points in sets):
        raise PlanError("batch cannot be used with an integral term: its nodes belong to whole lines; leave batch out")
    if not isinstance(batch, numbers.Integral) or isinstance(batch, bool) or batch < 1:
        raise PlanError(f"batch must be a whole number of points, one or more; got {batch!r}")
    unfit = [phase.algorithm for phase in phases if phase.optimizer not in FIRST_ORDER]
    if unfit:
        raise PlanError(
            f"batch={batch} needs a first-order optimizer, and this plan trains by {' then '.join(unfit)}, which "
            "compares losses on the same points: leave batch out, or choose optimizer='adam' or another of first order"
        )
    return int(batch)


def _sampling(asked: Any, dimension: int) -> str:
    if asked is None:
        return "sobol" if dimension > 1 else "latin_hypercube"
    if asked not in SAMPLING:
        raise PlanError(f"unknown sampling {asked!r}; choose {', '.join(map(repr, SAMPLING))}")
    return asked


def _features(problem: Any, periodic: tuple[str, ...]) -> list[tuple[str, sympy.Expr]]:
    """Network inputs, each with its coordinate: that mapped to [−1, 1]; if periodic, sine and cosine of one period."""
    found: list[tuple[str, sympy.Expr]] = []
    for symbol in problem.domain.coordinates:
        low, high = (sympy.Float(bound) for bound in problem.domain.bounds[symbol.name])
        if symbol.name in periodic:
            angle = (symbol - low) * (2 * sympy.pi / (high - low)).evalf()
            found += [(symbol.name, sympy.sin(angle)), (symbol.name, sympy.cos(angle))]
        else:
            found.append((symbol.name, (symbol - (low + high) / 2) / ((high - low) / 2)))
    return found


def _apart(network: Network | Module, problem: Any, owners: Sequence[str]) -> Network | Module:
    """A network for each field where one is unknown: it may depend on fewer coordinates, and shares no layer.

    Raises PlanError for an own network that would let such a field depend on all of them.
    """
    if not problem.unknown_fields or (isinstance(network, Separate) and network.inputs is not None):
        return network
    if isinstance(network, Module):
        fewer = [name for name in problem.field_names if problem.sees[name] != problem.domain.names]
        if fewer:
            raise PlanError(
                f"{fewer[0]} depends on {', '.join(problem.sees[fewer[0]])} only, and a network of your own sees "
                f"{', '.join(problem.domain.names)}; use one of ours, such as co.MLP((20, 20))"
            )
        return network
    inputs = [
        tuple(column for column, owner in enumerate(owners) if owner in problem.sees[name])
        for name in problem.field_names
    ]
    own: Any = network.network if isinstance(network, Separate) else network
    return Separate(own if isinstance(own, tuple) else (own,) * len(inputs), inputs)


def _network(network: Any, problem: Any, features: tuple[sympy.Expr, ...], dtype: Any) -> Network | Module:
    if network is None:
        return MLP(WIDTHS.get(problem.domain.dimension, WIDEST))
    if is_own(network):
        return wrap(network, [to_text(feature) for feature in features], problem.field_names, dtype)
    if isinstance(network, Network) and not isinstance(network, type):
        return network
    if isinstance(network, Sequence) and not isinstance(network, str):
        return MLP(tuple(network))
    raise PlanError(
        "network must be a network such as co.MLP((20, 20, 20)), hidden widths, or your own: a torch.nn.Module, a "
        f"keras.Model, or for JAX (function, parameters); got {network!r}"
    )


def _counts(points: int | Mapping[str, Any] | None, problem: Any, parameters: int) -> dict[str, int]:
    """Interior and face counts. With fewer than four rows, or two points, a parameter, second-order steps overfit."""
    wanted = max(4 / len(problem.equations), 2) * parameters
    interior = max(1000, 500 * math.ceil(wanted / 500)) if problem.domain.dimension > 1 else _line(parameters, problem)
    counts = {"interior": interior, "face": max(200, interior // 10)}
    given = {} if points is None else dict(points) if isinstance(points, Mapping) else {"interior": points}
    given = {name: count for name, count in given.items() if not (isinstance(points, Mapping) and is_array(count))}
    for name, count in given.items():
        whole = isinstance(count, numbers.Integral) and not isinstance(count, bool)
        if name not in counts or not whole or count < 1:
            raise PlanError(
                f"points must be a positive number, or {{'interior': n, 'face': m}} (m on each face), "
                f"or arrays (n, d) in place of numbers; got {points!r}"
            )
    return {name: int(count) for name, count in (counts | given).items()}


def _line(parameters: int, problem: Any) -> int:
    """In one coordinate points lie close anyway: two rows a parameter do."""
    return max(300, 100 * math.ceil(2 * parameters / len(problem.equations) / 100))


def _rows(found: Sequence[Term], sets: Sequence[PointSetPlan]) -> int:
    """N: how many residual rows the terms give together."""
    counts = {points.name: points.count for points in sets}
    return sum(1 if term.kind == "reduced" else counts[term.sets[0]] for term in found)


def _blocked(sets: list[PointSetPlan], found: tuple[Term, ...], bytes_per_point: int) -> tuple[int, list[PointSetPlan]]:
    """How many cache-sized blocks, an even number for two cores to share, and the sets with counts that divide into
    them; a reduced row needs one block."""
    interior = next(points.count for points in sets if points.name == INTERIOR)
    blocks = max(1, 2 * round(interior * bytes_per_point / (2 * BLOCK_BYTES)))
    small = any(points.count < blocks and points.observed is None for points in sets)
    if small or any(term.kind == "reduced" for term in found):
        return 1, sets
    return blocks, [replace(points, count=_divisible(points, sets, blocks)) for points in sets]


def _divisible(points: PointSetPlan, sets: list[PointSetPlan], blocks: int) -> int:
    """The count, rounded up to a multiple of the blocks; the nodes on a line stay together."""
    if points.along is not None:
        mirrored = next(other for other in sets if other.name == points.mirrors)
        return _divisible(mirrored, sets, blocks) * points.along.nodes
    return -(-points.count // blocks) * blocks
