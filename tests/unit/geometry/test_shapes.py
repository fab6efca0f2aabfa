"""Shapes beyond boxes: volumes, parts, normals, sampling and quadrature, each against what is known without them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sympy import Rational, symbols

import collocate as co
from collocate.errors import StatementError
from collocate.geometry import as_domain, domain_from_json
from collocate.solution.quadrature import rule

x, y, z, w, t = symbols("x y z w t")


def rectangle(lower, upper):
    return co.Rectangle((x, y), lower, upper)


def disk(center, radius):
    return co.Disk((x, y), center, radius)


ELL = [(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)]
LENS = 2 * math.pi / 3 - math.sqrt(3) / 2  # of two unit disks whose centers are one apart
# Domain, its volume, the measures of its parts, and whether its quadrature is a rule (else Sobol points).
SHAPES = {
    "disk": (disk((0.5, -1), 2), 4 * math.pi, {"outer": 4 * math.pi}, True),
    "ball": (co.Ball((x, y, z), (1, 0, 0), 0.7), 4 / 3 * math.pi * 0.343, {"outer": 4 * math.pi * 0.49}, True),
    "ball in 4-D": (co.Ball((x, y, z, w), (1, 0, 0, 0), 1), math.pi**2 / 2, {"outer": 2 * math.pi**2}, True),
    "polygon": (
        co.Polygon((x, y), ELL),
        3.0,
        {f"edge {k + 1}": length for k, length in enumerate((2, 1, 1, 1, 1, 2))},
        True,
    ),
    "triangle, clockwise": (
        co.Polygon((x, y), np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 0.0]])),
        6.0,
        {"edge 1": 3.0, "edge 2": 5.0, "edge 3": 4.0},
        True,
    ),
    "L-shape": (
        rectangle(-1, 1) - rectangle((0, -1), (1, 0)),
        3.0,
        {"left": 2.0, "right": 1.0, "bottom": 1.0, "top": 2.0, "inner left": 1.0, "inner top": 1.0},
        False,
    ),
    "plate with a hole": (
        rectangle(0, 1) - disk((0.5, 0.5), 0.25),
        1 - math.pi / 16,
        {"left": 1.0, "right": 1.0, "bottom": 1.0, "top": 1.0, "inner": math.pi / 2},
        False,
    ),
    "two holes": (
        rectangle(0, 2) - disk((0.5, 0.5), 0.25) - disk((1.5, 1.5), 0.25),
        4 - math.pi / 8,
        {"left": 2.0, "right": 2.0, "bottom": 2.0, "top": 2.0, "inner": math.pi / 2, "inner 2": math.pi / 2},
        False,
    ),
    "an island in a hole": (
        disk((0, 0), 2) - (disk((0, 0), 1) - disk((0, 0), 0.5)),
        math.pi * 3.25,
        {"outer": 4 * math.pi, "inner": 2 * math.pi, "outer 2": math.pi},
        False,
    ),
    "union": (
        rectangle(0, 1) + disk((1, 0.5), 0.5),
        1 + math.pi / 8,
        {"left": 1.0, "bottom": 1.0, "top": 1.0, "outer": math.pi / 2},
        False,
    ),
    "union with a common side": (
        rectangle(0, 1) + rectangle(0, (1, 2)),
        2.0,
        {"left": 1.0, "right": 1.0, "bottom": 1.0, "left 2": 1.0, "right 2": 1.0, "top": 1.0},
        False,
    ),
    "lens": (
        disk((0, 0), 1) & disk((1, 0), 1),
        LENS,
        {"outer": 2 * math.pi / 3, "outer 2": 2 * math.pi / 3},
        False,
    ),
    "cylinder": (
        disk((0, 0), 1) * co.Interval(z, 0, 2),
        2 * math.pi,
        {"outer": 4 * math.pi, "bottom": math.pi, "top": math.pi},
        True,
    ),
    "disk in time": (disk((0, 0), 1) * co.Time(t, 0, 3), 3 * math.pi, {"outer": 6 * math.pi}, True),
    "box less ball": (
        co.Box((x, y, z), 0, 1) - co.Ball((x, y, z), (0, 0, 0), Rational(1, 2)),
        1 - math.pi / 48,
        dict.fromkeys(("left", "front", "bottom"), 1 - math.pi / 16)
        | dict.fromkeys(("right", "back", "top"), 1.0)
        | {"inner": math.pi / 8},
        False,
    ),
    "line with a gap": (
        co.Interval(x, 0, 3) - co.Interval(x, 1, 2),
        2.0,
        {"left": 1.0, "right": 1.0, "inner left": 1.0, "inner right": 1.0},
        False,
    ),
}


@pytest.fixture(params=SHAPES)
def case(request):
    shape, volume, parts, exact = SHAPES[request.param]
    return as_domain(shape), volume, parts, exact


def tolerance(domain):
    """From three dimensions on, set operations are measured by Sobol points."""
    return 2e-4 if str(domain).startswith("(x ∈ [0, 1] × y ∈ [0, 1] × z") else 1e-7


def test_volumes_and_measures_are_those_of_the_formulas(case):
    domain, volume, parts, _ = case
    assert domain.volume == pytest.approx(volume, rel=tolerance(domain))
    assert {part.name: part.measure for part in domain.parts} == pytest.approx(parts, rel=5 * tolerance(domain))


def over(domain, part):
    """Points, weights that add up to the part's measure, and normals: what `solution.integrate` takes."""
    found = rule(domain, 32, {}, part, {})
    return found.points, found.weights, found.normals


