"""Domains: exact bounds, named faces, maps from the unit cube, storage, and errors that say how to mend them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sympy import Function, Rational, Symbol, pi, symbols

import collocate as co
from collocate.errors import StatementError
from collocate.expressions import symbol
from collocate.geometry import Domain, as_domain, domain_from_json

x, y, z, t = symbols("x y z t")
BURGERS = co.Interval(x, -1, pi) * co.Time(t, 0, 2)


def test_a_product_keeps_its_coordinates_in_the_order_stated():
    domain = co.Time(t, 0, 1) * co.Rectangle((x, y), (0, 1), (2, 4))
    assert domain.coordinates == (symbol("t"), symbol("x"), symbol("y"))
    assert domain.names == ("t", "x", "y")
    assert domain.bounds == {"t": (0.0, 1.0), "x": (0.0, 2.0), "y": (1.0, 4.0)}
    assert domain.time == "t" and domain.space == ("x", "y") and domain.dimension == 3
    assert domain.volume == 6.0
    assert (co.Interval(x, 0, 1) * co.Interval(y, 0, 1) * co.Time(t, 0, 1)).names == ("x", "y", "t")


def test_symbols_with_assumptions_become_canonical_and_bounds_stay_exact():
    domain = as_domain(co.Interval(Symbol("x", positive=True), Rational(1, 3), 2 * pi))
    assert domain.coordinates == (symbol("x"),)
    assert domain.exact_bounds == {"x": (Rational(1, 3), 2 * pi)}
    assert domain.bounds == {"x": (1 / 3, 2 * math.pi)}
    assert domain.time is None and domain.initial is None


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        (co.Interval(x, 0, 1), ("left", "right")),
        (co.Rectangle((x, y), 0, 1), ("left", "right", "bottom", "top")),
        (co.Interval(x, 0, 1) * co.Time(t, 0, 1) * co.Interval(y, 0, 1), ("left", "right", "bottom", "top")),
        (co.Box((x, y, z), 0, 1), ("left", "right", "front", "back", "bottom", "top")),
        (co.Box(symbols("a b c d"), 0, 1), ("a=0", "a=1", "b=0", "b=1", "c=0", "c=1", "d=0", "d=1")),
        (co.Time(t, 0, 1), ()),
    ],
)
def test_parts_have_names(domain, names):
    assert tuple(part.name for part in as_domain(domain).parts) == names


def test_a_part_knows_its_face():
    right = BURGERS.part("right")
    assert (right.coordinate, right.side, right.exact, right.value) == ("x", 1, pi, math.pi)
    assert BURGERS.normals(right, np.zeros((2, 2)))["x"].tolist() == [1.0, 1.0]
    assert BURGERS.normals("left", np.zeros((1, 2))) == {"x": [-1.0], "t": [0.0]}
    assert right.measure == 2.0
    initial = BURGERS.part("initial")
    assert initial == BURGERS.initial
    assert (initial.coordinate, initial.value, initial.measure) == ("t", 0.0, math.pi + 1)


def test_measures_are_areas_of_faces():
    box = as_domain(co.Box((x, y, z), (0, 0, 0), (1, 2, 3)))
    assert {part.name: part.measure for part in box.parts} == {
        "left": 6.0, "right": 6.0, "front": 3.0, "back": 3.0, "bottom": 2.0, "top": 2.0,
    }  # fmt: skip
    assert as_domain(co.Interval(x, 2, 5)).part("left").measure == 1.0


def test_points_are_stretched_and_hit_the_bounds_exactly():
    unit = np.array([[0.0, 0.0], [1.0, 1.0], [0.5, 0.25]])
    found = BURGERS.interior_points(unit)
    assert found[0].tolist() == [-1.0, 0.0] and found[1].tolist() == [math.pi, 2.0]
    np.testing.assert_allclose(found[2], [(math.pi - 1) / 2, 0.5])
    with pytest.raises(ValueError, match=r"\(n, 2\) were expected"):
        BURGERS.interior_points(np.zeros((3, 1)))


def test_points_of_a_part_have_its_coordinate_inserted():
    found = BURGERS.part_points("right", np.array([[0.0], [0.25]]))
    assert found.tolist() == [[math.pi, 0.0], [math.pi, 0.5]]
    assert BURGERS.part_points(BURGERS.initial, np.array([[0.0]])).tolist() == [[-1.0, 0.0]]
    assert as_domain(co.Interval(x, 2, 5)).part_points("left", np.zeros((3, 0))).tolist() == [[2.0]] * 3


def test_contains_with_a_tolerance():
    points = np.array([[0.0, 1.0], [-1.0, 0.0], [-1.001, 0.0], [0.0, 2.5]])
    assert BURGERS.contains(points).tolist() == [True, True, False, False]
    assert BURGERS.contains(points, tolerance=1e-2).tolist() == [True, True, True, False]


def test_grid():
    grid = BURGERS.grid((5, 3))
    assert grid["x"].shape == grid["t"].shape == (5, 3)
    assert grid["x"][-1, 0] == math.pi and grid["t"][0, -1] == 2.0
    assert BURGERS.grid(4)["x"].shape == (4, 4)
    with pytest.raises(ValueError, match="2 counts were expected"):
        BURGERS.grid((1, 2, 3))


@pytest.mark.parametrize(
    "domain",
    [
        BURGERS,
        co.Rectangle((x, y), (0, -0.1), (pi, Rational(1, 3))) * co.Time(t, 0, 1),
        Domain((co.Box((x, y, z), 0, 1),)),
    ],
)
def test_storage_gives_an_equal_domain(domain):
    assert domain_from_json(json.loads(json.dumps(domain.to_json()))) == domain


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "not well formed"),
        (None, "not well formed"),
        ({"shapes": [{"kind": "torus", "coordinates": ["x"], "lower": [], "upper": []}]}, "one of interval, time"),
        ({"shapes": [{"kind": "interval", "coordinates": ["x"], "lower": [], "upper": []}]}, "one coordinate and two"),
        ({"shapes": [{"kind": "interval", "coordinates": ["x"], "lower": ["0"], "upper": []}]}, "not well formed"),
    ],
)
def test_stored_domains_are_not_trusted(data, said):
    with pytest.raises(StatementError, match=said):
        domain_from_json(data)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: co.Interval(x, 1, 0), r"lower bound of x, 1, isn't below the upper one, 0; write Interval\(x, 0, 1\)"),
        (lambda: co.Interval(x, 1, 1), "isn't below the upper one, 1$"),
        (lambda: co.Interval(x, 0, y), "the upper bound of x must be a number.*got y"),
        (lambda: co.Interval(x, "0", 1), "the lower bound of x must be a number.*got '0'"),
        (lambda: co.Interval(x, 0, float("inf")), "the upper bound of x|finite"),
        (lambda: co.Interval("x", 0, 1), "needs a SymPy symbol as its coordinate; got 'x'"),
        (lambda: co.Interval(Function("u")(x), 0, 1), "is a field: give one of its coordinates"),
        (lambda: co.Interval(x, 0, 1) * co.Interval(x, 0, 2), "has the coordinate x twice"),
        (lambda: co.Time(t, 0, 1) * co.Time(x, 0, 1), "has two Times, t and x; a domain has at most one"),
        (lambda: co.Interval(x, 0, 1) * 3, "a domain is a product of shapes.*got \\* 3"),
        (lambda: co.Rectangle((x, y, z), 0, 1), "Rectangle takes its coordinates as a tuple \\(x, y\\)"),
        (lambda: co.Rectangle(x, 0, 1), "Rectangle takes its coordinates as a tuple"),
        (lambda: co.Rectangle((x, y), (0, 0, 0), 1), "has 2 coordinates, its corner .* has 3 numbers"),
        (lambda: co.Interval(Symbol("normal_x"), 0, 1) * co.Time(t, 0, 1), "is kept for normals"),
        (lambda: as_domain("unit square"), "the domain must be a shape or a product.*got 'unit square'"),
        (lambda: BURGERS.part("top"), "has no part 'top'; its parts: left, right, initial"),
    ],
)
def test_bad_domains_get_one_clear_error(build, said):
    with pytest.raises(StatementError, match=said):
        build()


def test_shapes_are_frozen_and_compare_by_value():
    assert co.Interval(x, 0, 1) == co.Interval(Symbol("x", real=True), 0, 1)
    with pytest.raises(AttributeError):
        co.Interval(x, 0, 1).axes = ()  # type: ignore[misc]


def test_a_domain_prints_as_it_is_written_in_mathematics():
    assert str(BURGERS) == "x ∈ [-1, pi] × t ∈ [0, 2]"
