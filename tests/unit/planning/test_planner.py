"""The planner's choices, and the ones taken from its hands."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq, Function, sin, symbols

import collocate as co
from collocate import problems
from collocate.errors import PlanError
from collocate.networks import MLP
from collocate.planning import INTERIOR

x, y = symbols("x y")
u = Function("u")(x, y)
SQUARE = co.Rectangle((x, y), (0, 0), (1, 4))
PROBLEM = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), sin(x)), SQUARE, [co.Dirichlet(u, 0), co.Mean(u, 1)])


def test_the_same_problem_gives_the_same_plan() -> None:
    assert co.plan(PROBLEM) == co.plan(PROBLEM)


def test_coordinates_are_mapped_to_plus_minus_one() -> None:
    plan = co.plan(PROBLEM, network=(3,))
    for feature, symbol, (low, high) in zip(plan.stages[0].features, plan.symbols, plan.bounds, strict=True):
        assert [float(feature.subs(symbol, end)) for end in (low, high)] == [-1.0, 1.0]


@pytest.mark.parametrize(("network", "slope"), [(MLP((7, 5)), 1.0), ((7, 5), 3.0), ([7, 5], 3.0)])
def test_a_network_or_its_widths(network: Any, slope: float) -> None:
    assert co.plan(PROBLEM, network=network).stages[0].network == MLP((7, 5), slope=slope)


def test_steep_first_weights_but_not_for_what_is_sought() -> None:
    x, k = symbols("x k")
    u = Function("u")(x)
    ends = [co.Dirichlet(u, 0, on="left"), co.Dirichlet(u, 1, on="right")]
    plain = co.Problem(Eq(u.diff(x, 2), 1), domain=co.Interval(x, 0, 1), conditions=ends)
    sought = co.Problem(
        Eq(u.diff(x, 2), k), domain=co.Interval(x, 0, 1), unknowns=[co.Unknown(k, 1)],
        conditions=[*ends, co.Neumann(u, 1, on="right")],
    )  # fmt: skip
    slopes = [co.plan(problem).stages[0].network.slope for problem in (plain, sought)]
    assert slopes == [3.0, 1.0]


def test_many_dimensions_take_a_network_for_which_gauss_newton_is_affordable() -> None:
    plan = co.plan(problems.load("poisson5d").problem)
    assert [phase.optimizer for phase in plan.phases] == ["levenberg_marquardt"]
    assert any(choice.subject == "network" and "Gauss-Newton" in choice.reason for choice in plan.choices)


def test_points_as_asked() -> None:
    plan = co.plan(problems.load("burgers").problem, network=(3,), points={"interior": 640, "face": 30})
    assert plan.count(INTERIOR) == 640
    assert co.plan(PROBLEM, network=(3,), points=300).count(INTERIOR) == 300


@pytest.mark.parametrize("optimizer", ["natural_gradient", co.NaturalGradient(momentum=0.5)])
def test_the_kernel_form_has_fewer_rows_than_parameters(optimizer: Any) -> None:
    problem = problems.load("poisson5d").problem
    plan = co.plan(problem, network=(40, 40), optimizer=optimizer)
    assert sum(points.count for points in plan.point_sets) < 1921
    assert co.plan(problem, network=(40, 40), optimizer=optimizer, points=700).count(INTERIOR) >= 700


@pytest.mark.parametrize("points", [0, -3, 2.5, {"edge": 4}, {"interior": 0}])
def test_points_that_are_no_counts(points: Any) -> None:
    with pytest.raises(PlanError, match="points must be"):
        co.plan(PROBLEM, network=(3,), points=points)


@pytest.mark.parametrize("network", ["mlp", 3, object()])
def test_no_network(network: Any) -> None:
    with pytest.raises(PlanError, match="network must be"):
        co.plan(PROBLEM, network=network)


def test_blocks_divide_every_set_and_a_reduced_row_takes_one() -> None:
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), 0), SQUARE, [co.Robin(u, 1, 1, 0)])
    plan = co.plan(problem, network=(64,), points={"interior": 6101, "face": 101})
    assert plan.blocks == 6
    assert [points.count for points in plan.point_sets] == [6102, *[102] * 4]
    assert co.plan(PROBLEM, network=(64,), points=6101).blocks == 1


def test_a_block_is_as_many_points_as_fill_the_cache() -> None:
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), 0), SQUARE, [co.Dirichlet(u, 0)])
    blocks = {
        (width, dtype): co.plan(problem, network=(8, width, 8), points=10_000, dtype=dtype).blocks
        for width in (8, 20, 64)
        for dtype in ("float32", "float64")
    }
    assert blocks == {
        (8, "float32"): 1, (20, "float32"): 2, (64, "float32"): 4,
        (8, "float64"): 2, (20, "float64"): 4, (64, "float64"): 10,
    }  # fmt: skip


def test_every_choice_has_a_value_and_a_reason() -> None:
    for choice in co.plan(PROBLEM).choices:
        assert choice.subject and choice.value and choice.reason, choice


def test_a_scale_that_was_asked_for_is_said_to_be() -> None:
    for scales, reason in (({u: 7}, "as asked"), (None, "the size of G, or what balances the equation")):
        poisson = Eq(u.diff(x, 2) + u.diff(y, 2), 1)
        problem = co.Problem(poisson, SQUARE, [co.Dirichlet(u, 0)], scales=scales)
        (choice,) = (choice for choice in co.plan(problem, network=(3,)).choices if choice.subject == "scale of u")
        assert choice.reason == reason
