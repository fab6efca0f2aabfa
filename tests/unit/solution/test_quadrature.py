"""Nodes and weights are exact where they say so, on the domain, on its faces and with coordinates held."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import symbols

import collocate as co
from collocate.geometry import as_domain
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


def test_a_point_is_itself() -> None:
    alone = rule(DOMAIN, 4, {"x": 0.5, "y": 0.0, "t": 1.0}, None, {})
    np.testing.assert_array_equal(alone.points, [[0.5, 0.0, 1.0]])
    np.testing.assert_array_equal(alone.weights, [1.0])
