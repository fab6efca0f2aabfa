"""Batches: subsets of the current points, the same for the same seed and step."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, pi, sin

import collocate as co
from collocate.sampling.batches import batch
from collocate.sampling.point_sets import draw

from ...small import heat, membrane, x


def drawn(problem, **options):
    plan = co.plan(problem, optimizer="adam", **options)
    return plan, draw(problem.domain, plan, seed=0)


def test_a_batch_is_a_subset_with_all_that_belongs_to_its_points():
    plan, points = drawn(membrane(), points=100, batch=16)
    interior = points["interior"]
    interior["multipliers"] = {"equation": interior["coordinates"][:, 0].copy()}
    part = batch(points, plan, seed=3, step=5)["interior"]
    assert part["coordinates"].shape == (16, 2)
    assert {tuple(row) for row in part["coordinates"]} <= {tuple(row) for row in interior["coordinates"]}
    assert len({tuple(row) for row in part["coordinates"]}) == 16
    np.testing.assert_array_equal(part["multipliers"]["equation"], part["coordinates"][:, 0])
    assert part["weight"].sum() == pytest.approx(1.0)


def test_it_is_a_function_of_seed_and_step():
    plan, points = drawn(heat(), points=100, batch=16)
    one = batch(points, plan, seed=3, step=5)["interior"]["coordinates"]
    np.testing.assert_array_equal(one, batch(points, plan, seed=3, step=5)["interior"]["coordinates"])
    for other in ({"seed": 4, "step": 5}, {"seed": 3, "step": 6}):
        assert not np.array_equal(one, batch(points, plan, **other)["interior"]["coordinates"])


def test_a_mean_over_steps_is_the_mean_over_all_points():
    plan, points = drawn(membrane(), points=40, batch=10)
    values = [batch(points, plan, seed=0, step=k)["interior"]["coordinates"][:, 0].mean() for k in range(2000)]
    assert np.mean(values) == pytest.approx(points["interior"]["coordinates"][:, 0].mean(), abs=0.01)


def test_mirrored_sets_keep_their_pairs_and_small_sets_stay_whole():
    y = co.Interval(x, 0, 1)
    u = Function("u")(x)
    problem = co.Problem(Eq(-u.diff(x, 2) + u, sin(2 * pi * x)), y, [co.Periodic(u, x)])
    plan, points = drawn(problem, points=40, batch=8)
    found = batch(points, plan, seed=0, step=0)
    assert len(found["interior"]["weight"]) == 8
    assert all(found[name] is points[name] for name in points if name != "interior")
