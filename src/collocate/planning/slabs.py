"""The time of a partial equation split into equal slabs, solved one after the other.

A solution that turns over many times is more than one small network holds, and an error at an early time is carried to
all later ones. In the slab [a, a + h] the trial function is the problem's own with the end of the slab before, a
*trace*, in place of the initial values, and ((t − a)/T)^m in Φ, where T is all of time: N is then of one size however
short the slab is. a and h are constants, inputs of the compiled functions: all slabs share one compilation.

`slabs="auto"` splits where the solution turns over often,

    T ‖u_t⊥‖ / ‖u − mean u‖ > TURNS    at the initial time, u_t by the equation, u_t⊥ across u and constants,

into as many slabs as that takes. Ordinary equations find their slabs in training: `planning.marching`.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from collocate.errors import ExpressionError, PlanError
from collocate.expressions import evaluate
from collocate.jets import MAX_ORDER
from collocate.planning.conditions import Sorted, axes_of
from collocate.planning.exact import Axis, trial
from collocate.planning.kinks import from_start, smoothing
from collocate.planning.marching import LENGTH, START, constant, initial_name
from collocate.planning.specification import Trace, Trial

TURNS = 10.0
SAMPLES = 512


def slab_count(asked: Any, problem: Any, conditions: Sorted, free: bool) -> tuple[int, str]:
    """In how many slabs the time of a partial equation is solved, and why.

    `asked`: "auto" or a number; `free`: whether points and network are the planner's to choose. Raises PlanError where
    more than one is asked of a problem whose time cannot be split.
    """
    automatic = isinstance(asked, str) and asked == "auto"
    if not automatic and (not isinstance(asked, numbers.Integral) or isinstance(asked, bool) or asked < 1):
        raise PlanError(f"slabs must be 'auto' or a whole number, one or more; got {asked!r}")
    against = _against(problem, conditions, free)
    if automatic:
        turns = 0.0 if against else _turns(problem)
        return max(1, math.ceil(turns / TURNS)), f"at its initial rate the solution changes {turns:.0f} times over"
    count = int(asked)
    if count > 1 and against:
        raise PlanError(f"slabs={asked}: time cannot be split, since {against}; leave slabs out")
    return count, "as asked"


def _against(problem: Any, conditions: Sorted, free: bool) -> str | None:
    """Why time cannot be split, or None."""
    if problem.domain.time is None:
        return "the problem has no time"
    if problem.domain.dimension == 1:
        return "ordinary equations find their slabs in training"
    if not free:
        return "points are given as arrays, or the network is your own"
    if problem.unknowns or problem.unknown_fields or problem.observations:
        return "something is sought or measured at all times"
    if any(equation.residual.has(sympy.Integral) for equation in problem.equations):
        return "an integral reaches back"
    if any(condition.kind == "final" for condition in problem.conditions):
        return "there is a value at the final time"
    if any(condition.kind == "mean" for condition in problem.conditions):
        return "a mean is over all times at once"
    predicates = [item.predicate for item in conditions.soft if item.predicate is not None]
    if any(_time(problem) in predicate.free_symbols for predicate in predicates):
        return "a condition holds at some times only"
    if not any(condition.kind == "initial" for condition in problem.conditions):
        return "no initial value is given to start from"
    soft = [item.condition.label for item in conditions.soft if item.condition.kind == "initial"]
    if soft:
        return f"{soft[0]} is not exact"
    highest = max(c.order for c in problem.conditions if c.kind == "initial") + _order_in_space(problem)
    above = f"the trace of a rate would take derivatives of order {highest}, and {MAX_ORDER} is the highest"
    return above if highest > MAX_ORDER else None


def _order_in_space(problem: Any) -> int:
    """The highest order of a derivative in the equations, those by time not counted."""
    nodes = (node for equation in problem.equations for node in equation.residual.atoms(sympy.Derivative))
    time = _time(problem)
    return max((sum(count for symbol, count in node.variable_count if symbol != time) for node in nodes), default=0)


def _turns(problem: Any) -> float:
    """T ‖u_t − mean u_t‖ / ‖u − mean u‖, what is parallel to u − mean u left out of the first: growth, decay and
    another level are no turns.

    At the initial time, over all fields of first order in time.
    """
    initial = {c.field: c.value for c in problem.conditions if c.kind == "initial" and c.order == 0}
    points = problem.domain.sample(SAMPLES, problem.domain.initial)
    arrays = dict(zip(problem.domain.names, points.T, strict=True))
    rates = dict(_rates(problem, initial))
    if not rates:
        return 0.0
    try:
        changes = _about([evaluate(rate, arrays) for rate in rates.values()])
    except ExpressionError:  # of a kink there is no second derivative
        return 0.0
    about = _about([evaluate(initial[name], arrays) for name in rates])
    size = np.linalg.norm(about)
    if not (size > 0 and np.isfinite(changes).all()):
        return 0.0
    sideways = changes - about * (about @ changes) / size**2
    low, high = problem.domain.bounds[problem.domain.time]
    return float((high - low) * np.linalg.norm(sideways) / size)


def _about(fields: list[np.ndarray]) -> np.ndarray:
    """Each about its mean."""
    return np.concatenate([each - each.mean() for each in fields])


def _rates(problem: Any, initial: dict[str, sympy.Expr]) -> Iterator[tuple[str, sympy.Expr]]:
    """(field, u_t) by each equation that is of first order in time and holds one u_t, at the initial values."""
    time = _time(problem)
    started = {field: initial.get(field.func.__name__, sympy.Integer(0)) for field in problem.fields}
    for equation in problem.equations:
        slots = {sympy.Derivative(field, time): sympy.Dummy(real=True) for field in problem.fields}
        held = [node for node in slots if equation.residual.has(node)]
        name = held[0].expr.func.__name__ if len(held) == 1 else ""
        if name in initial and problem.order(name, time) == 1:
            slot = slots[held[0]]
            residual = equation.residual.xreplace({held[0]: slot}).xreplace(started).doit()
            yield name, -residual.xreplace({slot: sympy.Integer(0)}) / sympy.diff(residual, slot)


def traces(problem: Any) -> tuple[Trace, ...]:
    """The initial values, as functions of space."""
    return tuple(
        Trace(_node(problem, c.field, c.order), c.field, int(c.order), c.value)
        for c in problem.conditions
        if c.kind == "initial"
    )


def trials(problem: Any, conditions: Sorted) -> tuple[Trial, ...]:
    """The trial functions of a slab: traces in place of the initial values, time from the slab's start."""
    found = []
    for field, candidates in conditions.accepted:
        moved = [
            replace(c, data=_node(problem, field, c.order)) if c.condition.kind == "initial" else c for c in candidates
        ]
        axes = [_from_start(axis, problem) for axis in axes_of(problem, field, moved)]
        particular, factor = trial(axes)
        time, (first, _) = _time(problem), problem.domain.exact_bounds[problem.domain.time]
        kink = smoothing(problem, field, conditions.periodic, candidates)
        found.append(Trial(field, particular + from_start(kink, time, first, constant(START)), factor))
    return tuple(found)


def _from_start(axis: Any, problem: Any) -> Any:
    if not isinstance(axis, Axis) or axis.coordinate != _time(problem):
        return axis
    return replace(axis, low=constant(START), high=constant(START) + (axis.high - axis.low))


def _node(problem: Any, field: str, order: int) -> sympy.Expr:
    others = [symbol for symbol in problem.domain.coordinates if symbol != _time(problem)]
    return sympy.Function(initial_name(field, order), real=True)(*others)


def _time(problem: Any) -> sympy.Symbol:
    return problem.domain.coordinates[problem.domain.names.index(problem.domain.time)]


def first_constants(problem: Any, count: int) -> tuple[tuple[str, float], ...]:
    """Of the first of `count` slabs, (name, value)."""
    low, high = problem.domain.bounds[problem.domain.time]
    return (LENGTH, (high - low) / count), (START, float(low))
