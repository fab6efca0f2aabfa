"""The time of a partial equation in slabs: in how many, why not, and what a slab's trial function starts from."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, Integral, cos, pi, sin, symbols

import collocate as co
from collocate import problems
from collocate.errors import PlanError
from collocate.expressions import evaluate
from collocate.planning import storage
from collocate.planning.conditions import sort_conditions
from collocate.planning.marching import START
from collocate.planning.slabs import TURNS, slab_count

from ...small import heat, oscillator

x, y, t, s, nu = symbols("x y t s nu")
u, v = Function("u")(x, t), Function("v")(x, t)
DOMAIN = co.Interval(x, 0, 1) * co.Time(t, 1, 3)


def counted(problem: co.Problem, asked: Any = "auto", free: bool = True, exact: bool = True) -> int:
    return slab_count(asked, problem, sort_conditions(problem, exact), free)[0]


def carried(speed: Any, end: Any = 1, start: Any = None, extra: Any = 0) -> co.Problem:
    """u_t + speed u_x = extra, periodic."""
    start = sin(2 * pi * x) if start is None else start
    domain = co.Interval(x, 0, 1) * co.Time(t, 0, end)
    return co.Problem(Eq(u.diff(t) + speed * u.diff(x), extra), domain, [co.Periodic(u, x), co.Initial(u, start)])


def string(**others: Any) -> co.Problem:
    """u_tt = 4 u_xx with two initial values."""
    conditions = [co.Initial(u, sin(pi * x)), co.Initial(u.diff(t), x * (1 - x)), co.Dirichlet(u, 0)]
    return co.Problem(Eq(u.diff(t, 2), 4 * u.diff(x, 2)), DOMAIN, conditions, **others)


def test_advection_turns_often_and_burgers_does_not() -> None:
    assert co.plan(problems.load("advection").problem).slabs == 4
    assert co.plan(problems.load("burgers").problem).slabs == 1


@pytest.mark.parametrize(("end", "slabs"), [(0.25, 1), (0.3, 2), (2, 8)])
def test_a_slab_for_every_ten_turns(end: Any, slabs: int) -> None:
    """A sine of 4πx carried with speed 3 turns 12π T times, its phase in T."""
    assert TURNS == 10
    assert counted(carried(3, end=end, start=sin(4 * pi * x))) == slabs


@pytest.mark.parametrize("rate", [-300 * (u - sympy.Rational(1, 2)), 300 * u, 300, 300 * cos(t)])
def test_decay_growth_and_a_level_that_moves_are_no_turns(rate: Any) -> None:
    assert counted(carried(0, start=1 + sin(2 * pi * x), extra=rate)) == 1


def test_decay_about_a_mean_is_no_turn() -> None:
    """The mean of sin πx is not zero, and falls with it."""
    conditions = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)]
    assert counted(co.Problem(Eq(u.diff(t), 50 * u.diff(x, 2)), DOMAIN, conditions)) == 1


def test_two_fields_turn_together() -> None:
    """u_t = 29 v, v_t = −29 u over two units: neither is its own rate."""
    system = [Eq(u.diff(t), 29 * v), Eq(v.diff(t), -29 * u)]
    start = [co.Initial(u, sin(2 * pi * x)), co.Initial(v, 0), co.Periodic(u, x), co.Periodic(v, x)]
    assert counted(co.Problem(system, DOMAIN, start)) == 6


@pytest.mark.parametrize(
    "problem",
    [carried(300, start=1), string()],
    ids=["nothing that turns", "second order in time"],
)
def test_what_has_no_rate_to_count_by_is_not_split(problem: co.Problem) -> None:
    assert counted(problem) == 1


def test_a_rate_that_is_not_given_by_the_equation_is_not_counted() -> None:
    squared = Eq(u.diff(t) ** 2, 900 * u.diff(x) ** 2)
    assert counted(co.Problem(squared, DOMAIN, [co.Periodic(u, x), co.Initial(u, sin(2 * pi * x))])) == 1


def _final() -> co.Problem:
    return co.Problem(Eq(u.diff(t), -u.diff(x, 2)), DOMAIN, [co.Final(u, sin(pi * x)), co.Dirichlet(u, 0)])


def _memory() -> co.Problem:
    inner = Function("u")(x, s)
    equation = Eq(u.diff(t), u.diff(x, 2) + Integral(inner, (s, 1, t)))
    return co.Problem(equation, DOMAIN, [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)])


def _sought() -> co.Problem:
    equation, start = Eq(u.diff(t), nu * u.diff(x, 2)), [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)]
    return co.Problem(equation, DOMAIN, [*start, co.Point(u, 0.5, x=0.5, t=2)], unknowns=[co.Unknown(nu, 1)])


def _measured() -> co.Problem:
    table = {"x": [0.5], "t": [2.0], "u": [0.1]}
    start = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0), co.Data(u, table)]
    return co.Problem(Eq(u.diff(t), u.diff(x, 2)), DOMAIN, start)


def _beam() -> co.Problem:
    start = [co.Initial(u, sin(2 * pi * x)), co.Initial(u.diff(t), 0), co.Periodic(u, x)]
    return co.Problem(Eq(u.diff(t, 2) + u.diff(x, 4), 0), DOMAIN, start)


def _moment() -> co.Problem:
    """Time is a coordinate, and no equation takes a derivative by it."""
    return co.Problem(Eq(u.diff(x, 2), sin(t)), DOMAIN, [co.Dirichlet(u, 0)])


def _at_times() -> co.Problem:
    late = co.Condition(Eq(u.diff(x), 0), on=Eq(x, 1) & (t > 1.5))
    equation = Eq(u.diff(t), u.diff(x, 2))
    return co.Problem(equation, DOMAIN, [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0, on="left"), late])


def _mean() -> co.Problem:
    return co.Problem(Eq(u.diff(t), u.diff(x)), DOMAIN, [co.Initial(u, sin(2 * pi * x)), co.Mean(u, 0)])


GIVEN = "points are given as arrays, or the network is your own"


def _steady() -> co.Problem:
    w = Function("w")(x, y)
    return co.Problem(Eq(w.diff(x, 2) + w.diff(y, 2), 1), co.Rectangle((x, y), (0, 0), (1, 1)), [co.Dirichlet(w, 0)])


@pytest.mark.parametrize(
    ("problem", "settings", "reason"),
    [
        (_steady, {}, "the problem has no time"),
        (oscillator, {}, "ordinary equations find their slabs in training"),
        (heat, {"points": {"interior": np.full((40, 2), 0.5)}}, GIVEN),
        (heat, {"network": (lambda w, z: z @ w, np.ones((2, 1)))}, GIVEN),
        (_moment, {}, "no initial value is given to start from"),
        (_at_times, {}, "a condition holds at some times only"),
        (_mean, {}, "a mean is over all times at once"),
        (_sought, {}, "something is sought or measured at all times"),
        (_measured, {}, "something is sought or measured at all times"),
        (_memory, {}, "an integral reaches back"),
        (_final, {}, "there is a value at the final time"),
        (heat, {"conditions": "soft"}, "initial u is not exact"),
        (_beam, {}, "the trace of a rate would take derivatives of order 5, and 4 is the highest"),
    ],
    ids=[
        *("steady", "ordinary", "points", "network", "moment", "at times", "mean"),
        *("unknown", "data", "memory", "final", "soft", "beam"),
    ],
)
def test_why_time_cannot_be_split(problem: Any, settings: dict[str, Any], reason: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stated, settings = problem(), {"network": (4,), **settings}
        with pytest.raises(PlanError, match=f"^slabs=2: time cannot be split, since {reason}; leave slabs out$"):
            co.plan(stated, slabs=2, **settings)
        assert not co.plan(stated, **settings).traces


@pytest.mark.parametrize("slabs", [0, -1, 2.0, "two", True, None])
def test_no_number_of_slabs(slabs: Any) -> None:
    with pytest.raises(PlanError, match="slabs must be 'auto' or a whole number, one or more; got "):
        co.plan(heat(), network=(4,), slabs=slabs)


def test_one_slab_is_all_of_time() -> None:
    for problem in (oscillator(), problems.load("advection").problem):
        plan = co.plan(problem, network=(4,), slabs=1)
        assert (plan.slabs, plan.constants, plan.traces) == (1, (), ())
    assert co.plan(oscillator(), network=(4,)).slabs is None


def test_the_plan_says_so() -> None:
    (time,) = (c for c in co.plan(problems.load("advection").problem, network=(4,)).choices if c.subject == "time")
    assert (time.value, time.reason) == ("in 4 slabs", "at its initial rate the solution changes 33 times over")
    (time,) = (c for c in co.plan(heat(), network=(4,), slabs=3).choices if c.subject == "time")
    assert (time.value, time.reason) == ("in 3 slabs", "as asked")
    assert not [c for c in co.plan(heat(), network=(4,)).choices if c.subject == "time"]


def test_first_slab_s_constants() -> None:
    assert dict(co.plan(string(), network=(4,), slabs=4).constants) == {START: 1.0, "slab_length": 0.5}


def _worth(expression: sympy.Expr, **values: Any) -> np.ndarray:
    """At points, the traces given by name."""
    names = {node: sympy.Symbol(node.func.__name__, real=True) for node in expression.atoms(sympy.Function)
             if isinstance(node, sympy.core.function.AppliedUndef)}  # fmt: skip
    return evaluate(expression.xreplace(names), values)


def test_a_slab_starts_from_its_traces() -> None:
    """G = trace, G_t = trace of the rate, and Φ = Φ_t = 0 at the slab's start; at the ends G is the boundary value."""
    plan = co.plan(string(), network=(4,), slabs=2)
    (trial,), (value, rate) = plan.trials, plan.traces
    assert [(trace.field, trace.order, trace.initial) for trace in (value, rate)] == [
        ("u", 0, sin(pi * plan.symbols[0])),
        ("u", 1, plan.symbols[0] * (1 - plan.symbols[0])),
    ]
    time = plan.symbols[1]
    xs = np.linspace(0, 1, 9)
    given = {"x": xs, "t": np.full(9, 2.0), START: 2.0, value.name: np.sin(3 * np.pi * xs), rate.name: xs * (1 - xs)}
    assert np.abs(given[value.name]).max() > 0.5
    np.testing.assert_allclose(_worth(trial.particular, **given), given[value.name], atol=1e-14)
    np.testing.assert_allclose(_worth(trial.particular.diff(time), **given), given[rate.name], atol=1e-14)
    for factor in (trial.factor, trial.factor.diff(time)):
        np.testing.assert_array_equal(_worth(factor, **given), 0.0)
    later = {**given, "t": np.full(9, 2.7)}
    assert np.abs(_worth(trial.factor, **later)[1:-1]).min() > 0
    np.testing.assert_allclose(_worth(trial.particular, **later)[[0, -1]], 0.0, atol=1e-14)
    # Of one size however short the slab is: T, all of time, is what t − a is divided by.
    np.testing.assert_allclose(_worth(trial.factor, **later)[4], (0.7 / 2) ** 2, atol=1e-14)


