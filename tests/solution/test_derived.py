"""What is derived from a solution, integrals, tables, models, films, reports, against independent truth."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import rcParams
from PIL import Image
from sympy import Eq, Function, Piecewise, Symbol, cos, cosh, exp, integrate, pi, sin, symbols

import collocate as co
from collocate.errors import BackendError, ExpressionError, StatementError, StoreError
from collocate.solution.pictures import survey
from collocate.solution.typeset import mathematics

from ..small import t, x

y, z = symbols("y z")
u = Function("u")(x, t)
flow = Function("u")(x, y, t)


@pytest.fixture(scope="session")
def plate() -> co.Solution:
    """Heat in a rectangle over time, hardly trained: what is derived must hold all the same."""
    truth = exp(-(pi**2) * t / 5) * sin(pi * x) * sin(pi * y / 2)
    problem = co.Problem(
        Eq(flow.diff(t), (flow.diff(x, 2) + flow.diff(y, 2)) / 10),
        co.Rectangle((x, y), (0, 0), (1, 2)) * co.Time(t, 0, 1),
        [co.Initial(flow, sin(pi * x) * sin(pi * y / 2)), co.Dirichlet(flow, 0)],
        reference=truth,
        name="plate <of> heat",
    )
    return co.solve(problem, backend="torch", mode="eager", network=(6,), points=60, steps=2)


# Integrals


def test_expressions_of_coordinates_have_their_exact_integrals(plate: co.Solution) -> None:
    expression = sin(x) * exp(-t) * (1 + x * y**2)
    over_all = integrate(expression, (x, 0, 1), (y, 0, 2), (t, 0, 1))
    assert plate.integrate(expression) == pytest.approx(float(over_all), rel=1e-12)
    at_once = integrate(expression.subs(t, 0.5), (x, 0, 1), (y, 0, 2))
    assert plate.integrate(expression, t=0.5) == pytest.approx(float(at_once), rel=1e-12)
    assert plate.integrate(expression, over={"t": 0.5}) == plate.integrate(expression, t=0.5)
    assert plate.integrate(str(expression), over={t: 0.5}) == plate.integrate(expression, t=0.5)
    along = integrate(expression.subs({x: 0.25, t: 0.5}), (y, 0, 2))
    assert plate.integrate(expression, x=0.25, t=0.5) == pytest.approx(float(along), rel=1e-12)
    right = integrate(expression.subs(x, 1), (y, 0, 2), (t, 0, 1))
    assert plate.integrate(expression, over="right") == pytest.approx(float(right), rel=1e-12)


def test_the_flux_through_the_boundary_is_the_divergence_inside(plate: co.Solution) -> None:
    """Gauss's theorem, ∮ ∂u/∂n = ∫ Δu, holds for whatever the network is."""
    outward = co.normal(x) * flow.diff(x) + co.normal(y) * flow.diff(y)
    inside = plate.integrate(flow.diff(x, 2) + flow.diff(y, 2), t=0.4)
    assert abs(inside) > 0.1
    assert plate.integrate(outward, over="boundary", t=0.4) == pytest.approx(inside, rel=1e-9)
    sides = [plate.integrate(outward, over=part, t=0.4) for part in ("left", "right", "bottom", "top")]
    assert sum(sides) == pytest.approx(inside, rel=1e-9)
    assert plate.integrate("normal_x", over=["left", "right"], t=0) == 0
    assert plate.integrate("normal_x**2", over=["left", "right"], t=0) == pytest.approx(4)


def test_slabs_are_integrated_one_by_one(turning: co.Solution) -> None:
    assert turning.integrate("p") == pytest.approx(np.sin(3), abs=1e-6)
    change = turning(t=3.0)["p"] - turning(t=0.0)["p"]  # of a function that is only continuous between slabs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert turning.integrate("p_t") == pytest.approx(change, abs=1e-12)


def test_what_does_not_settle_is_remarked(warm: co.Solution) -> None:
    with pytest.warns(UserWarning, match="trust it to about") as said:
        value = warm.integrate("Piecewise((1, x < pi/7), (0, True))", t=0.5)
    assert value == pytest.approx(np.pi / 7, abs=1e-5)
    assert len(said) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"over": "top"}, "no part 'top'"),
        ({"over": 3}, "'boundary' for all, or fixed coordinates"),
        ({"over": "left", "x": 0}, "already fixed"),
        ({"y": 0}, "y is no coordinate to hold fixed; they are x, t"),
        ({"t": 2}, r"t = 2 lies outside the domain, t ∈ \[0, 1\]"),
        ({"t": "now"}, "one number; got 'now'"),
        ({"t": float("nan")}, "lies outside"),
    ],
)
def test_places_that_cannot_be_integrated(warm: co.Solution, options: dict[str, Any], said: str) -> None:
    with pytest.raises(StatementError, match=said):
        warm.integrate(u, **options)


