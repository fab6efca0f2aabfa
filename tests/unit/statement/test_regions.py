"""Where conditions hold on boundaries that are curved, slanted or clipped."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sympy import Eq, Function, Rational, pi, sqrt, symbols

import collocate as co
from collocate.errors import StatementError
from collocate.expressions import symbol
from collocate.sampling.point_sets import draw

x, y, t = symbols("x y t")
X = symbol("x")
u = Function("u")(x, y)
LAPLACE = Eq(u.diff(x, 2) + u.diff(y, 2), 0)
DISK = co.Disk((x, y), (0, 0), 1)
PLATE = co.Rectangle((x, y), 0, 1) - co.Disk((x, y), (Rational(1, 2), Rational(1, 2)), Rational(1, 4))
ELL = co.Rectangle((x, y), -1, 1) - co.Rectangle((x, y), (0, -1), (1, 0))
TRIANGLE = co.Polygon((x, y), [(0, 0), (1, 0), (0, 1)])


def problem(domain, *conditions):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return co.Problem(LAPLACE, domain, list(conditions))


@pytest.mark.parametrize(
    ("domain", "on", "expected"),
    [
        (DISK, "outer", {"outer": True}),
        (DISK, Eq(x**2 + y**2, 1), {"outer": True}),
        (DISK, Eq(sqrt(x**2 + y**2), 1), {"outer": True}),
        (DISK, x**2 + y**2 >= 1, {"outer": True}),
        (DISK, x > 0, {"outer": X > 0}),
        (DISK, x < 2, {"outer": True}),
        (DISK, Eq(x**2 + y**2, 1) & (x > 0), {"outer": X > 0}),
        (co.Ball((x, y), (0, 0), pi), Eq(x**2 + y**2, pi**2), {"outer": True}),
        (PLATE, ["inner", "left"], {"inner": True, "left": True}),
        (PLATE, Eq(x, 1), {"right": True}),
        (PLATE, Eq((x - 0.5) ** 2 + (y - 0.5) ** 2, 0.0625), {"inner": True}),
        (ELL, Eq(x, 0), {"inner left": True}),
        (ELL, Eq(y, 0) | Eq(x, -1), {"left": True, "inner top": True}),
        (ELL, x >= 0, {"right": True, "top": X >= 0, "inner left": True, "inner top": True}),
        (TRIANGLE, Eq(x + y, 1), {"edge 2": True}),
        (TRIANGLE, Eq(x, 0), {"edge 3": True}),
        (TRIANGLE, Eq(x * y, 0), {"edge 1": True, "edge 3": True}),
    ],
)
def test_on_selects_parts_of_any_shape(domain, on, expected):
    (condition,) = problem(domain, co.Dirichlet(u, 0, on=on)).conditions
    assert {s.part: True if s.predicate is None else s.predicate for s in condition.selections} == expected


def test_what_is_left_of_a_circle_is_the_other_half():
    value, flux = problem(DISK, co.Dirichlet(u, 0, on=x > 0), co.Neumann(u, 1)).conditions
    assert [s.predicate for s in value.selections] == [X > 0]
    assert [s.predicate for s in flux.selections] == [X <= 0]


def test_a_predicate_that_misses_every_part_names_them_with_their_places():
    with pytest.raises(StatementError, match=r"selects no part.*'outer' \(\|\(x, y\) - \(0, 0\)\| = 1\)"):
        problem(DISK, co.Dirichlet(u, 0, on=Eq(x**2 + y**2, 2)))
    with pytest.raises(StatementError, match=r"'edge 2' \(from \(1, 0\) to \(0, 1\)\)"):
        problem(TRIANGLE, co.Dirichlet(u, 0, on="hypotenuse"))


def test_a_period_needs_two_whole_ends():
    with pytest.raises(StatementError, match="no two whole ends in x to join"):
        problem(ELL, co.Periodic(u, x), co.Dirichlet(u, 0))


@pytest.mark.parametrize("shape", [DISK, PLATE, ELL, TRIANGLE])
def test_a_value_all_around_is_enough_for_an_equation_of_second_order(shape):
    v = Function("v")(x, y, t)
    heat = Eq(v.diff(t), v.diff(x, 2) + v.diff(y, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        co.Problem(LAPLACE, shape, [co.Dirichlet(u, 0)])
        co.Problem(heat, shape * co.Time(t, 0, 1), [co.Initial(v, 0), co.Dirichlet(v, 0)])


def test_half_a_circle_is_remarked_on():
    with pytest.warns(UserWarning, match="1 condition on outer together are usual; there are 0.5: .* not be unique"):
        co.Problem(LAPLACE, DISK, [co.Dirichlet(u, 0, on=x > 0)])


def test_points_of_a_restricted_curve_carry_their_normals():
    stated = problem(DISK, co.Neumann(u, x, on=x > 0), co.Dirichlet(u, 0))
    found = draw(stated.domain, co.plan(stated, points={"interior": 300, "face": 200}), seed=0)
    on_curve = {name: points for name, points in found.items() if points["columns"]}
    assert len(on_curve) == 2
    for points in on_curve.values():
        coordinates, columns = points["coordinates"], points["columns"]
        np.testing.assert_allclose(coordinates, np.stack([columns["normal_x"], columns["normal_y"]], axis=1))
    right = next(points["coordinates"] for name, points in on_curve.items() if ">" in name)
    assert (right[:, 0] > 0).all() and len(right) == 200
