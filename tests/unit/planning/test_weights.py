"""`weighting=`, `misfit=`, `batch=`, `sampling=` and given points: what a plan makes of them, and what it refuses."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest
from sympy import And, Eq, Function, symbols

import collocate as co
from collocate.errors import PlanError
from collocate.expressions import symbol
from collocate.planning import Plan
from collocate.planning.specification import Term
from collocate.planning.storage import from_json, to_json
from collocate.planning.weights import weightings
from collocate.statement import MEASURED
from collocate.weighting import WEIGHTINGS, create

from ...small import bar, heat, oscillator, t, x, y

z = symbols("z")
TERMS = (
    Term("equation", (), ("interior",)),
    Term("wall (left)", (), ("left",)),
    Term("wall (right)", (), ("right",)),
    Term("data u", (symbol("u") - symbol(MEASURED),), ("data",)),
)


def found(asked: Any, misfit: Any = None, time: str | None = "t") -> list[tuple[str, dict[str, Any]]]:
    return [(item.name, dict(item.options)) for item in weightings(asked, misfit, TERMS, time)]


def test_names_objects_mappings_and_lists_of_them():
    assert found(None) == []
    assert found("ntk") == [("ntk", {})]
    assert found(co.NTK(every=7)) == [("ntk", {"every": 7})]
    assert found({"wall (left)": 2, "data u": 3.0}) == [("fixed", {"weights": {"wall (left)": 2.0, "data u": 3.0}})]
    assert found(["causal", {"equation": 2}]) == [("causal", {}), ("fixed", {"weights": {"equation": 2.0}})]


def test_a_label_means_the_term_on_every_face():
    assert found({"wall": 5.0})[0][1]["weights"] == {"wall (left)": 5.0, "wall (right)": 5.0}


def test_a_kind_and_field_mean_the_condition_wherever_it_holds():
    robin = Term("robin u on right (right)", (), ("right",))
    for name in ("robin u", "robin u on right", "robin u on right (right)"):
        (item,) = weightings({name: 3.0}, None, (*TERMS, robin), "t")
        assert item.options == {"weights": {"robin u on right (right)": 3.0}}


def test_a_misfit_is_for_data_or_for_the_term_that_is_named():
    huber = {"kind": "huber", "threshold": 0.5}
    assert found(None, co.Huber(0.5)) == [("robust", {"misfits": {"data u": huber}})]
    assert found(None, {"wall": co.Huber(0.5)})[0][1]["misfits"] == {"wall (left)": huber, "wall (right)": huber}


def test_a_name_that_a_term_has_means_that_term_alone():
    second = Term("data u (2)", (symbol("u") - symbol(MEASURED),), ("second",))
    (item,) = weightings({"data u": 3.0}, None, (*TERMS, second), "t")
    assert item.options == {"weights": {"data u": 3.0}}


def test_a_misfit_for_all_data_leaves_points_alone():
    second = Term("data u (2)", (symbol("u") - symbol(MEASURED),), ("second",))
    point = Term("data u (3)", (symbol("u") - 1,), ("point",))
    (item,) = weightings(None, co.Huber(0.5), (*TERMS, second, point), "t")
    assert set(item.options["misfits"]) == {"data u", "data u (2)"}


@pytest.mark.parametrize("asked", [co.GradientNorm(), co.ResidualAttention(), co.SelfAdaptive(), co.Causal(chunks=9)])
def test_options_come_back_through_json(asked: Any):
    ((name, options),) = found(asked)
    assert create(name, json.loads(json.dumps(options))) == asked
    assert name in WEIGHTINGS


@pytest.mark.parametrize(
    ("asked", "misfit", "time", "said"),
    [
        ("nkt", None, "t", "unknown weighting 'nkt'; choose 'gradient_norm', 'ntk'"),
        (3, None, "t", r"weighting must be one of .*, such as co.NTK\(\), or \{term: weight\}; got 3"),
        (co.NTK, None, "t", "weighting must be one of"),
        ({"wal": 1}, None, "t", "no residual is called 'wal'; the terms of this plan: 'equation', 'wall "),
        ({"wall": -1}, None, "t", "the weight of 'wall' must be a positive number; got -1"),
        ({"wall": True}, None, "t", "the weight of 'wall' must be a positive number"),
        ("causal", None, None, "causal weighting follows time, and this problem has none"),
        (None, {"wall": 1.0}, "t", r"the misfit of 'wall' must be co.Huber\(threshold\) or co.MeanAbsolute\(\)"),
        (None, 1.0, "t", "the misfit of 'data u' must be"),
    ],
)
def test_what_does_not_fit_is_refused(asked: Any, misfit: Any, time: str | None, said: str):
    with pytest.raises(PlanError, match=said):
        weightings(asked, misfit, TERMS, time)


def test_a_misfit_without_data_is_refused():
    with pytest.raises(PlanError, match="is for terms of data, and this problem has none; for another term name it"):
        co.plan(bar(), misfit=co.Huber(1.0))


def test_a_plan_keeps_all_of_it_and_says_so():
    plan = co.plan(bar(), optimizer="rmsprop", weighting=["self_adaptive", {"equation": 2}], batch=9, sampling="halton")
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan
    choices = {choice.subject: choice for choice in plan.choices}
    assert choices["weighting fixed"].value == "weights {'equation': 2.0}"
    assert choices["batch"].value == "9"
    assert choices["optimizer"].value == "rmsprop"
    assert "halton, drawn once" in choices["points"].reason
    assert [(phase.redraw, phase.adaptive) for phase in plan.phases] == [(0, False)]


def test_a_plan_of_an_older_file_has_none():
    document = to_json(co.plan(bar()))
    del document["weighting"], document["batch"]
    plan = from_json(document)
    assert (plan.weighting, plan.batch) == ((), None)


@pytest.mark.parametrize("optimizer", ["auto", "lbfgs", "self_scaled_broyden"])
def test_batches_are_refused_for_methods_that_compare_losses(optimizer: str):
    with pytest.raises(PlanError, match=r"batch=8 needs a first-order optimizer, and this plan trains by .* choose"):
        co.plan(bar(), optimizer=optimizer, batch=8)


@pytest.mark.parametrize("batch", [0, 2.5, True, "8"])
def test_a_batch_is_a_number_of_points(batch: Any):
    with pytest.raises(PlanError, match="batch must be a whole number of points, one or more"):
        co.plan(bar(), optimizer="adam", batch=batch)


def test_an_unknown_sampling_is_refused():
    with pytest.raises(PlanError, match="unknown sampling 'sobl'; choose 'sobol', 'halton'"):
        co.plan(bar(), sampling="sobl")


GIVEN = np.linspace(0, 1, 7)[:, None]


@pytest.mark.parametrize("points", [GIVEN, GIVEN.tolist(), {"x": GIVEN[:, 0]}, {x: GIVEN[:, 0]}])
def test_given_points_are_counted_and_stay(points: Any):
    plan: Plan = co.plan(bar(), points={"interior": points})
    assert plan.count("interior") == 7 and plan.blocks == 1
    assert not any(phase.adaptive for phase in plan.phases)


def test_with_given_points_time_is_not_split():
    assert co.plan(oscillator()).constants
    assert not co.plan(oscillator(), points={"interior": np.linspace(0, 4, 9)[:, None]}).constants


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"interior": np.zeros((3, 2))}, r"must be an array \(n, 1\) with columns x; got the shape \(3, 2\)"),
        ({"interior": np.zeros(3)}, r"got the shape \(3,\)"),
        ({"interior": np.zeros((0, 1))}, r"got the shape \(0, 1\)"),
        ({"interior": [[0.1], [np.nan], [np.inf]]}, r"must be finite numbers; row 1 is \[nan\] \(2 of 3 rows\)"),
        ({"interior": [[0.1], [0.5], [1.5]]}, r"must lie in the domain x ∈ \[0, 1\]; row 2 is \[1.5\]"),
        ({"interior": {"y": [0.1]}}, "have the columns y; expected x"),
        ({"interior": [["a"]]}, "are no array of numbers"),
        ({"interior": np.array([[0.5 + 1j]])}, "are no array of numbers.*complex"),
        ({"interior": {"x": np.ma.masked_equal([0.1, 99.0], 99.0)}}, "are no array of numbers.*masked"),
        ({"left": [[0.0]]}, "points for 'left' cannot be given; this plan takes them for interior"),
    ],
)
def test_points_that_do_not_fit_are_refused(points: Any, said: str):
    with pytest.raises(PlanError, match=said):
        co.plan(bar(), points=points)


def test_measured_points_are_not_given():
    u = Function("u")(x)
    table = {"x": [0.2, 0.4], "u": [1.0, 2.0]}
    problem = co.Problem(Eq(u.diff(x, 2), 0), co.Interval(x, 0, 1), [co.Dirichlet(u, 0), co.Data(u, table)])
    with pytest.raises(PlanError, match="points for 'data u' cannot be given; this plan takes them for interior"):
        co.plan(problem, points={"data u": [[0.3]]})


CIRCLE = np.stack([np.cos([0.3, 1.0, 4.0]), np.sin([0.3, 1.0, 4.0])], axis=1)
TRIANGLE = co.Polygon((x, y), [(0, 0), (1, 0), (0, 1)])


@pytest.mark.parametrize(
    ("shape", "on", "right", "wrong", "said"),
    [
        (co.Disk((x, y), (0, 0), 1), None, CIRCLE, [0.9, 0.0], "must lie on 'outer'"),
        (TRIANGLE, "edge 2", [[0.5, 0.5], [0.25, 0.75]], [0.4, 0.5], "must lie on 'edge 2'"),
        (TRIANGLE, "edge 2", [[0.5, 0.5]], [0.0, 0.5], "must lie on 'edge 2'"),
        (co.Ball((x, y, z), (0, 0, 0), 1), None, [[0.6, 0.0, -0.8]], [0.0, 0.0, 0.0], "must lie on 'outer'"),
        (co.Disk((x, y), (0, 0), 1), y > 0, CIRCLE[:2], CIRCLE[2], "must lie where y > 0"),
        (co.Rectangle((x, y), 0, 1), And(Eq(x, 0), y > 0.5), [[0.0, 0.6]], [0.0, 0.4], "must lie where y > 0.5"),
    ],
)
def test_points_of_a_part_lie_on_it(shape: Any, on: Any, right: Any, wrong: Any, said: str):
    u = Function("u")(*(axis.coordinate for axis in shape.axes))
    equation = Eq(sum(u.diff(axis.coordinate, 2) for axis in shape.axes), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = co.Problem(equation, shape, [co.Dirichlet(u, 0, on=on)])
    name = next(entry.name for entry in co.plan(problem, conditions="soft").point_sets if entry.part)
    assert co.plan(problem, conditions="soft", points={name: right}).count(name) == len(right)
    with pytest.raises(PlanError, match=f"{said}.*row {len(right)}"):
        co.plan(problem, conditions="soft", points={name: [*right, wrong]})


def test_columns_of_two_lengths_are_refused():
    with pytest.raises(PlanError, match="columns of different length"):
        co.plan(heat(), points={"interior": {x: [0.1, 0.2], t: [0.1]}})
