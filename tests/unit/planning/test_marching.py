"""What is solved in slabs of time: initial value problems with nothing that ties one stretch of time to another."""

from __future__ import annotations

import warnings

import pytest
from sympy import Eq, Function, Integral, symbols

import collocate as co

t, s, k = symbols("t s k")
Z = Function("z")
z = Z(t)
START = co.Initial(z, 1)
LINE = co.Time(t, 0, 5)


def marched(equation: Eq, conditions: list, **others: object) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(co.plan(co.Problem(equation, LINE, conditions, **others), network=(4,)).constants)


def test_an_initial_value_problem_is_marched():
    assert marched(Eq(z.diff(t), -z), [START])


@pytest.mark.parametrize(
    ("equation", "conditions", "others"),
    [
        (Eq(z.diff(t), 1 - Integral(Z(s), (s, 0, t))), [START], {}),
        (Eq(z.diff(t), -z), [co.Final(z, 1)], {}),
        (Eq(z.diff(t), -z), [START, co.Data(z, {"t": [1.0], "z": [0.5]})], {}),
        (Eq(z.diff(t), -k * z), [START, co.Point(z, 0.5, t=1)], {"unknowns": [co.Unknown(k, 1)]}),
        (Eq(z.diff(t), -k * z), [START], {"parameters": [co.Parameter(k, 1, 2)]}),
        (Eq(z.diff(t), -Function("q")(t) * z), [START, co.Data(z, {"t": [1.0], "z": [0.5]})],
         {"unknowns": [co.Unknown(Function("q")(t))]}),
    ],
    ids=["memory", "a final value", "data", "an unknown number", "a parameter", "an unknown field"],
)  # fmt: skip
def test_what_ties_time_together_is_solved_at_once(equation: Eq, conditions: list, others: dict):
    assert not marched(equation, conditions, **others)