def test_the_divergence_theorem_holds(case):
    """∮ x·n dS = d V: measures, normals and quadrature of all parts together."""
    domain, volume, _, _ = case
    total = 0.0
    for part in domain.parts:
        points, weights, normals = over(domain, part)
        total += weights @ sum(points[:, domain.names.index(k)] * normals[k] for k in domain.space)
    assert total == pytest.approx(len(domain.space) * volume, rel=10 * tolerance(domain))


def test_monte_carlo_finds_the_same_volume(case):
    domain, volume, _, _ = case
    low, high = np.array(list(domain.bounds.values())).T
    points = low + (high - low) * np.random.default_rng(1).random((40_000, domain.dimension))
    share = volume / np.prod(high - low)
    assert domain.contains(points).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 40_000) + 1e-12)


def test_points_lie_inside_and_are_uniform(case):
    """Their second moments are those of points kept from the bounding box."""
    domain, *_ = case
    points = domain.sample(20_000)
    assert points.shape == (20_000, domain.dimension) and domain.contains(points, 1e-12).all()
    low, high = np.array(list(domain.bounds.values())).T
    kept = low + (high - low) * np.random.default_rng(2).random((60_000, domain.dimension))
    kept = kept[domain.contains(kept)]
    spread = (high - low).max() ** 2
    np.testing.assert_allclose(np.cov(points.T), np.cov(kept.T), atol=0.006 * spread)
    np.testing.assert_allclose(points.mean(axis=0), kept.mean(axis=0), atol=0.012 * np.sqrt(spread))


def test_points_of_parts_have_the_inside_behind_and_the_outside_before_them(case):
    domain, *_ = case
    for part in domain.parts:
        points = domain.sample(300, part)
        assert len(points) == 300
        normals = np.stack([domain.normals(part, points)[name] for name in domain.names], axis=1)
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0)
        inner = points - 1e-5 * normals
        if domain.time:
            assert not normals[:, domain.names.index("t")].any()
        assert domain.contains(inner).all() and not domain.contains(points + 1e-5 * normals).any()


def test_quadrature_weights_add_up_and_rules_are_exact(case):
    domain, volume, _, exact = case
    points, weights = domain.quadrature(4000)
    assert weights.sum() == pytest.approx(1.0) and domain.contains(points, 1e-12).all()
    # ∫ 3 x² dV = ∮ x³ n_x dS
    flux = 0.0
    for part in domain.parts:
        points_on, weights_on, normals = over(domain, part)
        flux += weights_on @ (points_on[:, domain.names.index("x")] ** 3 * normals["x"])
    found = 3 * volume * (weights @ points[:, domain.names.index("x")] ** 2)
    assert found == pytest.approx(flux, rel=1e-10 if exact else 1e-2)


