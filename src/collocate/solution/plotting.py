"""Pictures of a solution, from plain functions of arrays: one coordinate, one and time, or two.

Figures are made without pyplot: nothing global changes, no window opens, and threads can draw.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, FigureBase
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from ..errors import NotYetError, StoreError
from ..store import write_bytes_atomic

Field = Callable[[dict[str, np.ndarray]], np.ndarray]
Fields = Mapping[str, Field]
History = Mapping[str, tuple[Sequence[float], Sequence[float]]]

# Odd counts of the form 4 k + 1, so that the five slices fall on grid points.
CURVE_POINTS, SPACE_POINTS, TIME_POINTS, PLANE_POINTS = 801, 501, 201, 241
SLICES = 5
ERROR_DECADES = 4
VALUE_COLORS, ERROR_COLORS, TIME_COLORS = "viridis", "magma", "viridis"
CURVE_COLORS = ("#2a6f97", "#c8553d", "#588157", "#7b5ea7", "#b08900", "#4f5d75")
HISTORY_HEIGHT = 2.4
DPI = 150


class Coordinate(NamedTuple):
    name: str
    low: float
    high: float
    is_time: bool = False


def draw(
    fields: Fields,
    coordinates: Sequence[tuple[str, float, float, bool]],
    references: Fields | None = None,
    *,
    history: History | None = None,
    title: str = "",
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw each field over the coordinates' ranges, beside it its reference and the error where one is known.

    A field takes {coordinate: array (n,)} and gives an array (n,); NaN is left blank (points outside the domain).
    `history` is {curve: (steps, values)} and adds a panel below. With `path` the figure is written there too, in the
    format that the name ends in.

    Raises NotYetError for three coordinates or more, StoreError for a `path` that cannot be written.
    """
    axes = [Coordinate(*coordinate) for coordinate in coordinates]
    known = {name: references[name] for name in fields if references and name in references}
    (width, height), paint = _layout(axes, len(fields), bool(known))
    below = HISTORY_HEIGHT if history else 0.0
    figure = Figure(figsize=(width, height + below), layout=ConstrainedLayoutEngine(w_pad=0.09, h_pad=0.08), dpi=DPI)
    if title:
        figure.suptitle(_plain(title), fontsize=11)
    if history:
        halves = figure.subfigures(2, 1, squeeze=False, height_ratios=[height, below])[:, 0]
        paint(halves[0], fields, axes, known)
        _draw_history(halves[1].subplots(), history)
    else:
        paint(figure, fields, axes, known)
    if path is not None:
        _save(figure, Path(path))
    return figure


Painter = Callable[[FigureBase, Fields, list[Coordinate], Fields], None]


def _layout(axes: list[Coordinate], rows: int, compared: bool) -> tuple[tuple[float, float], Painter]:
    """The figure's width and height in inches, and what draws it."""
    if len(axes) == 1:
        return (7.0, 4.8 if compared else 3.4), _draw_curves
    if len(axes) > 2:
        names = ", ".join(axis.name for axis in axes)
        raise NotYetError(
            f"a figure shows one or two coordinates; this problem has {len(axes)} ({names}). "
            "Evaluate the solution on a cut and plot that: solution(x=…, y=…, t=0)"
        )
    if any(axis.is_time for axis in axes):
        return (4.0 * (3 if compared else 2) + 0.3, 3.0 * rows + 0.3), _draw_space_time
    columns = 3 if compared else 1
    shape = (axes[1].high - axes[1].low) / (axes[0].high - axes[0].low)
    return (3.7 * columns + 0.2, rows * (2.4 * min(max(shape, 0.4), 1.8) + 0.8) + 0.3), _draw_plane


