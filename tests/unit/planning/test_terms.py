"""Residuals and their point sets: equations inside, soft conditions on their faces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Derivative, Eq, Function, symbols

import collocate as co
from collocate.planning import INTERIOR, PointSetPlan
from collocate.planning.conditions import sort_conditions
from collocate.planning.terms import terms
from collocate.sampling.point_sets import draw

x, y, t = symbols("x y t")
u, v, q = Function("u")(x, y), Function("v")(x, y), Function("q")(x)
pytestmark = pytest.mark.filterwarnings("ignore:.*the solution may not be unique")  # faces are left free on purpose
SQUARE = co.Rectangle((x, y), (0, 0), (1, 2))


def _terms(problem: co.Problem) -> tuple[Any, dict[str, PointSetPlan]]:
    rows, sets = terms(problem, sort_conditions(problem).soft, 100, 10)
    return rows, {points.name: points for points in sets}


def test_conditions_on_one_face_share_its_points() -> None:
    problem = co.Problem(
        [Eq(u.diff(x, 2) + u.diff(y, 2), v), Eq(v.diff(x, 2) + v.diff(y, 2), u)],
        SQUARE,
        [co.Neumann(u, 0, on="left"), co.Robin(v, 1, 1, y, on="left"), co.Mean(u * v, 1)],
    )
    rows, sets = _terms(problem)
    assert [(row.sets, row.kind) for row in rows] == [
        ((INTERIOR,), "pointwise"), ((INTERIOR,), "pointwise"),
        (("left",), "pointwise"), (("left",), "pointwise"), (("volume",), "reduced"),
    ]  # fmt: skip
    assert sets == {
        INTERIOR: PointSetPlan(INTERIOR, 100),
        "left": PointSetPlan("left", 10, part="left"),
        "volume": PointSetPlan("volume", 100, quadrature=True),
    }


def test_measurements_weigh_by_their_deviation_across_tables() -> None:
    """Σ (r/σ)² of two tables is that of one table of all rows."""
    places, values, sigma = np.array([0.2, 0.4, 0.6]), np.array([1.0, 2.0, 4.0]), np.array([0.01, 0.01, 1.0])

    def row_weights(*parts: slice) -> np.ndarray:
        """What r² weighs in the loss, for each row."""
        tables = [co.Data(q, {"x": places[part], "q": values[part]}, sigma=sigma[part]) for part in parts]
        problem = co.Problem(Eq(q.diff(x, 2), 0), co.Interval(x, 0, 1), [co.Dirichlet(q, 0), *tables])
        of_term = {term.name: term.weight / term.scale**2 for term in co.plan(problem).terms}
        return np.concatenate([of_term[name] * each.weight for name, each in problem.observations.items()])

    apart, whole = row_weights(slice(0, 2), slice(2, 3)), row_weights(slice(0, 3))
    np.testing.assert_allclose(apart / apart[0], [1.0, 1.0, 1e-4])
    np.testing.assert_allclose(whole / whole[0], [1.0, 1.0, 1e-4])


def test_a_piece_of_a_face_has_points_of_its_own() -> None:
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), 0), SQUARE, [co.Dirichlet(u, 1, on=Eq(x, 0) & (y > 1))])
    rows, sets = _terms(problem)
    (name,) = (name for name in sets if name != INTERIOR)
    assert sets[name].part == "left" and rows[1].sets == (name,)
    plan = co.plan(problem, network=(3,), points={"interior": 20, "face": 50})
    coordinates = draw(problem.domain, plan, seed=0)[name]["coordinates"]
    assert coordinates.shape == (50, 2)
    assert (coordinates[:, 0] == 0).all() and (coordinates[:, 1] > 1).all()


def test_a_soft_period_pairs_values_and_slopes_below_the_equation_s_order() -> None:
    problem = co.Problem(
        [Eq(u.diff(x, 3), v), Eq(v.diff(x, 2), u.diff(y))], SQUARE, [co.Periodic(u, x), co.Dirichlet(v, 0)]
    )
    rows, sets = _terms(problem)
    pairs = [row for row in rows if len(row.sets) == 2]
    field, by = problem.field("u"), problem.domain.coordinates[0]
    values = [field, Derivative(field, by), Derivative(field, (by, 2))]
    assert [row.expressions for row in pairs] == [(value, -value) for value in values]
    assert {row.sets for row in pairs} == {("left", "right of left")}
    assert sets["right of left"] == PointSetPlan("right of left", 10, part="right", mirrors="left")
    points = draw(problem.domain, co.plan(problem, network=(3,)), seed=0)
    left, right = (points[name]["coordinates"] for name in ("left", "right of left"))
    np.testing.assert_array_equal(left[:, 1], right[:, 1])
    assert (left[:, 0] == 0).all() and (right[:, 0] == 1).all()


@pytest.mark.parametrize("on", ["left", "right"])
def test_the_end_of_an_interval_is_one_point(on: str) -> None:
    conditions = [co.Robin(q, 1, 2, 3, on=on), co.Dirichlet(q, 0)]
    problem = co.Problem(Eq(q.diff(x, 2), q), co.Interval(x, -1, 3), conditions)
    plan = co.plan(problem, network=(3,))
    points = draw(problem.domain, plan, seed=0)[on]
    side = 1.0 if on == "right" else -1.0
    assert points["coordinates"].tolist() == [[3.0 if on == "right" else -1.0]]
    assert points["weight"].tolist() == [1.0] and points["columns"]["normal_x"].tolist() == [side]
