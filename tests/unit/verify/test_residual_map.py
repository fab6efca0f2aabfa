"""Residuals on fresh points against what is known of them, and the search between the points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Function, pi, sin, symbols

import collocate as co
from collocate import tree
from collocate.solution import Slab
from collocate.verify.residual_map import ResidualMap, worst_place

from ...small import bar, heat, rotation

x, y, t = symbols("x y t")


@pytest.fixture(scope="module")
def warm() -> co.Solution:
    return co.solve(heat(), network=(6,), points=100, steps=3, callbacks=())


def test_the_residual_is_the_equation_at_the_points_over_the_size_of_its_terms(warm: co.Solution):
    found = ResidualMap(warm)
    u = Function("u")(x, t)
    left, right = u.diff(t), u.diff(x, 2) / 10
    points = dict(zip(("x", "t"), found.interior[:500].T, strict=True))
    expected = np.abs(warm.at(left - right, **points))
    assert found.relative("equation")[:500] * found.scales["equation"] == pytest.approx(expected, rel=1e-9)
    terms = warm.at([left, right], **dict(zip(("x", "t"), found.interior[:2048].T, strict=True)))
    assert found.scales["equation"] == pytest.approx(np.sqrt(sum(np.mean(term**2) for term in terms)), rel=1e-9)


def test_conditions_that_the_trial_function_meets_are_measured_too(warm: co.Solution):
    names = [each.name for each in ResidualMap(warm).measured()]
    assert names == [
        "equation", "initial u (initial)", "dirichlet u on left, right (left)", "dirichlet u on left, right (right)",
    ]  # fmt: skip
    assert all(each.largest < 1e-12 for each in ResidualMap(warm).measured() if each.kind == "condition")


def test_conditions_of_another_statement_are_measured_against_it(warm: co.Solution):
    """u = 0 at both ends; the other wants 2 on the left, ∂u/∂n = 1 on the right and a mean of 3."""
    u = Function("u")(x, t)
    equation = Eq(u.diff(t), u.diff(x, 2) / 10)
    conditions = [
        co.Initial(u, sin(pi * x)), co.Dirichlet(u, 2, on="left"), co.Neumann(u, 1, on="right"), co.Mean(u, 3),
    ]  # fmt: skip
    with pytest.warns(UserWarning):
        other = co.Problem(equation, heat().domain, conditions)
        found = ResidualMap(warm, other)
    measured = {each.name: each for each in found.measured()}
    left = measured["dirichlet u on left (left)"]
    assert left.rms * left.scale == pytest.approx(2.0)
    (name,) = (name for name in measured if name.startswith("neumann"))
    ends = found.points[found.plan.terms[[term.name for term in found.plan.terms].index(name)].sets[0]]["coordinates"]
    slope = warm.at(u.diff(x), x=ends[:, 0], t=ends[:, 1])
    assert found.rows[name] == pytest.approx(slope - 1.0, rel=1e-9)
    grid = other.domain.grid(201)
    mean = float(np.mean(warm(**grid)))
    assert found.rows["mean u"] == pytest.approx([mean - 3.0], abs=0.02)
    assert measured["mean u"].place == {}


def test_each_slab_is_evaluated_by_its_own_network():
    first = co.solve(rotation(), network=(6,), points=40, steps=2, callbacks=())
    other = tree.map(lambda leaf: leaf + 0.1, first.slabs[0].parameters["stages"])
    second = Slab(1.5, {**first.slabs[0].parameters, "stages": other})
    solution = replace(first, slabs=(first.slabs[0], second), result={})
    found = ResidualMap(solution)
    assert found.interior.shape == (4096, 1)
    p, q = Function("p")(t), Function("q")(t)
    assert found.rows["equation 1"] == pytest.approx(solution.at(p.diff(t) + q, t=found.interior[:, 0]), abs=1e-12)
    alone = ResidualMap(replace(first, result={})).rows["equation 1"]
    late = found.interior[:, 0] > 1.5
    assert np.array_equal(found.rows["equation 1"][~late], alone[~late])
    assert np.abs(found.rows["equation 1"] - alone)[late].max() > 1e-3


def test_beside_what_training_reports_stands_the_same_figure_on_fresh_points(warm: co.Solution):
    assert ResidualMap(warm).as_trained() == pytest.approx(warm.result["residual_heldout"], rel=0.4)


def test_the_worst_place_is_found_between_the_points():
    domain = bar().domain
    points = np.linspace(0, 1, 101)[:, None]

    def peak(at: np.ndarray) -> np.ndarray:
        return 1e-3 + np.exp(-(((at[:, 0] - 0.70512) / 2e-3) ** 2))

    assert peak(points).max() < 0.01
    largest, place = worst_place(peak, domain, points, peak(points))
    assert largest > 0.999
    assert place == pytest.approx([0.70512], abs=1e-4)


def test_a_residual_that_is_not_finite_is_the_worst():
    domain = bar().domain
    points = np.array([[0.2], [0.6]])
    largest, place = worst_place(lambda at: np.ones(len(at)), domain, points, np.array([1.0, np.nan]))
    assert largest == np.inf and place == [0.6]
