"""Initial value problems of ordinary equations, solved slab after slab in time.

One network over a long interval falls into wrong minima: every attempt on Lotka-Volterra over [0, 10] did, at small
loss (docs/why/marching.md). On a slab [a, a + h] the trial function is

    u = Σ_{j<m} u^{(j)}(a) (t − a)^j / j! + ρ (t − a)^m / m! · N(2 (t − a)/h − 1)

with a, h, the values at a and the size ρ of u^{(m)} as *constants*: inputs of the compiled functions, so all slabs
share one compilation. ρ makes N of order one however short the slab is; with ((t − a)/h)^m it had to shrink like h^m.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from collocate.planning.conditions import Sorted
from collocate.planning.schedule import COMMON, FIRST_ORDER
from collocate.planning.specification import Term, Trial

START, LENGTH = "slab_start", "slab_length"


def can_march(problem: Any, sorted_conditions: Sorted, optimizer: Any) -> bool:
    """Whether time is the only coordinate, all conditions are exact initial values, and no number is unknown.

    Not with an integral term: it reaches back into slabs that are finished.
    Not with Adam and its like: a first-order method does not reach what a slab must before the next may start from it.
    """
    if getattr(optimizer, "name", optimizer) in (*FIRST_ORDER, *COMMON):
        return False
    alone = problem.domain.time is not None and problem.domain.dimension == 1
    initial = all(condition.kind == "initial" for condition in problem.conditions)
    local = not any(equation.residual.has(sympy.Integral) for equation in problem.equations)
    found = problem.unknowns or problem.unknown_fields
    return alone and initial and local and not sorted_conditions.soft and not found


def trials(problem: Any) -> tuple[Trial, ...]:
    """The trial function of a slab, for each field."""
    elapsed = problem.domain.coordinates[0] - constant(START)
    found = []
    for field in problem.field_names:
        count = problem.order(field, problem.domain.time)
        values = (constant(initial_name(field, j)) * elapsed**j / sympy.factorial(j) for j in range(count))
        remainder = constant(size_name(field)) * elapsed**count / sympy.factorial(count)
        found.append(Trial(field, sympy.Add(*values), remainder))
    return tuple(found)


def feature(problem: Any) -> sympy.Expr:
    """Time within the slab, mapped to [−1, 1]."""
    time = problem.domain.coordinates[problem.domain.names.index(problem.domain.time)]
    return 2 * (time - constant(START)) / constant(LENGTH) - 1


def initial_name(field: str, order: int) -> str:
    """The constant that holds ∂^order field/∂t^order at the start of the slab."""
    return f"slab_initial_{field}_{order}"


def size_name(field: str) -> str:
    """The constant ρ: about how large the field's highest derivative is."""
    return f"slab_size_{field}"


def first_constants(problem: Any, terms: Sequence[Term]) -> tuple[tuple[str, float], ...]:
    """Of a slab that spans all of time, (name, value), from the problem's initial values and the scale of its terms."""
    low, high = problem.domain.bounds[problem.domain.time]
    found = {START: float(low), LENGTH: float(high - low)}
    for condition in problem.conditions:
        found[initial_name(condition.field, condition.order)] = float(condition.value)
    for field in problem.fields:
        highest = sympy.diff(field, problem.domain.coordinates[0], problem.order(field, problem.domain.time))
        scales = [term.scale for term in terms if term.expressions[0].has(highest)]
        found[size_name(field.func.__name__)] = float(max(scales))
    return tuple(sorted(found.items()))


def constant(name: str) -> sympy.Symbol:
    """The symbol of a constant of a slab."""
    return sympy.Symbol(name, real=True)
