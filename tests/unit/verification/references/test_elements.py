"""Finite elements against exact solutions on a square, an L and a disk; their rate; what is said without scikit-fem."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from collocate.errors import BackendError, StatementError, TrainingError
from collocate.verification.references.elements import on_disk, on_polygon

L_SHAPE = [(-1, -1), (0, -1), (0, 0), (1, 0), (1, 1), (-1, 1)]


def smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.exp(x) * np.sin(2 * y) + x * y**2


def load(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 3 * np.exp(x) * np.sin(2 * y) - 2 * x


def corner(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    angle = 3 * np.pi / 4 + np.arctan2(-(x + y), y - x)
    return np.hypot(x, y) ** (2 / 3) * np.sin(2 * angle / 3)


def test_a_disk_at_third_order() -> None:
    """Eight times the accuracy from twice the triangles along the radius, that is, four times the unknowns."""
    distance, angle = np.random.default_rng(0).random((2, 300))
    x, y = 1 + 2 * np.sqrt(distance) * np.cos(7 * angle), 2 * np.sqrt(distance) * np.sin(7 * angle)
    errors, sizes = [], []
    for tolerance in (2e-2, 5e-4):
        found = on_disk((1, 0), 2, load, smooth, tolerance=tolerance)
        errors.append(np.linalg.norm(found(x, y) - smooth(x, y)) / np.linalg.norm(smooth(x, y)))
        sizes.append(found.basis.N)
        assert errors[-1] < tolerance
    order = np.log(errors[0] / errors[-1]) / np.log(np.sqrt(sizes[-1] / sizes[0]))
    assert 2.6 < order < 4, (errors, sizes)


def test_an_l_shape_to_its_tolerance_in_spite_of_the_corner() -> None:
    x, y = np.random.default_rng(0).random((2, 900)) * 2 - 1
    inside = (x < 0) | (y > 0)
    x, y = x[inside], y[inside]
    errors, sizes = [], []
    for tolerance in (1e-3, 5e-5):
        found = on_polygon(L_SHAPE, lambda x, y: 0 * x, corner, tolerance=tolerance)
        errors.append(np.linalg.norm(found(x, y) - corner(x, y)) / np.linalg.norm(corner(x, y)))
        sizes.append(found.basis.N)
        assert errors[-1] < tolerance
    assert sizes[0] < sizes[1] < 10_000


def test_points_outside_and_corners_of_no_polygon_are_refused() -> None:
    square = on_polygon([(0, 0), (1, 0), (1, 1), (0, 1)], load, smooth, tolerance=1e-2)
    assert square(0.3, 0.4) == pytest.approx(smooth(0.3, 0.4), abs=1e-3)
    with pytest.raises(StatementError, match="outside their mesh"):
        square(1.5, 0.5)
    with pytest.raises(StatementError, match="make no polygon"):
        on_polygon([(0, 0), (1, 1), (1, 0), (0, 1)], load, smooth)


def test_too_few_unknowns_are_said() -> None:
    with pytest.raises(TrainingError, match=r"finite-element solution still moves by .*; 1e-09 was asked for"):
        on_disk((0, 0), 1, load, smooth, tolerance=1e-9, most=8)


def test_without_scikit_fem_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skfem", None)
    with pytest.raises(BackendError, match=r'scikit-fem.*pip install "collocate\[fem\]"'):
        on_disk((0, 0), 1, load, smooth)
