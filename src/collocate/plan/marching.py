"""Initial value problems of ordinary equations, solved slab after slab in time.

One network over a long interval falls into wrong minima: every attempt on Lotka-Volterra over [0, 10] did, at small
loss (docs/why/marching.md). On a slab [a, a + h] the trial function is

    u = Σ_{j<m} u^{(j)}(a) (t − a)^j / j! + ((t − a)/h)^m · N(2 (t − a)/h − 1)

with a, h and the values at a as *constants*: inputs of the compiled functions, so all slabs share one compilation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy

from collocate.plan.conditions import Sorted
from collocate.plan.specification import Trial

START, LENGTH = "slab_start", "slab_length"


def can_march(problem: Any, sorted_conditions: Sorted, optimizer: Any) -> bool:
    """Whether time is the only coordinate, all conditions are exact initial values, and no number is unknown.

    Not with Adam: a first-order method does not reach what a slab must before the next may start from it.
    """
    if getattr(optimizer, "name", optimizer) == "adam":
        return False
    alone = problem.domain.time is not None and not problem.domain.space
    return alone and not sorted_conditions.soft and not problem.unknowns


def trials(problem: Any) -> tuple[Trial, ...]:
    """The trial function of a slab, for each field."""
    start, length = _symbol(START), _symbol(LENGTH)
    elapsed = problem.domain.coordinates[0] - start
    found = []
    for field in problem.field_names:
        count = problem.order(field, problem.domain.time)
        values = (_symbol(initial_name(field, j)) * elapsed**j / sympy.factorial(j) for j in range(count))
        found.append(Trial(field, sympy.Add(*values), (elapsed / length) ** count))
    return tuple(found)


def feature(problem: Any) -> sympy.Expr:
    """Time within the slab, mapped to [−1, 1]."""
    return 2 * (problem.domain.coordinates[0] - _symbol(START)) / _symbol(LENGTH) - 1


def initial_name(field: str, order: int) -> str:
    """The constant that holds ∂^order field/∂t^order at the start of the slab."""
    return f"slab_initial_{field}_{order}"


def first_constants(problem: Any) -> dict[str, np.ndarray]:
    """Constants of a slab that spans all of time, from the problem's own initial values."""
    low, high = problem.domain.bounds[problem.domain.time]
    found = {START: np.array(low), LENGTH: np.array(high - low)}
    for condition in problem.conditions:
        found[initial_name(condition.field, condition.order)] = np.array(float(condition.value))
    return found


def _symbol(name: str) -> sympy.Symbol:
    return sympy.Symbol(name, real=True)
