"""What a newcomer may get wrong in a call has one clear error, before anything is compiled."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, symbols

import collocate as co
from collocate.errors import BackendError, PlanError, StatementError

t = symbols("t")
u = Function("u")(t)


def decay() -> co.Problem:
    return co.Problem(Eq(u.diff(t), -u), domain=co.Time(t, 0, 1), conditions=[co.Initial(u, 1)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed must be a whole number, zero or more; got -1"),
        ({"steps": 0}, "steps must be a whole number, one or more; got 0"),
        ({"accuracy": -1e-6}, "accuracy must be a positive number"),
        ({"time_limit": float("nan")}, "time_limit must be a positive number"),
    ],
)
def test_numbers_that_mean_nothing(options: dict[str, Any], message: str):
    with pytest.raises(PlanError, match=message):
        co.solve(decay(), **options)


def test_numpy_has_no_derivatives_to_train_with():
    with pytest.raises(BackendError, match="NumPy"):
        co.solve(decay(), backend="numpy")


def test_a_solution_is_called_and_shown():
    solution = co.solve(decay(), network=(4,), steps=1, points=20, time_limit=1e-9)
    with pytest.raises(StatementError, match=r"by name: solution\(t=…\)"):
        solution(0.5)
    with pytest.raises(StatementError, match=r"by name: solution\(t=…\)"):
        solution.at("u", 0.5)
    with pytest.raises(StatementError, match="an expression or a list of one or more; got an empty list"):
        solution.at([], t=0.5)
    for given, shown in [(None, "None"), ("0.5", "'0.5'"), (1j, "1j"), ([0.1, None], "None"), ([[1], [1, 2]], "")]:
        with pytest.raises(StatementError, match=rf"must be numbers or arrays of numbers; t is .*{shown}"):
            solution(t=given)
    for given in (0, np.float32(0), np.array(0), sympy.Integer(0), Fraction(0)):
        assert solution(t=given) == solution(t=0.0)
    assert solution(t=np.zeros((2, 1), np.float32)).shape == (2, 1)
    assert repr(solution).startswith("<Solution of <Problem u_t = -u on t ∈ [0, 1]>, backend jax, dtype float64")


def test_events_print_as_a_line(capsys: pytest.CaptureFixture[str]):
    co.solve(decay(), network=(4,), steps=1, points=20, time_limit=1e-9, callbacks=[print])
    assert capsys.readouterr().out.startswith("step 1")