def test_a_boundary_in_time_alone_is_none(turning: co.Solution) -> None:
    with pytest.raises(StatementError, match="no boundary in space"):
        turning.integrate("p", over="boundary")
    with pytest.raises(ExpressionError, match="only in integrate"):
        turning.at(co.normal(t), t=0.5)


# Expressions


@pytest.mark.filterwarnings("ignore:there are only as many conditions")
def test_products_of_unknowns_and_derivatives() -> None:
    k = Symbol("k")
    w = Function("w")(x)
    problem = co.Problem(
        Eq(-k * w.diff(x, 2), 1),
        co.Interval(x, 0, 1),
        [co.Dirichlet(w, 0), co.Condition(Eq(w.diff(x), -0.25), on="right")],
        unknowns=[co.Unknown(k, 1.5)],
    )  # −k w″ = 1 with w′(1) = −1/4: k = 2
    solution = co.solve(problem, backend="torch", mode="eager", network=(5,), points=20, steps=2)
    found = solution.unknowns["k"]
    flux, doubled = solution.at([-k * w.diff(x), "-2*k*w_x*x"], x=[0.2, 0.7])
    assert flux == pytest.approx(-found * solution.at("w_x", x=[0.2, 0.7]), rel=1e-13)
    assert doubled == pytest.approx(2 * flux * [0.2, 0.7], rel=1e-13)
    assert solution.at(k, x=0.5) == pytest.approx(found)
    assert "unknown" in solution.to_xarray(5).attrs["statement"]
    assert solution.to_xarray(5).attrs["unknown k"] == found
    assert "unknowns found" in solution._repr_html_()


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (Symbol("w"), r"'w' is not of this problem, which has the field u\(x, t\), the coordinates x, t"),
        (Symbol("u"), r"u is a field: write it u\(x, t\)"),
        (Function("w")(x, t), r"the field w\(x, t\) is not of this problem"),
        (u < 1, "is a condition, not a number"),
    ],
)
def test_strangers_are_told_what_is_known(warm: co.Solution, expression: Any, said: str) -> None:
    with pytest.raises(ExpressionError, match=said):
        warm.at(expression, x=0.5, t=0.5)


def test_the_order_of_coordinates_in_a_field_does_not_matter(warm: co.Solution) -> None:
    assert warm.at(Function("u")(t, x).diff(x), x=0.3, t=0.2) == warm.at("u_x", x=0.3, t=0.2)


# References that cannot be compared with


def test_a_zero_reference_has_no_relative_error() -> None:
    w = Function("w")(x)
    problem = co.Problem(Eq(w.diff(x, 2), 0), co.Interval(x, 0, 1), [co.Dirichlet(w, 1)], reference=0)
    with pytest.warns(UserWarning, match="zero throughout.*absolute error"):
        solution = co.solve(problem, backend="torch", mode="eager", network=(3,), points=10, steps=3)
    with pytest.warns(UserWarning, match="zero throughout"):
        assert solution.error() == pytest.approx(1.0, abs=1e-3)  # w = 1


def test_a_reference_with_gaps_is_compared_where_it_is_known() -> None:
    w = Function("w")(x)

    def half(x: np.ndarray) -> np.ndarray:
        return np.where(x < 0.5, 2.0, np.nan)

    problem = co.Problem(Eq(w.diff(x, 2), 0), co.Interval(x, 0, 1), [co.Dirichlet(w, 1)], reference=half)
    with pytest.warns(UserWarning, match="not finite at 501 of 1001 points"):
        solution = co.solve(problem, backend="torch", mode="eager", network=(3,), points=10, steps=3)
    with pytest.warns(UserWarning, match="not finite"):
        assert solution.error() == pytest.approx(0.5, abs=1e-3)


# xarray


def test_a_dataset_holds_fields_and_references(plate: co.Solution, tmp_path: Path) -> None:
    data = plate.to_xarray({"x": 5, "y": 4}, t=[0.25, 1])
    assert dict(data.sizes) == {"x": 5, "y": 4, "t": 2}
    assert float(data.u.sel(x=0.25, y=2 / 3, t=1, method="nearest")) == pytest.approx(plate(x=0.25, y=2 / 3, t=1))
    truth = np.exp(-(np.pi**2) / 20) * np.sin(np.pi / 4) * np.sin(np.pi / 3)
    assert float(data.u_reference[1, 1, 0]) == pytest.approx(truth, rel=1e-12)
    assert data.attrs["dtype"] == "float64"
    assert "u_t" in data.attrs["statement"]


