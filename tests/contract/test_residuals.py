"""Residual rows: equal on every backend, truly the equations' residuals, in float32 too, compiled once."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy.core.function import AppliedUndef

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.residuals import Residuals

from .cases import OTHERS, PROBLEMS, Case, before, case, third_slab

frameworks = pytest.mark.parametrize("bk", ["jax", "torch", "tensorflow"], indirect=True)


def _rows(bk: Backend, given: Case) -> dict[str, np.ndarray]:
    rows = bk.compile(Residuals(bk, given.plan))(given.parameters, given.points)
    return tree.map(bk.to_numpy, rows)


@frameworks
@pytest.mark.parametrize("name", [*PROBLEMS, *OTHERS])
def test_rows_are_those_of_the_oracle(bk: Backend, name: str):
    given = OTHERS[name]() if name in OTHERS else case(name)
    expected = _rows(select.get("numpy"), given)
    assert list(expected) == sorted(term.name for term in given.plan.terms)
    for term, rows in _rows(bk, given).items():
        assert rows.dtype == np.float64
        size = np.abs(expected[term]).max()
        np.testing.assert_allclose(rows, expected[term], rtol=0, atol=1e-12 * (1.0 + size), err_msg=term)


@frameworks
def test_traces_are_those_of_the_oracle(bk: Backend):
    given = third_slab()
    points = {name: {**points, "traces": None} for name, points in given.points.items()}
    found = Residuals(bk, given.plan).traced(points, before(given.plan), start=2.0)
    for name in given.points:
        assert set(found[name]["traces"]) == {trace.name for trace in given.plan.traces}
        for trace, expected in given.points[name]["traces"].items():
            assert np.abs(expected).max() > 0.1
            np.testing.assert_allclose(found[name]["traces"][trace], expected, rtol=0, atol=1e-11, err_msg=trace)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_row_per_point_and_one_for_a_mean(name: str):
    given = case(name)
    rows = _rows(select.get("numpy"), given)
    for term in given.plan.terms:
        assert rows[term.name].shape == ((1,) if term.kind == "reduced" else (given.plan.count(term.sets[0]),))


def test_rows_are_the_equation_with_the_network_put_in():
    """Burgers' residual by SymPy, of G + Φ s N with the network written out as an expression."""
    given = case("time", 3)
    (trial,), (stage,), (term,) = given.plan.trials, given.plan.stages, given.plan.terms
    layer: list = list(stage.features)
    *hidden, last = given.parameters["stages"][0]["layers"]
    for weights in hidden:
        layer = [sympy.tanh(z) for z in _affine(layer, weights)]
    solution = trial.particular + trial.factor * stage.scales[0] * _affine(layer, last)[0]
    x, t = given.plan.symbols
    (field,) = term.expressions[0].atoms(AppliedUndef)
    residual = term.expressions[0].subs(field, solution).doit() / term.scale
    expected = [float(residual.subs({x: a, t: b})) for a, b in given.points["interior"]["coordinates"]]
    np.testing.assert_allclose(_rows(select.get("numpy"), given)[term.name], expected, rtol=1e-11)


def _affine(inputs: list, layer: dict) -> list:
    return [
        sum((a * float(w) for a, w in zip(inputs, column, strict=True)), sympy.Float(bias))
        for column, bias in zip(layer["weight"].T, layer["bias"], strict=True)
    ]


def test_a_periodic_pair_is_the_difference_of_both_ends():
    given = case("periodic pair")
    rows = _rows(select.get("numpy"), given)
    assert {name for name in rows if name.startswith("periodic")} == {
        "periodic u in x", "periodic u in x, order 1",
    }  # fmt: skip
    swapped = {**given.points, "right of left": given.points["left"]}
    for name, difference in _rows(select.get("numpy"), Case(given.plan, given.parameters, swapped, {})).items():
        if name.startswith("periodic"):
            assert np.abs(rows[name]).max() > 1e-3
            np.testing.assert_array_equal(difference, 0.0)


def test_a_reduced_row_is_the_weighted_mean():
    given = case("fields and a mean")
    (term,) = (term for term in given.plan.terms if term.kind == "reduced")
    whole = _rows(select.get("numpy"), given)[term.name]
    count = given.plan.count("volume")
    single = []
    for n in range(count):
        one = {**given.points, "volume": tree.map(lambda leaf, n=n: leaf[n : n + 1], given.points["volume"])}
        single.append(_rows(select.get("numpy"), Case(given.plan, given.parameters, one, {}))[term.name])
    np.testing.assert_allclose(whole, np.sum(single, axis=0), rtol=1e-12)


@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow"])
@pytest.mark.parametrize("name", ["fourth order", "fields and a mean", "unknown"])
def test_float32_is_close_to_float64(backend: str, name: str):
    given = case(name)
    expected = _rows(select.get("numpy"), given)
    for term, rows in _rows(select.get(backend, mode="eager", dtype="float32"), given).items():
        assert rows.dtype == np.float32 and np.isfinite(rows).all()
        size = np.abs(expected[term]).max()
        np.testing.assert_allclose(rows, expected[term], rtol=0, atol=1e-4 * (1.0 + size), err_msg=term)