@pytest.mark.parametrize("name", ["disk", "ball", "ball in 4-D"])
def test_normals_are_the_gradient_of_the_distance(name):
    domain = as_domain(SHAPES[name][0])
    points = domain.sample(50, "outer")
    normals = domain.normals("outer", points)
    for axis, coordinate in enumerate(domain.names):
        step = 1e-5 * np.eye(domain.dimension)[axis]
        slope = (domain.shapes[0].excess(points + step) - domain.shapes[0].excess(points - step)) / 2e-5
        np.testing.assert_allclose(normals[coordinate], slope, atol=1e-8)


def test_a_union_of_overlapping_boundaries_counts_them_once():
    union = as_domain(SHAPES["union with a common side"][0])
    left = np.concatenate([union.sample(200, name)[:, 1] for name in ("left", "left 2")])
    assert left.min() < 0.02 and left.max() > 1.98
    assert union.sample(200, "left")[:, 1].max() <= 1.0 <= union.sample(200, "left 2")[:, 1].min() + 1e-9


def test_a_wall_that_is_left_of_coinciding_boundaries_is_outside():
    """[−1, 1]² − [0, 1] × [−1, 0]: the lower half of its right end has no inside, the corner and the rims have."""
    ell = as_domain(SHAPES["L-shape"][0])
    outside = [(1, -0.5), (0.5, -1), (1, -1)]
    inside = [(1, 0), (1, 0.5), (0, 0), (0, -0.5), (0.5, 0), (0, -1), (-1, -1)]
    for tolerance in (0.0, 1e-9):
        assert not ell.contains(np.array(outside, float), tolerance).any()
        assert ell.contains(np.array(inside, float), tolerance).all()
    assert len(ell.grid_points(21)) == 21**2 - 10 * 10


def test_whole_ends_are_known_and_other_parts_have_none():
    cylinder = as_domain(SHAPES["cylinder"][0])
    top = cylinder.part("top")
    assert (top.coordinate, top.side, top.value, top.where) == ("z", 1, 2.0, "z = 2")
    assert cylinder.part("outer").coordinate is None
    assert as_domain(SHAPES["L-shape"][0]).part("left").coordinate is None  # the rest of the domain is no box
    assert as_domain(SHAPES["disk in time"][0]).part("final").measure == pytest.approx(math.pi)


def test_storage_gives_an_equal_domain(case):
    domain, *_ = case
    stored = domain_from_json(json.loads(json.dumps(domain.to_json())))
    assert stored == domain and str(stored) == str(domain)


@pytest.mark.parametrize(
    ("shape", "printed"),
    [
        (disk((0, 0), 1) * co.Time(t, 0, 1), "(x, y) in the disk of radius 1 about (0, 0) × t ∈ [0, 1]"),
        (
            (rectangle(0, 1) - disk((0, 0), 1)) * co.Time(t, 0, 1),
            "((x ∈ [0, 1] × y ∈ [0, 1]) ∖ ((x, y) in the disk of radius 1 about (0, 0))) × t ∈ [0, 1]",
        ),
        (co.Polygon((x, y), [(0, 0), (1, 0), (0, 1)]), "(x, y) in the polygon (0, 0), (1, 0), (0, 1)"),
    ],
)
def test_domains_print(shape, printed):
    assert str(as_domain(shape)) == printed


POLYGON = {"kind": "polygon", "coordinates": ["x", "y"]}


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({**POLYGON, "vertices": [1, 2, 3]}, "not well formed"),
        ({**POLYGON, "vertices": []}, "three vertices"),
        ({"kind": "disk", "coordinates": ["x", "y"], "center": []}, "not well formed"),
        ({"kind": "difference", "shapes": []}, "not well formed"),
        ({"kind": ["disk"]}, "not well formed"),
        ({"kind": "disk", "coordinates": [1, 2]}, "a list of coordinates"),
    ],
)
def test_stored_shapes_are_not_trusted(shape, said):
    with pytest.raises(StatementError, match=said):
        domain_from_json({"shapes": [shape]})


