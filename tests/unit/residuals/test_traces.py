"""What a slab starts from: the derivatives of the slab before, written out in SymPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, pi, sin, symbols

import collocate as co
from collocate import problems
from collocate.backends import select
from collocate.planning import Plan
from collocate.planning.marching import START
from collocate.residuals import Evaluator, Residuals, initial_parameters
from collocate.residuals.traces import BLOCK, Traces

x, y, t = symbols("x y t")
u = Function("u")(x, t)


def string() -> co.Problem:
    """u_tt = 4 u_xx with two initial values, neither of them zero."""
    conditions = [co.Initial(u, sin(pi * x)), co.Initial(u.diff(t), x * (1 - x)), co.Dirichlet(u, 0)]
    return co.Problem(Eq(u.diff(t, 2), 4 * u.diff(x, 2)), co.Interval(x, 0, 1) * co.Time(t, 1, 4), conditions)


def three_slabs(problem: co.Problem) -> tuple[Plan, list[dict[str, Any]]]:
    """The plan of three slabs, and parameters of the first two, that start at 1 and 2."""
    plan = co.plan(problem, network=(3,), slabs=3, points={"interior": 9, "face": 4})
    found = [initial_parameters(plan, seed) for seed in (3, 4)]
    found[1]["constants"][START] = np.array(2.0)
    return plan, found


def written(plan: Plan, before: list[dict[str, Any]]) -> sympy.Expr:
    """The field in the last of the slabs before, as an expression of x and t."""
    (trial,), (stage,), time = plan.trials, plan.stages, plan.symbols[1]
    traces = {trace.node: trace.initial for trace in plan.traces}
    found = sympy.Integer(0)
    for number, parameters in enumerate(before):
        if number:
            start = float(parameters["constants"][START])
            traces = {trace.node: found.diff(time, trace.order).subs(time, start) for trace in plan.traces}
        constants = {sympy.Symbol(name, real=True): float(v) for name, v in parameters["constants"].items()}
        hidden, last = parameters["stages"][0]["layers"]
        inner = [sympy.tanh(z) for z in _affine(list(stage.features), hidden)]
        found = trial.particular + trial.factor * stage.scales[0] * _affine(inner, last)[0]
        found = found.xreplace(constants).xreplace(traces)
    return found


def _affine(inputs: list, layer: dict) -> list:
    return [
        sum((a * float(w) for a, w in zip(inputs, column, strict=True)), sympy.Float(bias))
        for column, bias in zip(layer["weight"].T, layer["bias"], strict=True)
    ]


@pytest.mark.parametrize("slabs", [1, 2])
@pytest.mark.parametrize("problem", [string, lambda: problems.load("advection").problem], ids=["string", "advection"])
def test_a_trace_is_the_slab_before_at_its_end(problem: Any, slabs: int) -> None:
    plan, before = three_slabs(problem())
    before, end = before[:slabs], 1.0 + slabs
    points = np.array([[0.2, 1.3], [0.55, 2.2], [0.9, 3.7]])
    traces = Traces(select.get("numpy"), plan, Residuals(select.get("numpy"), plan).spaces.values())
    columns = traces(before, end, points)
    truth = written(plan, before)
    place, time = plan.symbols
    assert {trace.order for trace in plan.traces} == set(range(len(plan.traces)))
    for trace in plan.traces:
        assert columns[trace.name].shape == (3, len(traces.held))
        for entry, column in zip(traces.held, columns[trace.name].T, strict=True):
            parts = (factor * truth.diff((time, trace.order), (place, alpha[0])) for alpha, factor in entry.terms)
            value = sympy.Add(*parts)
            expected = [float(value.subs({place: a, time: end})) for a in points[:, 0]]
            np.testing.assert_allclose(column, expected, rtol=1e-9, atol=1e-9, err_msg=f"{trace.name}, {entry}")


def test_a_slab_is_evaluated_from_its_trace() -> None:
    plan, before = three_slabs(string())
    points = np.array([[0.2, 2.3], [0.55, 2.2], [0.9, 2.7]])
    field = string().fields[0]
    place, time = plan.symbols
    expressions = (field, field.diff(place, 2), field.diff(time, place))
    found = Evaluator(select.get("numpy"), plan, expressions)(before[1], points, before[:1])
    truth = written(plan, before)
    for column, value in zip(found.T, (truth, truth.diff(place, 2), truth.diff(time, place)), strict=True):
        expected = [float(value.subs({place: a, time: b})) for a, b in points]
        np.testing.assert_allclose(column, expected, rtol=1e-9, atol=1e-9)


def test_more_points_than_a_block_and_none() -> None:
    plan, before = three_slabs(string())
    traces = Traces(select.get("numpy"), plan, Residuals(select.get("numpy"), plan).spaces.values())
    points = np.random.default_rng(0).uniform([0, 1], [1, 4], (BLOCK + 7, 2))
    whole, tail = (traces(before, 3.0, some) for some in (points, points[BLOCK - 2 :]))
    for name in whole:
        np.testing.assert_allclose(whole[name][BLOCK - 2 :], tail[name], rtol=1e-13, atol=1e-13)


def test_a_laplacian_brings_in_the_parts_that_its_rate_takes() -> None:
    """Columns of w_xx + w_yy of the rate hold w_xx and w_yy of the value too: of what is next, they are asked for."""
    w = Function("w")(x, y, t)
    domain = co.Rectangle((x, y), (0, 0), (1, 1)) * co.Time(t, 0, 1)
    start = [co.Initial(w, sin(pi * x) * sin(pi * y)), co.Initial(w.diff(t), 0), co.Dirichlet(w, 0)]
    problem = co.Problem(Eq(w.diff(t, 2), w.diff(x, 2) + w.diff(y, 2)), domain, start)
    plan = co.plan(problem, network=(3,), slabs=2)
    traces = Traces(select.get("numpy"), plan, Residuals(select.get("numpy"), plan).spaces.values())
    terms = {tuple(alpha for alpha, _ in entry.terms) for entry in traces.held}
    assert {((0, 2, 0), (2, 0, 0)), ((0, 2, 0),), ((2, 0, 0),)} <= terms
    assert all(not alpha[2] for entry in terms for alpha in entry)


def test_where_time_is_not_split_there_are_none() -> None:
    plan = co.plan(string(), network=(3,))
    points = {"interior": {"coordinates": np.zeros((2, 2))}}
    assert Residuals(select.get("numpy"), plan).traced(points, (), 0.0) is points
