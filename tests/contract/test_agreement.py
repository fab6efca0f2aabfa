"""The three frameworks, compiled, start from the same rows, loss and gradient, to 1e-10, and compile once."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from collocate import tree
from collocate.backends import select
from collocate.residuals import Residuals, frozen, join, trained

from .cases import case

names = pytest.mark.parametrize("name", ["time", "fields and a mean"])


class Step(NamedTuple):
    rows: dict[str, np.ndarray]
    loss: float
    gradient: np.ndarray  # in the flat order
    compilations: int  # of five calls


@cache
def _step(backend: str, name: str) -> Step:
    """Rows, ½ Σ_m w_m Σ_n ω_n r² and its gradient; called with four other parameters before."""
    bk, given = select.get(backend), case(name)
    residuals = Residuals(bk, given.plan)

    def loss(part: Any, rest: Any, points: Any, weights: Any) -> Any:
        rows = residuals(join(part, rest), points)
        scaled = [rows[term.name] * residuals.row_factor(term, points, weights) for term in given.plan.terms]
        return 0.5 * bk.sum(bk.concat(scaled, axis=0) ** 2)

    def step(part: Any, rest: Any, points: Any, weights: Any) -> Any:
        return residuals(join(part, rest), points), bk.value_and_grad(loss)(part, rest, points, weights)

    compiled = bk.compile(step)
    part, rest = trained(given.parameters), frozen(given.parameters)
    for factor in (0.0, -1.0, 0.5, 3.0):
        compiled(tree.map(lambda leaf, f=factor: f * leaf, part), rest, given.points, given.weights)
    rows, (value, gradient) = tree.map(bk.to_numpy, compiled(part, rest, given.points, given.weights))
    return Step(rows, float(value), tree.ravel(select.get("numpy"), gradient), compiled.compilations)


@names
@pytest.mark.parametrize("backend", ["torch", "tensorflow"])
def test_loss_and_gradient_agree_with_jax(backend: str, name: str):
    found, expected = _step(backend, name), _step("jax", name)
    assert found.loss == pytest.approx(expected.loss, rel=1e-10)
    size = np.abs(expected.gradient).max()
    np.testing.assert_allclose(found.gradient, expected.gradient, rtol=1e-10, atol=1e-10 * size)


@names
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_rows_and_loss_are_the_oracle_s(backend: str, name: str):
    given, found = case(name), _step(backend, name)
    expected = Residuals(select.get("numpy"), given.plan)(given.parameters, given.points)
    total = 0.0
    for term in given.plan.terms:
        rows = expected[term.name]
        np.testing.assert_allclose(found.rows[term.name], rows, rtol=0, atol=1e-11 * (1.0 + np.abs(rows).max()))
        omega = 1.0 if term.kind == "reduced" else given.points[term.sets[0]]["weight"]
        total += 0.5 * given.weights[term.name] * float(np.sum(omega * rows**2))
    assert found.loss == pytest.approx(total, rel=1e-10)


@names
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_new_values_never_compile_again(backend: str, name: str):
    assert _step(backend, name).compilations == 1
