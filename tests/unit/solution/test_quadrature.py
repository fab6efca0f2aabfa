"""Nodes and weights are exact where they say so, on the domain, on its faces and with coordinates held."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Rational, symbols

import collocate as co
from collocate.errors import StatementError
from collocate.geometry import BoundaryPart, as_domain
from collocate.solution.quadrature import gauss_legendre, rule, size

x, y, t = symbols("x y t")
DOMAIN = as_domain(co.Rectangle((x, y), (0, -1), (2, 1)) * co.Time(t, 0, 3))


@pytest.mark.parametrize("breaks", [(), (0.5,), (0.25, 1.5)])
@pytest.mark.parametrize("count", [1, 2, 8, 32, 64, 256])
def test_polynomials_up_to_twice_the_order(count: int, breaks: tuple[float, ...]) -> None:
    nodes, weights = gauss_legendre(-1, 2, count, breaks)
    assert nodes.shape == weights.shape == (count * (len(breaks) + 1),)
    assert (np.diff(nodes) > 0).all()
    for degree in range(min(2 * count, 12)):
        exact = (2 ** (degree + 1) - (-1) ** (degree + 1)) / (degree + 1)
        assert weights @ nodes**degree == pytest.approx(exact, rel=1e-13)


def test_volume_faces_and_cuts() -> None:
    whole = rule(DOMAIN, 4, {}, None, {})
    assert whole.points.shape == (size(DOMAIN, 4, {}, None, {}), 3) == (64, 3)
    assert whole.weights.sum() == pytest.approx(DOMAIN.volume)
    assert whole.normals == {}
    face = rule(DOMAIN, 4, {"t": 1.0}, DOMAIN.part("left"), {})
    assert len(face.points) == size(DOMAIN, 4, {"t": 1.0}, DOMAIN.part("left"), {}) == 4
    assert np.unique(face.points[:, 0]) == [0.0]
    assert np.unique(face.points[:, 2]) == [1.0]
    assert face.weights.sum() == pytest.approx(2.0)
    assert np.unique(face.normals["x"]) == [-1.0]
    assert np.unique(face.normals["y"]) == [0.0]
    assert DOMAIN.contains(whole.points).all()


def test_the_volume_of_a_set_operation_in_3d_improves_with_the_order() -> None:
    shell = as_domain(co.Ball((x, y, z), (0, 0, 0), 1) - co.Ball((x, y, z), (0, 0, 0), HALF))
    exact = 7 * np.pi / 6
    volumes = [rule(shell, count, {}, None, {}).weights.sum() for count in (8, 32, 64)]
    assert volumes[2] == pytest.approx(exact, rel=3e-4)
    assert abs(volumes[0] - exact) > 1e-2 * exact
    assert abs(volumes[2] - volumes[1]) > 1e-5 * exact  # they do not agree, so `integrate` warns


def test_a_clipped_surface_is_measured_anew_at_each_order() -> None:
    half = as_domain(co.Ball((x, y, z), (0, 0, 0), 1) & co.Box((x, y, z), (-1, -1, HALF), (1, 1, 1)))
    bottom = half.part("bottom")
    areas = [rule(half, count, {}, bottom, {}).weights.sum() for count in (8, 64, 128)]
    assert areas[2] == pytest.approx(0.75 * np.pi, rel=1e-3)
    assert len(set(areas)) == 3


def test_a_point_is_itself() -> None:
    alone = rule(DOMAIN, 4, {"x": 0.5, "y": 0.0, "t": 1.0}, None, {})
    np.testing.assert_array_equal(alone.points, [[0.5, 0.0, 1.0]])
    np.testing.assert_array_equal(alone.weights, [1.0])


z = symbols("z")
HALF = Rational(1, 2)
SHAPES = {
    "disk": (co.Disk((x, y), (HALF, 0), 2), 1e-12),
    "ball": (co.Ball((x, y, z), (0, 0, 1), 1), 1e-12),
    "polygon": (co.Polygon((x, y), [(0, 0), (2, 0), (HALF, 1)]), 1e-12),
    "disk over time": (co.Disk((x, y), (HALF, 0), 2) * co.Time(t, 0, 2), 1e-12),
    # Its inside by 4,096 scattered points, its boundary by Gauss rules on what is left of each curve.
    "plate with a hole": (co.Rectangle((x, y), 0, 1) - co.Disk((x, y), (HALF, HALF), Rational(1, 4)), 2e-3),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("count", [16, 64])
def test_gauss_holds_on_every_shape(name: str, count: int) -> None:
    """∫ div v = ∮ v·n for v = (x² y, sin y, …)."""
    shape, accuracy = SHAPES[name]
    domain = as_domain(shape)
    fixed = {"t": 0.5} if domain.time else {}

    def integral(part: BoundaryPart | None) -> float:
        found = rule(domain, count, fixed, part, {})
        assert 0.4 < len(found.weights) / size(domain, count, fixed, part, {}) < 1.1
        a, b = found.points[:, :2].T
        if part is None:
            return float(found.weights @ (2 * a * b + np.cos(b)))
        return float(found.weights @ (a**2 * b * found.normals["x"] + np.sin(b) * found.normals["y"]))

    inside = integral(None)
    assert abs(inside) > 0.5
    assert sum(map(integral, domain.parts)) == pytest.approx(inside, rel=accuracy * (64 / count) ** 2)


def test_volumes_and_areas_of_set_operations_in_space_grow_exact_with_the_order() -> None:
    """What is refined must show how far it is to be trusted: one fixed sample of the volume would not."""
    hollow = as_domain(co.Ball((x, y, z), (0, 0, 0), 1) - co.Ball((x, y, z), (0, 0, 0), HALF))
    half, full = (rule(hollow, count, {}, None, {}).weights.sum() for count in (64, 128))
    truth = 7 * np.pi / 6
    assert 0 < abs(full - truth) < abs(full - half) < 2e-3
    bitten = as_domain(co.Box((x, y, z), 0, 1) - co.Ball((x, y, z), (0, 0, 0), HALF))
    half, full = (rule(bitten, count, {}, bitten.part("left"), {}).weights.sum() for count in (64, 512))
    truth = 1 - np.pi / 16
    assert 0 < abs(full - truth) < abs(full - half) < 1e-3


def test_a_disk_is_cut_by_chords() -> None:
    disk = as_domain(co.Disk((x, y), (0, 0), 1) * co.Time(t, 0, 1))
    chord = rule(disk, 8, {"x": 0.6}, None, {})
    assert chord.weights.sum() == pytest.approx(1.6, rel=1e-12)
    assert np.abs(chord.points[:, 1]).max() < 0.8
    assert rule(disk, 8, {"x": 0.6, "y": 0.1, "t": 0.5}, None, {}).points.tolist() == [[0.6, 0.1, 0.5]]
    assert rule(disk, 8, {"x": -1.0}, None, {}).weights.sum() == pytest.approx(0, abs=1e-6)
    ring = as_domain(co.Disk((x, y), (0, 0), 1) - co.Disk((x, y), (0, 0), HALF))
    assert rule(ring, 8, {"y": 0.0}, None, {}).weights.sum() == pytest.approx(1.0, rel=1e-12)
    ball = as_domain(co.Ball((x, y, z), (0, 0, 0), 1))
    assert rule(ball, 64, {"z": 0.6}, None, {}).weights.sum() == pytest.approx(0.64 * np.pi, rel=1e-2)


def test_places_that_are_not_on_a_shape() -> None:
    disk = as_domain(co.Disk((x, y), (0, 0), 1))
    with pytest.raises(StatementError, match=r"x = 0\.8, y = 0\.8 lies outside"):
        rule(disk, 4, {"x": 0.8, "y": 0.8}, None, {})
    with pytest.raises(StatementError, match="x cannot be held on 'outer'"):
        rule(disk, 4, {"x": 0.8}, disk.part("outer"), {})
