from __future__ import annotations

import numpy as np
import pytest

from collocate.optimizers.linear_algebra import DampedSystem, Kernel, NormalEquations, Orthogonal, gram, times


@pytest.mark.parametrize(
    ("system", "count", "size"),
    [(NormalEquations, 40, 9), (Orthogonal, 40, 9), (Orthogonal, 300, 130), (Kernel, 7, 30)],
)
@pytest.mark.parametrize("damping", [1e-3, 10.0])
def test_each_form_solves_the_damped_normal_equations(system, count, size, damping):
    rng = np.random.default_rng(0)
    jacobian, rows, scale = rng.standard_normal((count, size)), rng.standard_normal(count), rng.uniform(0.5, 2, size)
    scaled = jacobian / scale
    truth = -np.linalg.solve(scaled.T @ scaled + damping * np.eye(size), scaled.T @ rows)
    factored: DampedSystem = system(jacobian, scale)
    np.testing.assert_allclose(factored.solve(rows, damping), truth, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(factored.solve(2 * rows, damping), 2 * truth, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(times(jacobian, truth), jacobian @ truth, rtol=1e-12)


@pytest.mark.parametrize("count", [3, 300, 1001])
def test_gram_adds_up_the_shares_of_the_cores(count):
    jacobian = np.random.default_rng(0).standard_normal((count, 7))
    expected = np.einsum("np,nq->pq", jacobian, jacobian)
    np.testing.assert_allclose(gram(jacobian), expected, rtol=0, atol=1e-12 * count)


def test_orthogonal_keeps_directions_that_the_normal_equations_lose():
    rng = np.random.default_rng(0)
    left, _ = np.linalg.qr(rng.standard_normal((60, 6)))
    right, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    jacobian = np.ascontiguousarray(left * 10.0 ** -np.arange(0, 12, 2) @ right.T)
    rows, ones = jacobian @ np.ones(6), np.ones(6)
    error = np.abs(Orthogonal(jacobian, ones).solve(rows, 1e-26) + 1.0).max()
    lossy = NormalEquations(jacobian, ones).solve(rows, 1e-26)
    assert error < 1e-4
    assert lossy is None or np.abs(lossy + 1.0).max() > 1e-2


def test_factorisation_below_rounding_is_refused():
    assert NormalEquations(-np.ones((3, 2)), np.ones(2)).solve(np.ones(3), -1e-3) is None
