"""The three frameworks, compiled, start from the same rows, loss and gradient, to 1e-10, and compile once."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.residuals import Residuals, frozen, join, trained

from .cases import NETWORKS, PROBLEMS, Case, case

names = pytest.mark.parametrize("name", ["time", "fields and a mean"])


class Step(NamedTuple):
    rows: np.ndarray  # scaled, in the order of the terms
    loss: float
    gradient: np.ndarray  # in the flat order
    compilations: int  # of five calls


@cache
def _step(backend: str, name: str) -> Step:
    """Rows √(w ω) r, loss ½ ‖rows‖² and its gradient; called with four other parameters before."""
    bk, given = select.get(backend), case(name)

    def step(part: Any, rest: Any, points: Any, weights: Any) -> Any:
        rows, pullback = bk.vjp(lambda moved: _scaled(bk, name, join(moved, rest), points, weights), part)
        return rows, 0.5 * bk.sum(rows**2), pullback(rows)

    compiled = bk.compile(step)
    part, rest = trained(given.parameters), frozen(given.parameters)
    for factor in (0.0, -1.0, 0.5, 3.0):
        compiled(tree.map(lambda leaf, f=factor: f * leaf, part), rest, given.points, given.weights)
    rows, loss, gradient = tree.map(bk.to_numpy, compiled(part, rest, given.points, given.weights))
    return Step(rows, float(loss), tree.ravel(select.get("numpy"), gradient), compiled.compilations)


def _scaled(bk: Backend, name: str, parameters: Any, points: Any, weights: Any) -> Any:
    residuals = Residuals(bk, case(name).plan)
    rows = residuals(parameters, points)
    terms = residuals.plan.terms
    return bk.concat([rows[m.name] * residuals.row_factor(m, points, weights) for m in terms], axis=0)


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
    expected = _scaled(select.get("numpy"), name, given.parameters, given.points, given.weights)
    np.testing.assert_allclose(found.rows, expected, rtol=1e-10, atol=1e-11 * np.abs(expected).max())
    assert found.loss == pytest.approx(0.5 * float(expected @ expected), rel=1e-10)


@names
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_new_values_never_compile_again(backend: str, name: str):
    assert _step(backend, name).compilations == 1


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_kind_of_statement_starts_from_the_same_loss(problem: str):
    _same_loss(case(problem))


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_starts_from_the_same_loss(network: str):
    _same_loss(case("fields and a mean", network=network))


def _same_loss(given: Case) -> None:
    """Eager, on the three frameworks and the oracle."""
    losses = []
    for name in ("numpy", "jax", "torch", "tensorflow"):
        bk = select.get(name, mode="eager")
        rows = bk.compile(Residuals(bk, given.plan))(given.parameters, given.points)
        losses.append(sum(float((bk.to_numpy(values) ** 2).sum()) for values in rows.values()))
    assert losses == pytest.approx([losses[0]] * 4, rel=1e-10)
    assert losses[0] > 0