def _draw_curves(figure: FigureBase, fields: Fields, axes: list[Coordinate], references: Fields) -> None:
    """All fields over one coordinate in one panel; their errors below."""
    (axis,) = axes
    points = np.linspace(axis.low, axis.high, CURVE_POINTS)
    heights = [2, 1] if references else [1]
    panels = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    exact = {name: _evaluate(reference, {axis.name: points}) for name, reference in references.items()}
    for index, (name, field) in enumerate(fields.items()):
        color = CURVE_COLORS[index % len(CURVE_COLORS)]
        values = _evaluate(field, {axis.name: points})
        panels[0].plot(points, values, color=color, linewidth=1.8, label=_symbol(name))
        if name in exact:
            error = np.abs(values - exact[name])
            panels[1].semilogy(points, _shown_by_logarithm(error), color=color, linewidth=1.2)
    for values in exact.values():
        _draw_reference(panels[0], points, values)
    if len(fields) == 1:
        panels[0].set_ylabel(_symbol(next(iter(fields))))
    if len(fields) > 1 or references:
        panels[0].legend(frameon=False, fontsize=9, ncols=6, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    if references:
        panels[1].set_ylabel("absolute error")
    for panel in panels:
        _tidy(panel)
    panels[-1].set_xlabel(_symbol(axis.name))
    panels[-1].set_xlim(axis.low, axis.high)


def _draw_space_time(figure: FigureBase, fields: Fields, axes: list[Coordinate], references: Fields) -> None:
    """A row for each field: over (time, space), slices at a few times, the error over (time, space)."""
    time, space = sorted(axes, key=lambda axis: not axis.is_time)
    times = np.linspace(time.low, time.high, TIME_POINTS)
    places = np.linspace(space.low, space.high, SPACE_POINTS)
    panels = figure.subplots(len(fields), 3 if references else 2, squeeze=False)
    for row, (name, field) in zip(panels, fields.items(), strict=True):
        values = _on_grid(field, (time, times), (space, places))
        reference = _on_grid(references[name], (time, times), (space, places)) if name in references else None
        _draw_map(row[0], values, time, space, _symbol(name))
        for instant in times[_slices(times)][1:-1]:
            row[0].axvline(instant, color="white", linewidth=0.7, linestyle=":")
        _draw_slices(row[1], values, reference, (time, times), (space, places), name)
        if reference is not None:
            _draw_error(row[2], values - reference, time, space, _symbol(name))
        elif references:
            row[2].set_axis_off()


def _draw_slices(
    panel: Axes,
    values: np.ndarray,
    reference: np.ndarray | None,
    timeline: tuple[Coordinate, np.ndarray],
    line: tuple[Coordinate, np.ndarray],
    name: str,
) -> None:
    (time, times), (space, places) = timeline, line
    indices = _slices(times)
    colors = colormaps[TIME_COLORS](np.linspace(0.0, 0.85, SLICES))
    for index, color in zip(indices, colors, strict=True):
        label = f"{_symbol(time.name)} = {times[index]:.3g}"
        panel.plot(places, values[index], color=color, linewidth=1.6, label=label)
    if reference is not None:
        for index in indices:
            _draw_reference(panel, places, reference[index])
    panel.set_xlabel(_symbol(space.name))
    panel.set_title(f"{_symbol(name)} at five times", fontsize=10)
    panel.set_xlim(space.low, space.high)
    panel.legend(framealpha=0.8, edgecolor="none", fontsize=7.5, handlelength=1.4)  # curves may pass below it
    _tidy(panel)


def _draw_plane(figure: FigureBase, fields: Fields, axes: list[Coordinate], references: Fields) -> None:
    """A row for each field: the field, its reference and the error over the plane."""
    grid = [(axis, np.linspace(axis.low, axis.high, PLANE_POINTS)) for axis in axes]
    first, second = axes
    panels = figure.subplots(len(fields), 3 if references else 1, squeeze=False)
    for row, (name, field) in zip(panels, fields.items(), strict=True):
        values = _on_grid(field, *grid)
        _draw_map(row[0], values, first, second, _symbol(name))
        if name in references:
            reference = _on_grid(references[name], *grid)
            _draw_map(row[1], reference, first, second, f"{_symbol(name)}, reference")
            _draw_error(row[2], values - reference, first, second, _symbol(name))
        else:
            for panel in row[1:]:
                panel.set_axis_off()
        for panel in row:
            panel.set_aspect("equal")


def _draw_map(panel: Axes, values: np.ndarray, across: Coordinate, up: Coordinate, title: str) -> None:
    image = panel.imshow(values.T, cmap=VALUE_COLORS, **_placed(across, up))
    _frame_map(panel, image, across, up, title)


def _draw_error(panel: Axes, error: np.ndarray, across: Coordinate, up: Coordinate, symbol: str) -> None:
    """|error| in logarithmic colour, over the decades below its largest value; exact zeros take the lowest colour."""
    size = np.abs(error)
    largest = float(np.nanmax(size, initial=0.0)) or np.finfo(float).eps
    smallest = largest * 10.0**-ERROR_DECADES
    norm = LogNorm(smallest, largest)
    image = panel.imshow(np.maximum(size, smallest).T, cmap=ERROR_COLORS, norm=norm, **_placed(across, up))
    _frame_map(panel, image, across, up, f"absolute error of {symbol}")


def _frame_map(panel: Axes, image: AxesImage, across: Coordinate, up: Coordinate, title: str) -> None:
    # The bar hangs on the panel itself, so that it stays as tall as the picture where the aspect is fixed.
    panel.figure.colorbar(image, cax=panel.inset_axes((1.03, 0.0, 0.045, 1.0)))
    panel.set_xlabel(_symbol(across.name))
    panel.set_ylabel(_symbol(up.name))
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    panel.set_title(title, fontsize=10)


def _draw_history(panel: Axes, history: History) -> None:
    for index, (name, (steps, values)) in enumerate(history.items()):
        color = CURVE_COLORS[index % len(CURVE_COLORS)]
        shown = _shown_by_logarithm(np.asarray(values, dtype=float))
        panel.semilogy(steps, shown, color=color, linewidth=1.3, label=_plain(name))
    panel.set_xlabel("step")
    panel.margins(x=0.01)
    panel.legend(frameon=False, fontsize=9)
    _tidy(panel)


def _draw_reference(panel: Axes, points: np.ndarray, values: np.ndarray) -> None:
    """Dashed over the solution; named once a panel."""
    named = any(line.get_label() == "reference" for line in panel.lines)
    label = "_nolegend_" if named else "reference"
    panel.plot(points, values, color="black", linewidth=0.9, dashes=(4, 3), label=label)


def _evaluate(field: Field, points: dict[str, np.ndarray]) -> np.ndarray:
    shape = next(iter(points.values())).shape
    return np.broadcast_to(np.asarray(field(points), dtype=float), shape)


def _on_grid(field: Field, *axes: tuple[Coordinate, np.ndarray]) -> np.ndarray:
    """Values on the tensor grid, shape (first axis, second axis)."""
    grid = np.meshgrid(*(values for _, values in axes), indexing="ij")
    points = {axis.name: array.ravel() for (axis, _), array in zip(axes, grid, strict=True)}
    return _evaluate(field, points).reshape(grid[0].shape)


def _placed(across: Coordinate, up: Coordinate) -> dict:
    extent = (across.low, across.high, up.low, up.high)
    return {"origin": "lower", "extent": extent, "aspect": "auto"}


def _slices(times: np.ndarray) -> np.ndarray:
    """Indices of the times that are drawn as curves."""
    return np.linspace(0, len(times) - 1, SLICES).astype(int)


def _shown_by_logarithm(values: np.ndarray) -> np.ndarray:
    """NaN in place of zeros and less: a gap, where a logarithm would fall out of the picture."""
    return np.where(values > 0, values, np.nan)


def _tidy(panel: Axes) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(True, color="0.9", linewidth=0.6)
    panel.set_axisbelow(True)


def _symbol(name: str) -> str:
    """A single letter in italics, as in print."""
    return f"${name}$" if len(name) == 1 and name.isalpha() else _plain(name)


def _plain(text: str) -> str:
    return text.replace("$", r"\$")


def _save(figure: Figure, path: Path) -> None:
    suffix = path.suffix.removeprefix(".") or "png"
    formats = figure.canvas.get_supported_filetypes()
    if suffix not in formats:
        raise StoreError(f"cannot write {path}: no picture format ends in '.{suffix}'; use one of {', '.join(formats)}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix)
    write_bytes_atomic(path, buffer.getvalue())
