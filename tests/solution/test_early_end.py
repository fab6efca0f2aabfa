"""Solutions that do not reach the end of time say so; figures that cannot be drawn do not cost the solution."""

from __future__ import annotations

import json
import linecache

import numpy as np
import pytest
import torch
from sympy import Eq, Function, Rational, exp, pi, sin, symbols

import collocate as co
from collocate.errors import ExpressionError

x, y, t = symbols("x y t")
SMALL = {"network": (8, 8), "backend": "jax"}


def oscillator(end: int) -> co.Problem:
    u = Function("u")(t)
    conditions = [co.Initial(u, 0), co.Initial(u.diff(t), 1)]
    return co.Problem(Eq(u.diff(t, 2), -u), domain=co.Time(t, 0, end), conditions=conditions, reference=sin(t))


def _at(solution: co.Solution, time: float) -> float:
    return solution(t=time)


def test_a_march_that_stops_early_is_no_whole_solution() -> None:
    solution = co.solve(oscillator(40), steps=30, **SMALL)
    assert solution.result["stopped_because"] == "step limit"
    assert solution.result["residual_heldout"] is None
    until = solution.result["solved_until"]
    assert 0 <= until < 40
    with pytest.warns(UserWarning, match=r"solved up to t = .* only \(step limit\)"):
        assert np.isnan(solution(t=39.0))
    with pytest.warns(UserWarning, match="no values beyond"):
        assert np.isfinite(solution(t=[0.0, until, 39.0])).tolist() == [True, True, False]
    with pytest.warns(UserWarning) as heard:
        _at(solution, 39.0)
    assert heard[0].filename == __file__ and "at(solution" in linecache.getline(__file__, heard[0].lineno - 1)
    assert solution.result["relative_l2"] is None and np.isnan(solution.error())
    assert "held-out" not in repr(solution)


def test_blow_up_ahead_is_marched_to_by_second_derivatives() -> None:
    """y″ = 2 y³ with y = 1/(2 − t): slabs shorten towards the pole, and stay solvable."""
    u = Function("u")(t)
    conditions = [co.Initial(u, Rational(1, 2)), co.Initial(u.diff(t), Rational(1, 4))]
    domain = co.Time(t, 0, Rational(3, 2))
    problem = co.Problem(Eq(u.diff(t, 2), 2 * u**3), domain=domain, conditions=conditions, reference=1 / (2 - t))
    solution = co.solve(problem)
    assert solution.result["stopped_because"] == "end of time" and solution.result["solved_until"] is None
    assert solution.error() < 1e-7
    times = np.linspace(0, 1.5, 13)
    found = solution.to_torch()(torch.tensor(times[:, None])).detach().numpy()[:, 0]
    np.testing.assert_allclose(found, solution(t=times), rtol=1e-12)


def test_three_coordinates_leave_files_and_a_figure(tmp_path) -> None:
    u = Function("u")(x, y, t)
    domain = co.Rectangle((x, y), (0, 0), (1, 1)) * co.Time(t, 0, 1)
    heat = Eq(u.diff(t), u.diff(x, 2) + u.diff(y, 2))
    initial = sin(pi * x) * sin(pi * y)
    problem = co.Problem(
        heat,
        domain=domain,
        conditions=[co.Initial(u, initial), co.Dirichlet(u, 0)],
        reference=initial * exp(-2 * pi**2 * t),
    )
    co.solve(problem, steps=2, points=100, out=tmp_path, **SMALL)
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "result.json").read_text())["steps"] == 2
    assert co.load(tmp_path / "solution.collocate")(x=0.5, y=0.5, t=0.0) == pytest.approx(1.0)


def test_a_figure_that_cannot_be_drawn_costs_no_solution(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments) -> None:
        raise ValueError("nothing to draw")

    monkeypatch.setattr(co.Solution, "plot", fail)
    u = Function("u")(x)
    problem = co.Problem(Eq(u.diff(x, 2), 1), domain=co.Interval(x, 0, 1), conditions=[co.Dirichlet(u, 0)])
    with pytest.warns(UserWarning, match="no figure was drawn: nothing to draw"):
        co.solve(problem, steps=2, out=tmp_path, **SMALL)
    assert co.load(tmp_path / "solution.collocate")(x=0) == pytest.approx(0.0)


def test_a_mean_hides_no_error_where_other_conditions_fix_the_field() -> None:
    u = Function("u")(x)
    conditions = [co.Dirichlet(u, 0), co.Mean(u, Rational(1, 12))]
    problem = co.Problem(Eq(-u.diff(x, 2), 1), domain=co.Interval(x, 0, 1), conditions=conditions, reference=x + 7)
    assert problem.floating == frozenset()
    assert co.solve(problem, steps=2, **SMALL).error() > 0.9
    p = Function("p")(x)
    free = co.Problem(Eq(p.diff(x), 1), domain=co.Interval(x, 0, 1), conditions=[co.Mean(p, 0)])
    assert free.floating == {"p"}


def test_a_condition_is_no_value() -> None:
    solution = co.solve(oscillator(1), steps=1, **SMALL)
    with pytest.raises(ExpressionError, match="is a condition, not a number; write Piecewise"):
        solution.at("t > 0.5", t=[0.1, 0.9])