def test_stored_operands_must_fit():
    stored = (rectangle(0, 1) - disk((0, 0), 1)).to_json()
    stored["shapes"][1]["coordinates"] = ["x", "z"]
    with pytest.raises(StatementError, match="of the same coordinates"):
        domain_from_json({"shapes": [stored]})


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: rectangle(0, 1) - co.Disk((x, z), (0, 0), 1), r"same coordinates in the same order; got \(x, y\) and"),
        (lambda: rectangle(0, 1) - co.Disk((y, x), (0, 0), 1), "in the same order"),
        (lambda: rectangle(0, 1) - disk((0, 0), 2), "is empty: the second shape covers the first"),
        (lambda: rectangle(0, 1) & disk((3, 3), 1), "is empty: the shapes don't overlap"),
        (lambda: rectangle(0, 1) & rectangle(1, 2), "is empty: the shapes don't overlap"),
        (lambda: rectangle(0, 1) - 3, "- takes another shape of the same coordinates.*got 3"),
        (lambda: rectangle(0, 1) * co.Time(t, 0, 1) - disk((0, 0), 1), r"write \(A - B\) \* Time\(t, 0, 1\)"),
        (lambda: disk((0, 0), 1) + rectangle(0, 1) * co.Time(t, 0, 1), r"write \(A \+ B\) \* Time\(t, 0, 1\)"),
        (lambda: co.Time(t, 0, 1) - co.Time(t, 0, 0.5), "- is for shapes in space"),
        (lambda: disk(0, 1), r"center of 2 numbers, like \(0, 0\); got 0"),
        (lambda: disk((0, 0), 0), "the radius must be positive; got 0"),
        (lambda: disk((0, 0), y), "the radius must be a number"),
        (lambda: disk((0, y), 1), "the center must be a number"),
        (lambda: co.Ball((x,), (0,), 1), "two coordinates or more.*Interval"),
        (lambda: co.Disk(x, (0, 0), 1), r"takes its coordinates as a tuple \(x, y\)"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 0)]), "three vertices or more; got 2"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 0), (0, 0)]), "three vertices or more; got 2"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 1), (2, 2)]), "no area"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 1), (1, 0), (0, 1)]), "cross or touch.*in order around it"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 0), (1, 0), (0, 1)]), r"the vertex \(1, 0\) twice in a row"),
        (lambda: co.Polygon((x, y), [(0, 0, 0), (1, 0, 0), (0, 1, 0)]), "vertices as pairs of numbers"),
        (lambda: co.Polygon((x, y), [(0, 0), (1, 0), (0, "1")]), "a vertex must be a number"),
        (lambda: as_domain(disk((0, 0), 1)).part("inner"), "has no part 'inner'; its parts: outer"),
    ],
)
def test_bad_shapes_get_one_clear_error(build, said):
    with pytest.raises(StatementError, match=said):
        build()


def test_hardly_any_points_kept_is_an_error():
    with pytest.raises(StatementError, match="hardly any of"):
        as_domain(disk((0, 0), 1)).sample(2, keep=lambda points: np.zeros(len(points), dtype=bool))


@pytest.mark.parametrize(
    ("shape", "hole"),
    [
        (co.Rectangle((x, y), (0, 0), (1, 1)), co.Disk((x, y), (5, 5), 1)),
        (co.Rectangle((x, y), (0, 0), (1, 1)), co.Disk((x, y), (1.8, 1.8), 1)),  # the boxes overlap, the shapes don't
        (co.Ball((x, y, z), (0, 0, 0), 1), co.Ball((x, y, z), (3, 0, 0), 1)),
    ],
)
def test_subtracting_what_lies_outside_is_remarked_on(shape, hole):
    with pytest.warns(UserWarning, match="nothing of the subtracted shape lies in it"):
        assert (shape - hole).volume == pytest.approx(shape.volume, rel=1e-2)