def test_a_dataset_is_blank_outside_the_domain(warm: co.Solution) -> None:
    data = warm.to_xarray(x=[-0.5, 0.5], t=0.5)
    assert np.isnan(data.u.values[:, 0]).tolist() == [True, False]
    assert np.isnan(data.u_reference.values[:, 0]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"y": 0.5}, "y is no coordinate"),
        ({"counts": 0}, "positive whole number"),
        ({"counts": (3,)}, "one for each of x, t"),
        ({"counts": {"y": 3}}, "one for each of x, t"),
        ({"t": "now"}, "t takes a number or a list"),
        ({"counts": 100_000}, "more than 10000000"),
    ],
)
def test_tables_that_cannot_be_made(warm: co.Solution, given: dict[str, Any], said: str) -> None:
    with pytest.raises(StatementError, match=said):
        warm.to_xarray(**given)


def test_without_xarray_the_extra_is_named(warm: co.Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StoreError, match=r"collocate\[xarray\]"):
        warm.to_xarray()


# Keras, in a process of its own: TensorFlow and PyTorch side by side are slow to load

KERAS = """
import sys
import numpy as np, tensorflow as tf, collocate as co
solution = co.load(sys.argv[1])
model = solution.to_keras()
points = np.random.default_rng(0).random((1000, 2))
exact = solution(x=points[:, 0], t=points[:, 1])
print(abs(model.predict(points, batch_size=300, verbose=0)[:, 0] - exact).max())
print(abs(model.predict({"t": points[:, 1], "x": points[:, 0]}, verbose=0)[:, 0] - exact).max())
inputs = tf.constant(points)
with tf.GradientTape() as tape:
    tape.watch(inputs)
    values = model(inputs)
slopes = tape.gradient(values, inputs).numpy()
exact_slopes = solution.at(["u_x", "u_t"], x=points[:, 0], t=points[:, 1])
print(abs(slopes - np.stack(exact_slopes, axis=1)).max())
model.save_weights(sys.argv[2])
other = solution.to_keras()
before = [w.numpy() for w in other.trainable_weights]
other.compile(optimizer="sgd", loss="mse")
other.fit(tf.data.Dataset.from_tensor_slices((points, np.ones((1000, 1)))).batch(100), verbose=0)
print(float(any((w.numpy() != b).any() for w, b in zip(other.trainable_weights, before))))
other.load_weights(sys.argv[2])
print(abs(other.predict(points, verbose=0)[:, 0] - exact).max())
print(values.dtype.name, model.count_params())
try:
    model.save(sys.argv[2].replace("weights.h5", "keras"))
except co.errors.BackendError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_keras_model_is_the_solution(warm: co.Solution, saved: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("tensorflow") is None:
        with pytest.raises(BackendError, match="tensorflow"):
            warm.to_keras()
        pytest.skip("TensorFlow is not installed")
    command = [sys.executable, "-c", KERAS, str(saved), str(tmp_path / "kept.weights.h5")]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    values, by_name, slopes, trained, restored = map(float, lines[:5])
    assert max(values, by_name, restored) < 1e-12
    assert slopes < 1e-11
    assert trained == 1
    assert lines[5].split() == ["float64", str(warm.result["parameters"])]
    assert "save_weights" in lines[6]


# Films


def test_a_line_moves_over_time(warm: co.Solution, tmp_path: Path) -> None:
    warm.animate(tmp_path / "film.gif", seconds=1, frames=5)
    with Image.open(tmp_path / "film.gif") as film:
        assert (film.n_frames, film.size) == (5, (600, 360))
        assert film.info["duration"] == 200


def test_a_map_moves_and_a_held_coordinate_leaves_a_line(plate: co.Solution, tmp_path: Path) -> None:
    plate.animate(tmp_path / "map.gif", field="u", frames=3)
    plate.animate(tmp_path / "line.gif", frames=2, at={"y": 0.5})
    with Image.open(tmp_path / "map.gif") as film:
        assert film.n_frames == 3
    with Image.open(tmp_path / "line.gif") as film:
        assert film.n_frames == 2


def test_a_film_is_made_by_the_program_that_matplotlib_names(
    warm: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "own-ffmpeg"
    program.write_text('#!/bin/sh\nfor last; do :; done\nwc -c > "$last"\n')
    program.chmod(0o755)
    monkeypatch.setitem(rcParams, "animation.ffmpeg_path", str(program))
    warm.animate(tmp_path / "film.mp4", frames=3)
    assert int((tmp_path / "film.mp4").read_text()) == 3 * 600 * 360 * 4  # raw frames, four bytes a pixel


def test_films_that_cannot_be_made(
    warm: co.Solution, turning: co.Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rcParams, "animation.ffmpeg_path", "no-such-ffmpeg")
    with pytest.raises(StoreError, match=r"needs the program ffmpeg, and 'no-such-ffmpeg' .*write film\.gif"):
        warm.animate(tmp_path / "film.mp4")
    with pytest.raises(StoreError, match=r"ends in \.gif"):
        warm.animate(tmp_path / "film.avi")
    for options, said in [({"field": "w"}, "field is 'w'"), ({"frames": 1}, "frames"), ({"seconds": 0}, "seconds")]:
        with pytest.raises(StatementError, match=said):
            warm.animate(tmp_path / "film.gif", **options)
    with pytest.raises(StatementError, match="one or two coordinates of space"):
        turning.animate(tmp_path / "film.gif")
    with pytest.raises(StatementError, match="here it would be x"):
        warm.animate(tmp_path / "film.gif", at={"t": 0})


# Pages


class Page(HTMLParser):
    """Tags that are open, addresses, alternative texts and the text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.alternatives: list[str | None] = []
        self.identifiers: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.addresses += [value for name in ("src", "href") if (value := given.get(name))]
        self.identifiers += [value for name in ("id",) if (value := given.get(name))]
        if tag == "img":
            self.alternatives.append(given.get("alt"))
        if tag == "th":
            assert given.get("scope") in ("row", "col")
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += data


