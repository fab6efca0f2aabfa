"""Boundary value problems with known solutions, linear and not, and their spectral rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from collocate.errors import TrainingError
from collocate.verification.references.chebyshev import Axis, Polynomial, on_interval, on_rectangle


def test_the_matrix_differentiates_and_the_rows_interpolate_geometrically() -> None:
    """exp(sin 3x): each ten points more gain the same factor."""
    places = np.linspace(-1, 2, 333)
    errors = []
    for count in (10, 20, 30, 40):
        axis = Axis.of(-1, 2, count)
        values = np.exp(np.sin(3 * axis.nodes))
        slope = Polynomial((axis,), axis.matrix @ values)(places)
        errors.append(np.abs(slope - 3 * np.cos(3 * places) * np.exp(np.sin(3 * places))).max())
    assert np.all(np.array(errors[1:]) < 0.1 * np.array(errors[:-1])), errors
    assert errors[-1] < 1e-4
    nodes = Axis.of(0, 1, 8).nodes
    assert Polynomial((Axis.of(0, 1, 8),), nodes**2)(nodes[3]) == nodes[3] ** 2  # at a node too


def test_a_boundary_layer() -> None:
    epsilon, x = 0.01, np.linspace(0, 1, 777)
    found = on_interval(lambda x, u, first, second: -epsilon * second + first - 1, (0, 1), (0, 0))
    expected = x - (np.exp((x - 1) / epsilon) - np.exp(-1 / epsilon)) / (1 - np.exp(-1 / epsilon))
    assert np.abs(found(x) - expected).max() < 1e-12


def test_bratu_by_newton() -> None:
    """u″ + e^u = 0, u = 0 at 0 and 1: u = −2 log(cosh((x − ½) θ/2)/cosh(θ/4)), θ = √2 cosh(θ/4)."""
    theta = brentq(lambda q: q - np.sqrt(2) * np.cosh(q / 4), 0, 4)
    found, x = on_interval(lambda x, u, first, second: second + np.exp(u), (0, 1), (0, 0)), np.linspace(0, 1, 99)
    expected = -2 * np.log(np.cosh((x - 0.5) * theta / 2) / np.cosh(theta / 4))
    assert np.abs(found(x) - expected).max() < 1e-12


def test_no_solution_is_said() -> None:
    """u″ + 4 e^u = 0 has none: the fold is at 3.51."""
    with pytest.raises(TrainingError, match=r"stands still|still moves"):
        on_interval(lambda x, u, first, second: second + 4 * np.exp(u), (0, 1), (0, 0), most=32)


def test_a_layer_too_thin_for_the_points_is_said() -> None:
    with pytest.raises(TrainingError, match=r"Chebyshev collocation still moves by .* at resolution 32; 1e-10"):
        on_interval(lambda x, u, first, second: -1e-4 * second + first - 1, (0, 1), (0, 0), most=32)


def truth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.exp(x) * np.sin(2 * y) + x * y**2


def test_a_nonlinear_equation_on_a_rectangle() -> None:
    """Δu + u³ = f with u = exp(x) sin 2y + x y², to which Δ gives −3 exp(x) sin 2y + 2x."""
    found = on_rectangle(
        lambda x, y, u, ux, uy, uxx, uyy: uxx + uyy + u**3 + 3 * np.exp(x) * np.sin(2 * y) - 2 * x - truth(x, y) ** 3,
        [(-1, 1), (0, 1)],
        truth,
        most=24,
    )
    x, y = np.random.default_rng(0).random((2, 400))
    assert np.abs(found(2 * x - 1, y) - truth(2 * x - 1, y)).max() < 1e-11
