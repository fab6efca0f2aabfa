"""The driven cavity by its stream function: its corners, its rate and its symmetry."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.verification.references.cavity import CORNERS, Corner, cavity, collocated


@pytest.mark.parametrize("corner", CORNERS)
def test_a_corner_is_a_stokes_flow_that_the_lid_drives(corner: Corner) -> None:
    """Its closed forms against central differences, and its values on lid and wall."""
    near, h = np.array([0.02, 0.1, 0.3]), 1e-4
    x, y = (near if corner.side > 0 else 1 - near), 1 - near[::-1]
    by_x, by_y, spin_x, spin_y, _ = corner.quantities(x, y)

    def laplacian(x: np.ndarray, y: np.ndarray, h: float = 2e-3) -> np.ndarray:
        around = [corner.stream(x + a * h, y + b * h) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        return (sum(around) - 4 * corner.stream(x, y)) / h**2

    np.testing.assert_allclose(by_x, (corner.stream(x + h, y) - corner.stream(x - h, y)) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(by_y, (corner.stream(x, y + h) - corner.stream(x, y - h)) / (2 * h), atol=1e-6)
    h = 2e-3
    np.testing.assert_allclose(spin_x, (laplacian(x + h, y) - laplacian(x - h, y)) / (2 * h), rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(spin_y, (laplacian(x, y + h) - laplacian(x, y - h)) / (2 * h), rtol=1e-2, atol=1e-2)
    wall, places = (0.0 if corner.side > 0 else 1.0), np.linspace(0, 1, 11)
    on_lid = corner.gradient(places, np.ones(11))
    np.testing.assert_allclose(on_lid, [np.zeros(11), 4 * abs(places - wall)], atol=1e-15)
    for found in (corner.stream(np.full(11, wall), places), corner.gradient(np.full(11, wall), places)[0]):
        assert np.abs(found).max() < 1e-14


def test_without_inertia_the_flow_is_symmetric() -> None:
    flow = collocated(0.0, 20)
    x, y = np.random.default_rng(0).random((2, 50))
    (u, v), (mirrored_u, mirrored_v) = flow(x, y), flow(1 - x, y)
    np.testing.assert_allclose(mirrored_u, u, atol=1e-10)
    np.testing.assert_allclose(mirrored_v, -v, atol=1e-10)


def test_the_error_falls_like_a_high_power() -> None:
    """At Re = 20, by 12, 18 and 27 points a side against 36: at least n⁻⁶ (n⁻⁷·⁵ from Moffatt's eddies)."""
    x, y = np.random.default_rng(1).random((2, 400))
    truth = np.array(collocated(20.0, 36)(x, y))
    errors = [np.linalg.norm(np.array(collocated(20.0, n)(x, y)) - truth) / np.linalg.norm(truth) for n in (12, 18, 27)]
    assert errors[-1] < 1e-6
    assert np.log(errors[0] / errors[-1]) / np.log(27 / 12) > 6, errors


def test_it_is_refined_until_it_settles() -> None:
    flow = cavity(1.0, tolerance=1e-4, first=12, most=24)
    assert len(flow.axis.nodes) == 16  # 12, then 15
    x = np.linspace(0, 1, 21)
    u, v = flow(x, np.ones(21))
    np.testing.assert_allclose(u, 4 * x * (1 - x), atol=1e-8)
    np.testing.assert_allclose(v, 0, atol=1e-8)
