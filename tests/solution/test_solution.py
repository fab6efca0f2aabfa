"""A solution as it is asked: coordinates, expressions, slabs, errors."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Function, Symbol, sin, symbols

import collocate as co
from collocate.errors import ExpressionError, StatementError

from ..small import t, x

u = Function("u")(x, t)


def test_scalars_give_floats(warm: co.Solution) -> None:
    value = warm(x=0.5, t=0)
    assert type(value) is float
    assert value == pytest.approx(1.0, abs=1e-12)  # the initial condition is exact
    assert type(warm(x=np.float32(0.5), t=np.array(0))) is float


def test_arrays_and_grids_broadcast(warm: co.Solution) -> None:
    xs, ts = np.linspace(0, 1, 5), np.linspace(0, 1, 3)
    grid = warm(x=xs[:, None], t=ts)
    assert grid.shape == (5, 3)
    assert grid.dtype == np.float64
    for i, j in np.ndindex(5, 3):
        assert grid[i, j] == pytest.approx(warm(x=xs[i], t=ts[j]), abs=1e-14)
    assert warm(x=list(xs), t=0.3).shape == (5,)
    assert warm(x=np.zeros((2, 0)), t=0.1).shape == (2, 0)


def test_more_points_than_a_block(warm: co.Solution) -> None:
    xs = np.linspace(0, 1, 5001)
    values = warm(x=xs, t=0.5)
    assert values[::1000] == pytest.approx([warm(x=each, t=0.5) for each in xs[::1000]], abs=1e-14)


def test_several_fields_give_a_mapping(turning: co.Solution) -> None:
    found = turning(t=0.3)
    assert set(found) == {"p", "q"}
    assert {type(value) for value in found.values()} == {float}
    assert found["p"] == pytest.approx(np.cos(0.3), abs=1e-6)
    assert turning(t=np.zeros((2, 2)))["q"].shape == (2, 2)


@pytest.mark.parametrize(
    ("coordinates", "said"),
    [
        ({"x": 0.5}, r"takes x=…, t=…; got x$"),
        ({}, "got nothing"),
        ({"x": 0.5, "t": 0, "y": 0}, "got x, t, y"),
        ({"x": [0.1, 0.2], "t": [0, 0.5, 1]}, "broadcast together"),
        ({"x": "left", "t": 0}, "must be numbers"),
    ],
)
def test_coordinates_that_do_not_fit(warm: co.Solution, coordinates: dict[str, Any], said: str) -> None:
    with pytest.raises(StatementError, match=said):
        warm(**coordinates)


def test_outside_the_domain_a_warning_names_how_many(warm: co.Solution) -> None:
    with pytest.warns(UserWarning, match=r"2 of 3 points lie outside .* where nothing was trained"):
        assert np.isfinite(warm(x=[0.5, 1.5, -1.0], t=0.1)).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warm(x=[0.0, 1.0], t=[1.0, 0.0])


def test_expressions_as_sympy_text_and_list(warm: co.Solution) -> None:
    h = 1e-4
    slope = (warm(x=0.3 + h, t=0.2) - warm(x=0.3 - h, t=0.2)) / (2 * h)
    assert warm.at(u.diff(x), x=0.3, t=0.2) == pytest.approx(slope, abs=1e-6)
    assert warm.at("u.diff(x)", x=0.3, t=0.2) == warm.at(u.diff(x), x=0.3, t=0.2) == warm.at("u_x", x=0.3, t=0.2)
    both = warm.at([u, "u_t", sin(x) * u + 2], x=[0.1, 0.2], t=0.5)
    assert isinstance(both, list)
    assert [values.shape for values in both] == [(2,)] * 3
    assert both[0] == pytest.approx(warm(x=[0.1, 0.2], t=0.5))
    assert both[2] == pytest.approx(np.sin([0.1, 0.2]) * both[0] + 2)
    assert warm.at("pi", x=0.1, t=0.1) == pytest.approx(np.pi)
    assert warm.at("pi", x=[0.1, 0.2], t=0.1) == pytest.approx([np.pi] * 2)


def test_expressions_go_by_name_whatever_the_assumptions(warm: co.Solution) -> None:
    positive, time = symbols("x t", positive=True)
    other = Function("u")(positive, time)
    assert warm.at(other.diff(positive), x=0.3, t=0.2) == warm.at("u_x", x=0.3, t=0.2)


@pytest.mark.parametrize(
    "expression", ["w", "u_y", "u +", "u.diff(y)", "x.real", Symbol("w"), Function("w")(x, t), "u.diff(x, 9)", None, 1j]
)
def test_expressions_that_cannot_be_read(warm: co.Solution, expression: Any) -> None:
    with pytest.raises((ExpressionError, co.errors.PlanError)):
        warm.at(expression, x=0.5, t=0.5)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch {planted}')",
        "u + __import__('os').system('touch {planted}')",
        "open('{planted}', 'w')",
        "(lambda: open('{planted}', 'w'))()",
        "u.func.__globals__",
        "[open('{planted}', 'w') for _ in (1,)]",
        "u.diff(exec(\"open('{planted}', 'w')\"))",
    ],
)
def test_planted_code_in_text_runs_nothing(warm: co.Solution, text: str, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    with pytest.raises(ExpressionError):
        warm.at(text.format(planted=planted), x=0.5, t=0.5)
    assert not planted.exists()


def test_errors_against_the_reference(warm: co.Solution, turning: co.Solution) -> None:
    assert warm.error() == warm.errors()["u"] == warm.result["relative_l2"]["u"]
    assert 0 < warm.error() < 2e-2
    assert warm.error("max") == warm.result["max_error"]["u"]
    assert set(turning.error()) == {"p", "q"}
    with pytest.raises(StatementError, match="norm must be one of"):
        warm.error("l1")


def test_slabs_meet_where_they_join(turning: co.Solution) -> None:
    """A slab starts from the end values of the one before: no jump in the value, hardly one in the slope."""
    for slab in turning.slabs[1:]:
        below, above = np.nextafter(slab.start, 0), slab.start
        for name in ("p", "q"):
            assert turning(t=below)[name] == pytest.approx(turning(t=above)[name], abs=1e-12)
            slope = f"{name}_t"
            assert turning.at(slope, t=below) == pytest.approx(turning.at(slope, t=above), abs=1e-5)


def test_points_find_their_slab_in_any_order(turning: co.Solution) -> None:
    times = np.random.default_rng(0).permutation(np.linspace(0, 3, 101))
    assert turning(t=times)["p"] == pytest.approx(np.cos(times), abs=1e-6)
    with pytest.warns(UserWarning, match="outside"):
        assert np.isfinite(turning(t=[-0.1, 3.1])["p"]).all()
