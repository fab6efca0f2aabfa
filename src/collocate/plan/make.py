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
from collocate.networks import MLP, Module, Network, is_own, wrap
from collocate.plan import marching
from collocate.plan.conditions import sort_conditions
from collocate.plan.magnitudes import output_scales, scaled_terms
from collocate.plan.schedule import schedule
from collocate.plan.specification import INTERIOR, Choice, Plan, PointSetPlan, Stage, Term
from collocate.plan.terms import terms
from collocate.plan.trial_error import trial_errors

# Hidden layers by the number of coordinates: deeper beats wider (benchmarks in docs/why/defaults.md).
WIDTHS = {1: (16, 16), 2: (20, 20, 20, 20), 3: (24, 24, 24, 24)}
WIDEST = (28, 28, 28, 28)
# A first- or quasi-Newton step works through its points in blocks: so many bytes for one array of the widest layer keep
# a block in the cache and its operations long enough to be worth starting (docs/derivatives.md).
BLOCK_BYTES = 2**19


def make(
    problem: Any,
    *,
    network: Any = None,
    optimizer: Any = "auto",
    points: int | Mapping[str, int] | None = None,
    steps: int | None = None,
    dtype: str = "float64",
) -> Plan:
    """The plan of a problem; what is given overrides the planner's own choice.

    network: a network, the widths of an MLP's hidden layers, or the user's own (`networks.native`).
    points: interior points, or {"interior": n, "face": m}.
    optimizer: "auto", a name, or an optimizer (see `plan.schedule`). steps: at most so many in the last phase; where
    time is solved in slabs, in all of them together.
    dtype: what will be computed in; the size of blocks depends on it.
    Raises PlanError for a choice that does not fit.
    """
    if dtype not in get_args(DType):
        raise PlanError(f"dtype {dtype!r} is not known; choose one of {', '.join(map(repr, get_args(DType)))}")
    found = sort_conditions(problem)
    marched = marching.can_march(problem, found, optimizer) and not is_own(network)
    features = (marching.feature(problem),) if marched else _features(problem, found.periodic)
    chosen = _network(network, problem, features, dtype)
    template = chosen.initial(len(features), len(problem.fields), np.random.default_rng(0))
    parameters = tree.size(template) + len(problem.unknowns)
    count = _counts(points, problem, parameters)
    unscaled, sets = terms(problem, found.soft, count["interior"], count["face"])
    scales = output_scales(problem, found.trials, unscaled, sets)
    scaled = scaled_terms(problem, found.trials, scales, unscaled, sets)
    phases, why = schedule(optimizer, _rows(scaled, sets), parameters, steps, marched, not isinstance(chosen, Module))
    widest = max(leaf.shape[-1] for leaf in tree.leaves(template) if leaf.ndim)
    blocks, sets = _blocked(sets, scaled, widest * np.dtype(dtype).itemsize)
    sampling = "sobol" if problem.domain.dimension > 1 else "latin_hypercube"
    constants = marching.first_constants(problem, scaled) if marched else {}
    plan = Plan(
        coordinates=problem.domain.names,
        bounds=tuple(problem.domain.bounds.values()),
        time=problem.domain.time,
        fields=problem.field_names,
        trials=marching.trials(problem) if marched else found.trials,
        stages=(Stage(chosen, features, (1.0,) * len(scales) if marched else scales),),
        unknowns=tuple((unknown.name, unknown.guess) for unknown in problem.unknowns),
        constants=tuple((name, float(value)) for name, value in sorted(constants.items())),
        terms=scaled,
        point_sets=tuple(sets),
        sampling=sampling,
        blocks=blocks,
        phases=phases,
        choices=found.choices,
        trial_error=trial_errors(problem, found.trials, scales),
    )
    explained = _explained(plan, problem.scales, parameters, network is not None, why)
    return replace(plan, choices=(*plan.choices, *explained))


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
    counts = ", ".join(f"{points.name} {points.count}" for points in plan.point_sets)
    rows = f"{_rows(plan.terms, plan.point_sets)} rows for {parameters} parameters"
    yield Choice("points", counts, f"{plan.sampling}, drawn anew; {rows}")
    yield Choice("optimizer", " then ".join(phase.optimizer for phase in plan.phases), why_optimizer)


def _features(problem: Any, periodic: tuple[str, ...]) -> tuple[sympy.Expr, ...]:
    """Network inputs: each coordinate mapped to [−1, 1]; sine and cosine of one period for a periodic one."""
    found: list[sympy.Expr] = []
    for symbol in problem.domain.coordinates:
        low, high = (sympy.Float(bound) for bound in problem.domain.bounds[symbol.name])
        if symbol.name in periodic:
            angle = (symbol - low) * (2 * sympy.pi / (high - low)).evalf()
            found += [sympy.sin(angle), sympy.cos(angle)]
        else:
            found.append((symbol - (low + high) / 2) / ((high - low) / 2))
    return tuple(found)


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


def _counts(points: int | Mapping[str, int] | None, problem: Any, parameters: int) -> dict[str, int]:
    """Interior and face counts. With fewer than four rows, or two points, a parameter, second-order steps overfit."""
    wanted = max(4 / len(problem.equations), 2) * parameters
    interior = max(1000, 500 * math.ceil(wanted / 500)) if problem.domain.dimension > 1 else _line(parameters, problem)
    counts = {"interior": interior, "face": max(200, interior // 10)}
    given = {} if points is None else dict(points) if isinstance(points, Mapping) else {"interior": points}
    for name, count in given.items():
        whole = isinstance(count, numbers.Integral) and not isinstance(count, bool)
        if name not in counts or not whole or count < 1:
            raise PlanError(
                f"points must be a positive number, or {{'interior': n, 'face': m}} (m on each face); got {points!r}"
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
    if any(term.kind == "reduced" for term in found) or any(points.count < blocks for points in sets):
        return 1, sets
    return blocks, [replace(points, count=-(-points.count // blocks) * blocks) for points in sets]
