"""What counts as equal, on which points, and what is said where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
from sympy import pi, symbols

import collocate as co
from collocate.errors import ExportError
from collocate.exporting import parity
from collocate.exporting.builder import Builder
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.geometry import as_domain

from . import fake

x, y, t = symbols("x y t")
BOX = as_domain(co.Interval(x, -1, pi) * co.Time(t, 0, 2))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_batches_hold_one_seven_and_a_thousand_points_with_the_corners(dtype: Any):
    found = parity.batches(BOX, dtype)
    assert [len(batch["x"]) for batch in found] == [1, 7, 1000]
    for batch in found:
        assert list(batch) == ["x", "t"]
        assert {array.dtype.name for array in batch.values()} == {dtype}
        points = np.stack(list(batch.values()), axis=1)
        assert BOX.contains(points, tolerance=1e-7).all()
        assert len(np.unique(points, axis=0)) == len(points)
    corners = set(product(np.array([-1, np.pi], dtype).tolist(), (0.0, 2.0)))
    assert corners <= set(zip(found[-1]["x"].tolist(), found[-1]["t"].tolist(), strict=True))
    assert len(corners & set(zip(found[1]["x"].tolist(), found[1]["t"].tolist(), strict=True))) == 3


def test_of_a_disk_the_corners_of_its_box_are_asked_too():
    (*_, last) = parity.batches(as_domain(co.Disk((x, y), (0, 0), 1)), "float64")
    outside = last["x"] ** 2 + last["y"] ** 2 > 1
    assert outside.sum() == 4


def built(**outputs: Any) -> Graph:
    """Of x, by functions of (apply, constant)."""
    builder = Builder(("x",), "float64")
    apply = lambda operation, *operands: builder.apply(operation, list(operands))  # noqa: E731
    return builder.finish({name: make(apply, builder.constant) for name, make in outputs.items()})


BATCH = {"x": np.linspace(0.0, 1.0, 11)}


@pytest.mark.parametrize(
    ("make", "scale"),
    [
        (lambda apply, number: apply("sin", 0), np.sin(1.0)),
        # 1000 x − 1000 x, and halves and negatives of it, are as exact as 1000 is
        (lambda apply, number: apply("subtract", a := apply("multiply", 0, number(1000.0)), a), 1000.0),
        (
            lambda apply, number: apply(
                "divide", apply("negative", apply("subtract", a := apply("multiply", 0, number(1e3)), a)), number(2.0)
            ),
            500.0,
        ),
        # (1 + x − 1) · 8: of a factor its summands count
        (
            lambda apply, number: apply(
                "multiply", apply("subtract", apply("add", 0, number(1.0)), number(1.0)), number(8.0)
            ),
            16.0,
        ),
        # where x > 0.55: 1/x, else what is infinite there: only what is taken counts
        (
            lambda apply, number: apply(
                "where", apply("less", number(0.55), 0), apply("divide", number(1.0), 0), number(0.25)
            ),
            1 / 0.6,
        ),
        (lambda apply, number: apply("divide", number(1.0), 0), 10.0),  # infinite at 0, which does not count
    ],
)
def test_the_scale_is_the_largest_summand(make: Any, scale: float):
    assert parity.scales_of(built(u=make), BATCH)["u"] == pytest.approx(scale, rel=1e-12)


def test_an_output_that_is_nowhere_a_number_cannot_be_proven():
    with pytest.raises(ExportError, match="the output u is nowhere a number"):
        parity.scales_of(built(u=lambda apply, number: apply("log", apply("negative", 0))), {"x": np.ones(3)})


def shifted(by: float, only: int | None = None) -> Any:
    """`fake.graph()` computed, with its output v off by so much, in batches of `only` points if given."""

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found = evaluate(fake.graph(), batch)
        if only in (None, len(found["v"])):
            found["v"][0] += by
        return found

    return run


def test_differences_are_the_largest_of_all_batches_and_where():
    batches = fake.batches()
    found = parity.measure(shifted(1e-3, only=7), fake.graph(), batches)
    assert found["u"].largest == found["u"].relative == 0.0
    assert found["v"].largest == pytest.approx(1e-3)
    assert found["v"].place == {name: array[0] for name, array in batches[1].items()}
    assert found["v"].value == max(np.abs(batch["x"] - batch["t"]).max() for batch in batches)
    assert found["v"].scale == pytest.approx(max(array.max() for array in batches[2].values()))  # x and t themselves


@pytest.mark.parametrize("count", [1, 7, 50])
def test_what_is_off_by_more_than_the_tolerance_in_any_batch_is_named(count: int):
    parity.check(parity.measure(shifted(0.9e-12, count), fake.graph(), fake.batches()), 1e-12)
    found = parity.measure(shifted(1.1e-12, count), fake.graph(), fake.batches())
    with pytest.raises(
        ExportError, match=r"not equal to its solution to 1e-12: v is off by 1\.1e-12 at x = 0\.\d+, t ="
    ):
        parity.check(found, 1e-12)


def test_where_all_is_zero_nothing_may_differ():
    zero = {"u": parity.Difference(0.0, 0.0, 0.0, {})}
    parity.check(zero, 1e-12)
    with pytest.raises(ExportError, match="u is off by 1e-300"):
        parity.check({"u": parity.Difference(1e-300, 0.0, 0.0, {"x": 0.0})}, 1e-12)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda found: {"u": found["u"]}, "its outputs are u; u, v were expected"),
        (lambda found: {**found, "w": found["u"]}, "its outputs are u, v, w"),
        (lambda found: {**found, "v": found["v"].astype(np.float32)}, "output v is float32, for points in float64"),
        (lambda found: {**found, "v": found["v"][:7]}, r"output v has shape \(7,\) for 50 points"),  # a frozen batch
        (lambda found: {**found, "v": found["v"][:, None]}, r"output v has shape \(1, 1\) for 1 points"),
        (lambda found: {**found, "v": np.where(found["v"] < 0, found["v"], np.nan)}, "output v is nan at x = 0"),
        (lambda found: {**found, "v": found["v"] / 0.0}, "output v is inf at x = 0"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_other_names_shapes_and_what_is_no_number_are_refused(spoil: Any, why: str):
    with pytest.raises(ExportError, match=why):
        parity.measure(lambda batch: spoil(evaluate(fake.graph(), batch)), fake.graph(), fake.batches())


def test_where_the_oracle_has_no_number_an_artifact_has_none_either():
    graph = built(u=lambda apply, number: apply("sqrt", 0))
    batches = [{"x": np.array([0.5])}, {"x": np.array([1.0, -1.0])}]
    assert parity.measure(lambda batch: evaluate(graph, batch), graph, batches)["u"].largest == 0.0
    with pytest.raises(ExportError, match="its output u is 1 at x = -1, not nan"):
        parity.measure(lambda batch: {"u": np.sqrt(np.abs(batch["x"]))}, graph, batches)


def test_nan_is_not_infinity():
    graph = built(u=lambda apply, number: apply("divide", number(1.0), 0))
    batch = {"x": np.array([0.0, 0.5])}
    for values, why in (([np.nan, 2.0], "u is nan at x = 0, not inf"), ([np.inf, np.nan], "u is nan at x = 0.5")):
        with pytest.raises(ExportError, match=why):
            parity.measure(lambda _, values=values: {"u": np.array(values)}, graph, [batch])
    assert parity.measure(lambda _: {"u": np.array([np.inf, 2.0])}, graph, [batch])["u"].largest == 0.0
    nowhere = built(u=lambda apply, number: apply("sqrt", 0))
    with pytest.raises(ExportError, match="u is inf at x = -1, not nan"):
        parity.measure(lambda _: {"u": np.array([np.inf, 1.0])}, nowhere, [{"x": np.array([-1.0, 1.0])}])


@pytest.mark.parametrize(("difference", "value", "part"), [(1e-3, 2.0, 5e-4), (0.0, 0.0, 0.0), (1e-3, 0.0, np.inf)])
def test_the_plain_relative_error_is_of_the_largest_value(difference: float, value: float, part: float):
    assert parity.plain({"largest_difference": difference, "largest_value": value, "scale": 1e9}) == part


def test_single_precision_is_held_to_the_points_that_it_was_given():
    graph = fake.graph(dtype="float32")
    found = parity.measure(lambda batch: in_single(batch), graph, fake.batches("float32"))
    assert 0.0 < found["u"].relative < 3e-7
    parity.check(found, parity.TOLERANCES["float32"])


def in_single(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    assert batch["x"].dtype == np.float32
    return {"u": np.float32(2.0) * (np.sin(batch["x"]) * batch["t"]), "v": batch["x"] - batch["t"]}