def test_the_network_sees_time_within_the_slab() -> None:
    plan = co.plan(string(), network=(4,), slabs=2)
    place, time = plan.stages[0].features
    seen = [_worth(time, t=np.array([2.0, 3.0]), **{START: 2.0, "slab_length": 1.0}), _worth(place, x=np.array([0, 1]))]
    np.testing.assert_allclose(seen, [[-1, 1], [-1, 1]])


@pytest.mark.parametrize("name", ["string", "oscillator", "heat"])
def test_a_plan_comes_back_from_json(name: str) -> None:
    plan = {"string": lambda: co.plan(string(), network=(4,), slabs=2), "oscillator": lambda: co.plan(oscillator()),
            "heat": lambda: co.plan(heat(), network=(4,))}[name]()  # fmt: skip
    assert storage.from_json(json.loads(json.dumps(storage.to_json(plan)))) == plan


@pytest.mark.parametrize(("problem", "slabs"), [(heat, 1), (oscillator, None)])
def test_files_of_0_1_say_nothing_of_slabs(problem: Any, slabs: int | None) -> None:
    plan = co.plan(problem(), network=(4,))
    document = storage.to_json(plan)
    del document["traces"], document["slabs"]
    read = storage.from_json(json.loads(json.dumps(document)))
    assert read == plan
    assert read.slabs == slabs
