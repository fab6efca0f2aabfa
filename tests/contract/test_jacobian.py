"""The Jacobian by taps against the dense one, row by row through the pullback, for every kind of residual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.planning import UnknownPlan
from collocate.residuals import Residuals, frozen, jacobian, join, trained

from .cases import NETWORKS, OTHERS, PROBLEMS, Case, case, two_stages

frameworks = pytest.mark.parametrize("bk", ["jax", "torch", "tensorflow"], indirect=True)


def _scaled(residuals: Residuals, parameters: Any, points: Any, weights: Any) -> Any:
    rows = residuals(parameters, points)
    terms = residuals.plan.terms
    return residuals.bk.concat([rows[m.name] * residuals.row_factor(m, points, weights) for m in terms], axis=0)


def _dense(bk: Backend, given: Case) -> tuple[np.ndarray, np.ndarray]:
    """Scaled rows, and their Jacobian by one reverse pass for each row."""
    residuals = Residuals(bk, given.plan)
    like = trained(given.parameters)

    def both(parameters, points, weights):
        def rows(flat):
            whole = join(tree.unravel(bk, flat, like), frozen(parameters))
            return _scaled(residuals, whole, points, weights)

        value, pullback = bk.vjp(rows, tree.ravel(bk, trained(parameters)))
        one_hot = np.eye(value.shape[0])
        return value, bk.stack([pullback(bk.asarray(row)) for row in one_hot], axis=0)

    found = bk.compile(both)(given.parameters, given.points, given.weights)
    return bk.to_numpy(found[0]), bk.to_numpy(found[1])


def _by_taps(bk: Backend, given: Case) -> tuple[np.ndarray, np.ndarray]:
    function = bk.compile(jacobian(Residuals(bk, given.plan), given.parameters))
    rows, matrix = function(given.parameters, given.points, given.weights)
    return bk.to_numpy(rows), bk.to_numpy(matrix)


def _compare(got: tuple[np.ndarray, np.ndarray], expected: tuple[np.ndarray, np.ndarray]) -> None:
    for array, truth in zip(got, expected, strict=True):
        assert array.shape == truth.shape
        np.testing.assert_allclose(array, truth, rtol=0, atol=1e-12 * np.abs(truth).max())


@frameworks
@pytest.mark.parametrize("name", [*PROBLEMS, "third slab"])
def test_taps_give_the_dense_jacobian(bk: Backend, name: str):
    given = OTHERS[name]() if name in OTHERS else case(name)
    _compare(_by_taps(bk, given), _dense(bk, given))


@frameworks
@pytest.mark.parametrize("network", NETWORKS)
def test_taps_cover_every_network(bk: Backend, network: str):
    """Three fields, rows at a point and one over all points."""
    given = case("fields and a mean", 5, network)
    _compare(_by_taps(bk, given), _dense(bk, given))


@pytest.mark.parametrize("network", NETWORKS)
def test_taps_cover_every_network_on_pairs_of_points(network: str):
    given, bk = case("periodic pair", 5, network), select.get("jax", mode="eager")
    _compare(_by_taps(bk, given), _dense(bk, given))


@frameworks
def test_only_the_last_stage_has_columns(bk: Backend):
    given = two_stages()
    rows, matrix = _by_taps(bk, given)
    assert matrix.shape == (rows.size, tree.size(given.parameters["stages"][-1]))
    _compare((rows, matrix), _dense(bk, given))


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
def test_compiled(backend: str):
    """The case with an unknown has exact, soft and reduced rows."""
    given = case("unknown")
    _compare(_by_taps(select.get(backend), given), _dense(select.get("jax", mode="eager"), given))


def test_the_cases_hold_every_kind_of_residual():
    plans = {name: case(name).plan for name in PROBLEMS}
    terms = [term for plan in plans.values() for term in plan.terms]
    assert {term.kind for term in terms} == {"pointwise", "reduced"}
    assert {len(term.sets) for term in terms} == {1, 2, 3}
    assert any(points.observed for plan in plans.values() for points in plan.point_sets)
    assert len(plans["exact"].terms) == 1
    assert len(plans["fields and a mean"].fields) == 3
    assert plans["unknown"].unknowns == (UnknownPlan("nu", 0.7),)
    robin = next(term for term in plans["soft, flux and Robin"].terms if "robin" in term.name)
    assert {symbol.name for symbol in robin.expressions[0].free_symbols} == {"x", "y", "normal_x", "normal_y"}


def test_unknowns_are_the_last_columns():
    given = case("unknown")
    bk = select.get("jax", mode="eager")
    _, matrix = _by_taps(bk, given)
    residuals = Residuals(select.get("numpy"), given.plan)

    def rows(nu: float) -> np.ndarray:
        parameters = {**given.parameters, "unknowns": {"nu": np.array(nu)}}
        return _scaled(residuals, parameters, given.points, given.weights)

    slope = (rows(0.7 + 1e-5) - rows(0.7 - 1e-5)) / 2e-5
    np.testing.assert_allclose(matrix[:, -1], slope, atol=1e-8 * np.abs(slope).max())
