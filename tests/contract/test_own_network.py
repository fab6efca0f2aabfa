"""A user's own network by nested differentiation and vmap against the same network by jets and taps, eager."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from collocate import planning, tree
from collocate.backends import select
from collocate.networks import MLP
from collocate.residuals import Residuals, initial_parameters, jacobian
from collocate.sampling.point_sets import draw

from ..own import OWN, weights
from .cases import PROBLEMS

each = pytest.mark.parametrize("backend", OWN)


def _rows_and_matrix(backend: str, name: str, network: Any, layers: Any = None) -> tuple[np.ndarray, np.ndarray]:
    problem = PROBLEMS[name]()
    plan = planning.plan(problem, network=network, points={"interior": 4, "face": 4})
    parameters = initial_parameters(plan, seed=0)
    if layers is not None:
        parameters["stages"] = [{"layers": layers}]
    bk = select.get(backend, mode="eager")
    points, ones = draw(problem.domain, plan, seed=0), {term.name: 1.0 for term in plan.terms}
    found = bk.compile(jacobian(Residuals(bk, plan), parameters))(parameters, points, ones)
    return bk.to_numpy(found[0]), bk.to_numpy(found[1])


@each
@pytest.mark.parametrize("name", ["fields and a mean", "periodic embedding"])
def test_rows_and_jacobian_are_those_of_jets_and_taps(backend: str, name: str):
    """J Jᵀ is the same in whatever order the framework keeps its parameters."""
    inputs, outputs = (2, 3) if name == "fields and a mean" else (3, 1)
    rounded = tree.map(lambda leaf: leaf.astype(np.float32).astype(np.float64), weights(inputs, outputs))
    rows, matrix = _rows_and_matrix(backend, name, OWN[backend](inputs, outputs))
    expected_rows, expected = _rows_and_matrix(backend, name, MLP((8,)), rounded)
    np.testing.assert_allclose(rows, expected_rows, rtol=0, atol=1e-10 * np.abs(expected_rows).max())
    kernel = expected @ expected.T
    assert matrix.shape == expected.shape
    np.testing.assert_allclose(matrix @ matrix.T, kernel, rtol=0, atol=1e-10 * np.abs(kernel).max())


@each
def test_an_unknown_is_the_last_column(backend: str):
    """Soft and reduced rows too."""
    rounded = tree.map(lambda leaf: leaf.astype(np.float32).astype(np.float64), weights(2, 1))
    _, matrix = _rows_and_matrix(backend, "unknown", OWN[backend](2, 1))
    _, expected = _rows_and_matrix(backend, "unknown", MLP((8,)), rounded)
    np.testing.assert_allclose(matrix[:, -1], expected[:, -1], rtol=0, atol=1e-10 * np.abs(expected[:, -1]).max())
