"""What is measured lies over its field, parameters are a few curves, and a field has only its own coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from collocate.solution.measurements import LABEL, NEAR, Measurements
from collocate.solution.plotting import draw

X, Y, T, NU = ("x", -1.0, 1.0), ("y", 0.0, 3.0), ("t", 0.0, 2.0, True), ("nu", 0.1, 0.3, False, True)
Points = dict[str, np.ndarray]


def total(points: Points) -> np.ndarray:
    return sum(points.values())


def seen(count: int = 9, sigma: float | None = 0.1, **columns: np.ndarray) -> Measurements:
    return Measurements(columns, np.linspace(0, 1, count), None if sigma is None else np.full(count, sigma))


def circles(panel: Axes) -> list[np.ndarray]:
    """The (n, 2) places of each set of circles."""
    return [np.array(line.get_xydata()) for line in panel.lines if line.get_marker() == "o"]


def titles(figure: Figure) -> list[str]:
    return [panel.get_title() for panel in figure.axes if panel.get_title()]


def test_circles_with_bars_over_a_curve() -> None:
    places = np.linspace(-1, 1, 9)
    panel = draw({"u": total}, [X], measured={"u": seen(x=places)}).axes[0]
    np.testing.assert_array_equal(circles(panel), [np.stack([places, np.linspace(0, 1, 9)], axis=1)])
    (bars,) = panel.collections
    assert [np.ptp(segment[:, 1]) for segment in bars.get_segments()] == pytest.approx([0.2] * 9)
    assert [text.get_text() for text in panel.get_legend().get_texts()] == ["$u$", LABEL]
    alone = draw({"u": total}, [X], measured={"u": seen(x=places, sigma=None)}).axes[0]
    assert not alone.collections


def test_dots_in_the_colours_of_the_map() -> None:
    given = seen(x=np.linspace(-1, 1, 9), y=np.linspace(0, 3, 9))
    panel = draw({"u": total, "v": total}, [X, Y], measured={"v": given}).axes
    assert not panel[0].collections
    (dots,) = panel[1].collections
    np.testing.assert_array_equal(
        dots.get_offsets(), np.stack([given.coordinates["x"], given.coordinates["y"]], axis=1)
    )
    assert dots.norm is panel[1].images[0].norm
    assert (panel[1].get_xlim(), panel[1].get_ylim()) == ((-1, 1), (0, 3))


def test_over_time_measurements_lie_on_the_map_and_about_the_slices() -> None:
    times = np.array([0, 0.01, 0.2, 0.5, 1, 1.03, 1.2, 1.99, 2])
    given = seen(x=np.linspace(-1, 1, 9), t=times)
    field, slices = draw({"u": total}, [X, T], measured={"u": given}).axes[:2]
    assert len(field.collections[0].get_offsets()) == 9
    instants = np.linspace(0, 2, 5)
    near = [np.flatnonzero(np.abs(times - instant) <= NEAR * 2) for instant in instants]
    assert [len(each) for each in near] == [2, 1, 2, 0, 2]
    drawn = circles(slices)
    assert [list(each[:, 1]) for each in drawn] == [list(given.values[index]) for index in near if len(index)]


def test_on_planes_and_held_coordinates_only_what_is_near() -> None:
    given = seen(x=np.zeros(9), y=np.linspace(0, 3, 9), t=np.linspace(0, 2, 9))
    figure = draw({"u": total}, [X, Y, T], measured={"u": given})
    assert [len(panel.collections[0].get_offsets()) for panel in figure.axes[:4]] == [1, 0, 0, 1]
    (held,) = circles(draw({"u": total}, [X, Y, T], measured={"u": given}, at={"t": 1, "x": 0.01}).axes[0])
    assert held.tolist() == [[1.5, 0.5]]


def test_a_parameter_is_three_curves() -> None:
    figure = draw({"u": total}, [X, NU], {"u": lambda p: total(p) + 1e-3})
    curves, errors = figure.axes
    assert [line.get_label() for line in curves.lines[:4]] == [
        "$u$, nu = 0.1",
        "$u$, nu = 0.2",
        "$u$, nu = 0.3",
        "reference",
    ]
    assert [line.get_ydata()[0] for line in curves.lines[:3]] == pytest.approx([-0.9, -0.8, -0.7])
    np.testing.assert_allclose(np.stack([line.get_ydata() for line in errors.lines]), 1e-3)
    assert titles(draw({"u": total}, [X, Y, NU])) == ["$u$, nu = 0.1", "$u$, nu = 0.2", "$u$, nu = 0.3"]
    assert titles(draw({"u": total}, [X, Y, NU], at={"nu": 0.15})) == ["$u$"]
    alone = draw({"u": total}, [X, NU], at={"x": 0.5}).axes[0]
    assert (alone.get_xlabel(), alone.lines[0].get_ydata()[-1]) == ("nu", 0.8)


def test_a_field_is_drawn_over_its_own_coordinates() -> None:
    asked: set[str] = set()

    def conductivity(points: Points) -> np.ndarray:
        asked.update(points)
        return points["x"] ** 2

    fields, sees = {"k": conductivity, "u": total}, {"k": ("x",), "u": ("x", "t")}
    figure = draw(fields, [X, T], sees=sees)
    assert titles(figure) == ["$u$", "$u$ at five times"]
    last = figure.axes[-1]
    assert (last.get_xlabel(), last.get_ylabel(), asked) == ("$x$", "$k$", {"x"})
    assert [panel.get_ylabel() for panel in draw(fields, [X, T], sees=sees, at={"x": 0.5}).axes] == ["$u$"]
