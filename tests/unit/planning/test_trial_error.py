from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, exp, pi, sin, symbols

import collocate as co
from collocate import problems

x = symbols("x")
u = Function("u")(x)


def _plan(reference: object, value: object = 0):
    problem = co.Problem(Eq(u.diff(x, 2), 0), co.Interval(x, 0, 1), [co.Dirichlet(u, value)], reference=reference)
    return co.plan(problem, network=(3,))


def test_it_is_the_error_of_the_best_constant_in_place_of_the_network() -> None:
    """sin πx against c · 4 x (1 − x), by hand: 1 − ⟨f, Φ⟩² / (⟨Φ, Φ⟩ ⟨f, f⟩)."""
    expected = np.sqrt(1 - (16 / np.pi**3) ** 2 / (8 / 15 * 0.5))
    assert dict(_plan(sin(pi * x)).trial_error)["u"] == pytest.approx(expected, rel=1e-3)


def test_a_solution_within_the_trial_function_leaves_none() -> None:
    assert dict(_plan(3 * x * (1 - x)).trial_error)["u"] < 1e-14


def test_what_the_boundary_data_hold_does_not_count() -> None:
    """G is the straight line through the ends of exp, not exp itself."""
    error = dict(_plan(exp(x), exp(x)).trial_error)["u"]
    assert 1e-3 < error < 0.1


def test_without_a_reference_there_is_none() -> None:
    assert _plan(None).trial_error == ()


@pytest.mark.parametrize("name", problems.names())
def test_the_zoo_is_not_solved_by_its_trial_functions(name: str) -> None:
    errors = dict(co.plan(problems.load(name).problem, network=(3,)).trial_error)
    assert errors and max(errors.values()) > 0.03
