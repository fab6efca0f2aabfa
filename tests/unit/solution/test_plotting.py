"""Figures have the panels that the problem asks for, hold the numbers that were given, and touch nothing global."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from collocate.errors import StatementError, StoreError
from collocate.solution.animation import _maps
from collocate.solution.blocks import Block
from collocate.solution.measurements import Measurements
from collocate.solution.panels import CURVE_DECADES, ERROR_DECADES, Coordinate
from collocate.solution.plotting import PLANE_POINTS, SPACE_POINTS, TIME_POINTS, draw

X, Y, T = ("x", -1.0, 1.0, False), ("y", 0.0, 3.0, False), ("t", 0.0, 2.0, True)
Points = dict[str, np.ndarray]


def wave(points: Points) -> np.ndarray:
    return np.sin(points["x"] - points["t"])


def shifted(points: Points) -> np.ndarray:
    return wave(points) + 1e-3 * points["t"]


def labels(figure: Figure) -> list[tuple[str, str, str]]:
    return [(panel.get_title(), panel.get_xlabel(), panel.get_ylabel()) for panel in figure.axes]


def numbers(figure: Figure) -> list[np.ndarray]:
    images = [image.get_array() for panel in figure.axes for image in panel.images]
    curves = [line.get_ydata() for panel in figure.axes for line in panel.lines]
    return [np.ma.filled(np.ma.asarray(array, float), np.nan) for array in (*images, *curves)]


def test_space_and_time_with_a_reference():
    figure = draw({"u": shifted}, [X, T], {"u": wave})
    assert labels(figure) == [
        ("$u$", "$t$", "$x$"),
        ("$u$ at five times", "$x$", ""),
        ("absolute error of $u$", "$t$", "$x$"),
    ]
    field, slices, error = figure.axes
    assert field.images[0].get_array().shape == (SPACE_POINTS, TIME_POINTS)
    assert field.images[0].get_extent() == [0.0, 2.0, -1.0, 1.0]
    assert [line.get_label() for line in slices.lines[:6]] == [
        *(f"$t$ = {time}" for time in ("0", "0.5", "1", "1.5", "2")), "reference",
    ]  # fmt: skip
    places = np.linspace(-1, 1, SPACE_POINTS)
    np.testing.assert_allclose(slices.lines[1].get_ydata(), np.sin(places - 0.5) + 5e-4)
    np.testing.assert_allclose(slices.lines[6].get_ydata(), np.sin(places - 0.5))
    norm = error.images[0].norm
    assert isinstance(norm, LogNorm)
    assert norm.vmax == pytest.approx(2e-3)
    assert norm.vmin == pytest.approx(2e-3 * 10.0**-ERROR_DECADES)
    assert all(np.isfinite(array).all() for array in numbers(figure))


def test_the_order_of_coordinates_does_not_matter():
    def field_of(figure: Figure) -> np.ndarray:
        return figure.axes[0].images[0].get_array()

    assert np.array_equal(field_of(draw({"u": wave}, [T, X])), field_of(draw({"u": wave}, [X, T])))


def test_a_plane_with_several_fields_and_a_reference_for_one():
    fields = {"u": lambda p: p["x"] + 10 * p["y"], "v": lambda p: p["x"] * p["y"]}
    figure = draw(fields, [X, Y], {"u": lambda p: p["x"]})
    drawn = [panel for panel in figure.axes if panel.axison and panel.get_title()]
    assert [panel.get_title() for panel in drawn] == ["$u$", "$u$, reference", "absolute error of $u$", "$v$"]
    assert all(panel.get_aspect() == 1 for panel in drawn)
    values = drawn[0].images[0].get_array()
    assert values.shape == (PLANE_POINTS, PLANE_POINTS)
    assert (values[0, 0], values[0, -1], values[-1, 0]) == (-1, 1, 29)  # rows go up with y, columns across with x


def test_a_system_over_time_shares_one_panel():
    fields = {"prey": lambda p: 2 + np.sin(p["t"]), "predator": lambda p: 1 + np.cos(p["t"])}
    exact = {name: (lambda p, f=f: f(p) + 1e-6) for name, f in fields.items()}
    figure = draw(fields, [T], exact)
    curves, errors, portrait = figure.axes
    assert [line.get_label() for line in curves.lines] == ["prey", "predator", "reference", "_nolegend_"]
    assert errors.get_yscale() == "log"
    assert len(errors.lines) == 2
    np.testing.assert_allclose(errors.lines[0].get_ydata(), 1e-6, rtol=1e-6)
    assert (portrait.get_xlabel(), portrait.get_ylabel()) == ("prey", "predator")
    path, start, reference = portrait.lines
    assert np.hypot(path.get_xdata() - 2, path.get_ydata() - 1) == pytest.approx(1.0)
    assert (start.get_xdata()[0], start.get_ydata()[0]) == (2.0, 2.0)
    assert reference.get_label() == "reference"


def test_a_curve_without_a_reference_is_one_panel():
    figure = draw({"u": lambda p: p["x"] ** 2}, [X])
    assert labels(figure) == [("", "$x$", "$u$")]


@pytest.mark.parametrize("coordinates", [[X], [X, T], [X, Y]])
def test_no_error_at_all_can_be_drawn(coordinates: list, tmp_path: Path):
    def constant(points: Points) -> np.ndarray:
        return np.ones_like(points["x"])

    draw({"u": constant}, coordinates, {"u": constant}, path=tmp_path / "f.png")


def test_points_outside_the_domain_stay_blank(tmp_path: Path):
    def disk(points: Points) -> np.ndarray:
        return np.where(points["x"] ** 2 + (points["y"] - 1.5) ** 2 < 1, 1.0, np.nan)

    figure = draw({"u": disk}, [X, Y], {"u": lambda p: 0.0}, path=tmp_path / "f.png")
    error = figure.axes[2].images[0]
    assert error.norm.vmax == 1.0
    assert np.ma.getmaskarray(np.ma.masked_invalid(error.get_array())).any()


def test_history_is_a_panel_below():
    history = {"loss": ([0, 1, 2], [1.0, 0.0, 1e-3]), "held-out residual": ([0, 2], [1.0, 1e-2])}
    panel = draw({"u": lambda p: p["x"]}, [X], history=history).axes[-1]
    assert (panel.get_xlabel(), panel.get_yscale()) == ("step", "log")
    assert [line.get_label() for line in panel.lines] == list(history)
    np.testing.assert_array_equal(panel.lines[0].get_ydata(), [1.0, np.nan, 1e-3])


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_the_format_is_that_of_the_name(tmp_path: Path, suffix: str, magic: bytes):
    path = tmp_path / "out" / f"figure.{suffix}"
    draw({"cost_in_$": lambda p: p["x"]}, [X], title="in $", path=path)
    assert path.read_bytes().startswith(magic)


def test_an_unknown_format_is_named(tmp_path: Path):
    with pytest.raises(StoreError, match=r"ends in '\.xyz'; use one of .*png"):
        draw({"u": lambda p: p["x"]}, [X], path=tmp_path / "figure.xyz")


Z = ("z", 0.0, 1.0, False)


def sum_of(points: Points) -> np.ndarray:
    return sum(points.values())


def shown(figure: Figure) -> list[str]:
    return [panel.get_title() for panel in figure.axes if panel.get_title()]


def test_a_box_is_cut_through_its_middle_three_times():
    figure = draw({"u": sum_of}, [X, Y, Z], {"u": lambda p: sum_of(p) + 1e-3})
    fields, errors = shown(figure)[:3], shown(figure)[3:]
    assert fields == ["$u$, $z$ = 0.5", "$u$, $y$ = 1.5", "$u$, $x$ = 0"]
    assert errors == [f"error of {title}" for title in fields]
    first, second, third = (panel.images[0] for panel in figure.axes[:3])
    assert (first.get_array()[0, 0], first.get_array()[-1, -1]) == (-1 + 0 + 0.5, 1 + 3 + 0.5)
    assert (third.get_array()[0, 0], third.get_array()[-1, -1]) == (0, 4)
    assert first.norm is second.norm is third.norm
    assert figure.axes[3].images[0].norm.vmax == pytest.approx(1e-3)


def test_a_plane_over_time_is_a_row_of_instants():
    figure = draw({"u": sum_of}, [X, T, Y])
    assert shown(figure) == [f"$u$, $t$ = {at}" for at in ("0", "0.667", "1.33", "2")]
    assert figure.axes[3].images[0].get_array()[0, 0] == pytest.approx(-1 + 0 + 2)


def test_further_coordinates_are_held_and_named():
    figure = draw({"u": sum_of}, [X, Y, Z, ("w", 0.0, 8.0, False), T], title="five")
    assert figure.get_suptitle() == "five, $w$ = 4, $t$ = 2"
    assert figure.axes[0].images[0].get_array()[0, 0] == pytest.approx(-1 + 0 + 0.5 + 4 + 2)


def test_a_coordinate_that_is_held_leaves_a_figure_of_the_others():
    figure = draw({"u": sum_of}, [X, Y, T], at={"y": 2})
    assert (shown(figure), figure.get_suptitle()) == (["$u$", "$u$ at five times"], "$y$ = 2")
    assert figure.axes[0].images[0].get_array()[0, 0] == pytest.approx(-1 + 2 + 0)
    assert labels(draw({"u": sum_of}, [X, Y], at={"x": 0.5})) == [("", "$y$", "$u$")]


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ({"w": 1}, "'w'; the coordinates are x, y"),
        ({"x": 2}, r"x at 2, outside the domain, \[-1, 1\]"),
        ({"x": "left"}, "one number for x; got 'left'"),
        ({"x": 0, "y": 0}, "nothing is left to draw"),
        (0.5, "takes fixed coordinates"),
    ],
)
def test_places_that_cannot_be_held(at: object, said: str):
    with pytest.raises(StatementError, match=said):
        draw({"u": sum_of}, [X, Y], at=at)


def test_pyplot_is_not_loaded():
    code = "import sys, collocate.solution.plotting; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_legend_lies_over_what_is_drawn():
    history = {f"relative error of field {k}": ([0, 1, 2], [1.0, 0.1, 1e-3]) for k in range(5)}
    fields = {f"w{k}": (lambda points, k=k: np.sin(k + sum_of(points))) for k in range(3)}
    for coordinates in ([X], [X, T], [T], [X, Y]):
        figure = draw(fields, coordinates, {"w1": sum_of}, history=history)
        figure.canvas.draw()
        legends = [(panel, panel.get_legend()) for panel in figure.axes if panel.get_legend()]
        assert legends
        for panel, legend in legends:
            taken, inside = legend.get_window_extent(), panel.get_window_extent()
            assert not taken.padded(-2).overlaps(inside), (coordinates, panel.get_title())
            assert figure.bbox.padded(2).containsx(taken.x0) and figure.bbox.padded(2).containsx(taken.x1)


def test_a_field_and_its_reference_are_of_one_range():
    figure = draw({"u": lambda p: p["x"]}, [X, Y], {"u": lambda p: p["y"]})
    field, reference = (panel.images[0] for panel in figure.axes[:2])
    assert field.norm is reference.norm
    assert (field.norm.vmin, field.norm.vmax) == (-1, 3)


def test_the_frames_of_a_film_and_of_its_reference_are_of_one_range():
    axes = [Coordinate(*each) for each in (X, Y, T)]
    known = Block(axes, {"u": lambda p: p["x"] * p["t"], "v": sum_of}, {"v": lambda p: 10 * p["t"]})
    figure, _ = _maps(known, (axes[2], np.linspace(0, 2, 3)), axes[:2])
    ranges = {
        panel.get_title(): (panel.images[0].norm.vmin, panel.images[0].norm.vmax)
        for panel in figure.axes
        if panel.axison and panel.images
    }
    assert ranges == {"$u$": (-2, 2), "$v$": (-1, 20), "$v$, reference": (-1, 20)}


def test_an_error_that_falls_to_rounding_leaves_the_rest_in_sight():
    figure = draw({"u": lambda p: 1 - p["x"] ** 2 + 1e-16}, [X], {"u": lambda p: np.zeros_like(p["x"])})
    low, high = figure.axes[1].get_ylim()
    assert low == pytest.approx(high * 10.0**-CURVE_DECADES)


def test_many_dots_are_small():
    def area(count: int) -> float:
        places = {"x": np.linspace(-1, 1, count), "y": np.linspace(0, 3, count)}
        given = Measurements(places, np.zeros(count), None)
        return float(draw({"u": sum_of}, [X, Y], measured={"u": given}).axes[0].collections[0].get_sizes()[0])

    assert area(9) == area(100) == pytest.approx(10 * area(1000))