@pytest.fixture(scope="module")
def reported(plate: co.Solution, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    plate.report(path, verdict="do not trust: 1 < 2")
    return path.read_text(encoding="utf-8")


def test_a_report_is_one_page_that_loads_nothing(plate: co.Solution, reported: str) -> None:
    text = reported
    page = Page(text)
    assert page.open == []
    assert all(address.startswith(("data:image/png;base64,", "#")) for address in page.addresses)
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.identifiers)
    assert len(set(page.identifiers)) == len(page.identifiers)
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|url\(", re.sub(r"base64,[^\"]+", "", text))
    assert len(page.alternatives) == 3
    assert all(page.alternatives)
    assert "do not trust: 1 < 2" in page.text
    assert "<msub><mi>u</mi><mrow><mi>x</mi><mi>x</mi></mrow></msub>" in text
    assert "plate <of> heat" in page.text
    for choice in plate.plan.choices:
        assert choice.reason in page.text
    for said in ("held-out residual", "torch", plate.result["versions"]["torch"], "t = 0", "left, right, bottom, top"):
        assert said in page.text


def test_the_worst_place_is_the_worst(plate: co.Solution, reported: str) -> None:
    (worst,) = survey(plate)
    residual = flow.diff(t) - (flow.diff(x, 2) + flow.diff(y, 2)) / 10
    assert abs(plate.at(residual, **worst.place)) == pytest.approx(worst.largest, rel=1e-9)
    points = np.random.default_rng(1).random((3, 500)) * [[1], [2], [1]]
    elsewhere = np.abs(plate.at(residual, x=points[0], y=points[1], t=points[2]))
    assert elsewhere.max() <= worst.largest * 1.01
    assert np.sqrt(np.mean(elsewhere**2)) == pytest.approx(worst.root_mean_square, rel=0.3)
    assert f"is met worst at x = {worst.place['x']:.4g}" in reported


def test_a_card_for_notebooks_is_html(turning: co.Solution) -> None:
    text = turning._repr_html_()
    page = Page(text)
    assert page.open == []
    assert [address[:22] for address in page.addresses] == ["data:image/png;base64,"]
    assert text.count('<math style="margin:.5em 0" display="block">') == 2  # else they touch the line above
    assert text.count('<th scope="row" style="text-align:left">') == text.count("<th") > 3
    assert "held-out residual" in page.text
    assert "http" not in re.sub(r"base64,[^\"]+", "", text)


def test_piecewise_and_normals_are_typeset() -> None:
    text = mathematics(Piecewise((cosh(x), x < 1), (cos(x), True)) + co.normal(x))
    Page(text)
    assert "<msub><mi>n</mi><mi>x</mi></msub>" in text
    assert text.count("<mtr>") == 2
    assert "else" in text
