"""The pictures of a report: fields, training, and where each equation is met worst."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from collocate.solution import figure as drawn
from collocate.solution import panels, plotting
from collocate.solution.cuts import Cut, cuts
from collocate.solution.grids import verification_points
from collocate.solution.measurements import measured
from collocate.solution.panels import Coordinate
from collocate.solution.residual_map import residual_map, residual_of, worst_place

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

CURVE_POINTS = 801
COLUMNS = 3
_RING: dict[str, Any] = {
    "marker": "o", "markersize": 11, "markerfacecolor": "none", "markeredgecolor": "#35e0ff", "markeredgewidth": 1.8,
    "clip_on": False, "zorder": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Worst:
    """How one equation is met on points that were not trained on: |left − right|, its root mean square, its largest."""

    equation: str
    scale: float
    root_mean_square: float
    largest: float
    place: dict[str, float]


def survey(solution: Solution) -> tuple[Worst, ...]:
    """Each equation over the verification points; the worst place is searched for between them."""
    problem = solution.problem
    points = verification_points(problem.domain)
    reached = ~solution.unsolved(points)
    scales = {term.name: term.scale for term in solution.plan.terms}
    found = []
    for name in (equation.name for equation in problem.equations):
        residual = residual_of(solution, name)
        sizes = np.abs(residual(points[reached]))
        mean, largest, worst = np.nan, np.nan, points[0]
        if len(sizes):
            mean = float(np.sqrt(np.mean(sizes**2)))
            largest, worst = worst_place(residual, problem.domain, points[reached], sizes)
        place = dict(zip(problem.domain.names, map(float, worst), strict=True))
        found.append(Worst(name, scales.get(name, 1.0), mean, largest, place))
    return tuple(found)


def _residuals(solution: Solution, points: np.ndarray) -> np.ndarray:
    """(n, equations) in the problem's order."""
    found = residual_map(solution, points)
    return np.stack([found[equation.name] for equation in solution.problem.equations], axis=1)


def of_fields(solution: Solution) -> Figure:
    """The fields beside their references, and the errors."""
    return plotting.draw(
        drawn.fields(solution),
        drawn.coordinates(solution),
        drawn.references(solution),
        measured=measured(solution),
        sees=solution.problem.sees,
    )


def of_training(solution: Solution) -> Figure | None:
    """Losses and errors over the steps; None where training made fewer than two records."""
    curves = drawn.history(solution)
    if not curves:
        return None
    figure = Figure(figsize=(8.0, 3.0), layout="constrained", dpi=plotting.DPI)
    panels.draw_history(figure.subplots(), curves)
    return figure


def of_residuals(solution: Solution, worst: tuple[Worst, ...]) -> Figure:
    """|left − right| of each equation, a row each, with a ring around the worst place."""
    axes = [Coordinate(*coordinate) for coordinate in drawn.coordinates(solution)]
    together = drawn.Together(solution, lambda points: _residuals(solution, points))
    if sum(not axis.is_parameter for axis in axes) == 1:
        return _curves(together, axes, worst)
    planes = [_planes(axes, one.place) for one in worst]
    columns = len(planes[0]) if len(planes[0]) > 1 else min(len(worst), COLUMNS)
    rows = len(worst) if len(planes[0]) > 1 else -(-len(worst) // columns)
    tallest = max(_shape(cut) for row in planes for cut in row)
    size = (3.6 * columns + 0.9, rows * (2.7 * tallest + 0.8) + 0.2)
    figure = Figure(figsize=size, layout="constrained", dpi=plotting.DPI)
    free = iter(figure.subplots(rows, columns, squeeze=False).ravel())
    for number, (row, one) in enumerate(zip(planes, worst, strict=True)):
        values = np.stack([np.abs(cut.values(together.column(number))) for cut in row])
        norm = panels.error_norm(values)
        for shown, cut in zip(values, row, strict=True):
            panel = next(free)
            image = panels.draw_image(panel, shown, cut.across, cut.up, norm)
            panels.frame(panel, cut.across, cut.up, ", ".join(filter(None, (one.equation, cut.label))))
            if not cut.across.is_time:
                panel.set_aspect("equal")
            panel.plot(one.place[cut.across.name], one.place[cut.up.name], **_RING)
            if cut is row[-1]:
                panels.add_bar(panel, image)
    for panel in free:
        panel.set_axis_off()
    return figure


def _shape(cut: Cut) -> float:
    """Height over width: of a plane in space as it is."""
    return 0.8 if cut.across.is_time else plotting.shape(cut.across, cut.up)


def _planes(axes: list[Coordinate], place: dict[str, float]) -> list[Cut]:
    """The planes through one place: one in two coordinates, three in more; parameters are held."""
    shown = [axis for axis in axes if not axis.is_parameter]
    if len(shown) == 2:
        across, up = sorted(shown, key=lambda axis: not axis.is_time)
        fixed = {axis.name: place[axis.name] for axis in axes if axis.is_parameter}
        return [Cut(across, up, fixed, panels.place(fixed))]
    still = [axis._replace(is_time=False) for axis in shown]  # time is a coordinate like others here
    found = []
    for cut in cuts(still)[0]:
        fixed = {axis.name: place[axis.name] for axis in axes if axis.name not in (cut.across.name, cut.up.name)}
        found.append(Cut(cut.across, cut.up, fixed, panels.place(fixed)))
    return found


def _curves(together: drawn.Together, axes: list[Coordinate], worst: tuple[Worst, ...]) -> Figure:
    """|left − right| of all equations over one coordinate, parameters held where each is met worst."""
    (axis,) = (each for each in axes if not each.is_parameter)
    figure = Figure(figsize=(8.0, 3.2), layout="constrained", dpi=plotting.DPI)
    panel = figure.subplots()
    points = np.linspace(axis.low, axis.high, CURVE_POINTS)
    for number, one in enumerate(worst):
        held = {each.name: np.full(len(points), one.place[each.name]) for each in axes if each.is_parameter}
        values = np.abs(together.values({axis.name: points, **held})[:, number])
        color = panels.curve_color(number)
        panel.semilogy(points, panels.shown_by_logarithm(values), color=color, linewidth=1.2, label=one.equation)
        panel.plot(
            [one.place[axis.name]], [one.largest], "o", markersize=9, markerfacecolor="none", color=color, clip_on=False
        )
    panel.set_xlabel(panels.symbol(axis.name))
    panel.set_ylabel("|left − right|")
    panel.set_xlim(axis.low, axis.high)
    panels.legend_above(panel)
    panels.tidy(panel)
    return figure


def embedded(figure: Figure, dpi: int) -> str:
    """The figure as a PNG in a data address, for an <img>."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
