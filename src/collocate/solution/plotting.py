"""Pictures of a solution, from plain functions of arrays of any number of coordinates.

Figures are made without pyplot: nothing global changes, no window opens, and threads can draw.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.layout_engine import ConstrainedLayoutEngine

from collocate.errors import StatementError, StoreError
from collocate.solution import panels
from collocate.solution.blocks import Block, blocks
from collocate.solution.cuts import cuts, draw_cuts
from collocate.solution.measurements import Measured, draw_on_curve, draw_on_map
from collocate.solution.panels import Coordinate, Fields, History
from collocate.store import write_bytes_atomic

# Odd counts of the form 4 k + 1, so that the five slices fall on grid points.
CURVE_POINTS, SPACE_POINTS, TIME_POINTS, PLANE_POINTS = 801, 501, 201, 241
SLICES = 5
HISTORY_HEIGHT = 2.4
DPI = 150

Painter = Callable[[FigureBase], None]


def draw(
    fields: Fields,
    coordinates: Sequence[tuple[Any, ...]],
    references: Fields | None = None,
    *,
    measured: Measured | None = None,
    sees: Mapping[str, Sequence[str]] | None = None,
    at: Mapping[str, float] | None = None,
    history: History | None = None,
    title: str = "",
    path: str | os.PathLike[str] | None = None,
) -> Figure:
    """Draw each field over the coordinates' ranges, beside it its reference and the error where one is known.

    coordinates: (name, low, high, is_time, is_parameter) each; for a parameter three of its values are drawn.
    sees: {field: the coordinates that it depends on}, where those are not all. measured: drawn over their fields.
    A field takes {coordinate: array (n,)} and gives an array (n,); NaN is left blank (points outside the domain).
    `at` holds some coordinates fixed; of three and more that are left, planes are drawn (see `cuts`).
    `history` is {curve: (steps, values)} and adds a panel below. With `path` the figure is written there too, in the
    format that the name ends in.

    Raises StatementError where `at` names no coordinate or leaves none, StoreError for a `path` that cannot be written.
    """
    axes = [Coordinate(*coordinate) for coordinate in coordinates]
    fixed = read_fixed(axes, at)
    known = {name: references[name] for name in fields if references and name in references}
    drawn = blocks(Block(axes, fields, known, measured or {}), fixed, sees or {})
    if not drawn:
        raise StatementError("at= fixes every coordinate, so nothing is left to draw: leave one out")
    layouts = [_layout(block) for block in drawn]
    paints = [(height, paint) for (_, height), paint, _ in layouts]
    if history:
        paints.append((HISTORY_HEIGHT, lambda figure: panels.draw_history(figure.subplots(), history)))
    size = max(width for (width, _), _, _ in layouts), sum(height for height, _ in paints)
    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.09, h_pad=0.08), dpi=DPI)
    also = {name: value for _, _, held in layouts for name, value in held.items()}
    _entitle(figure, title, fixed | also)
    if len(paints) == 1:
        paints[0][1](figure)
    else:
        heights = [height for height, _ in paints]
        for part, (_, paint) in zip(
            figure.subfigures(len(paints), 1, squeeze=False, height_ratios=heights)[:, 0], paints, strict=True
        ):
            paint(part)
    if path is not None:
        save(figure, Path(path))
    return figure


def read_fixed(axes: Sequence[Coordinate], at: Mapping[str, float] | None) -> dict[str, float]:
    """`at` as numbers by name. Raises StatementError for what is no coordinate, no number or outside the range."""
    ranges = {axis.name: (axis.low, axis.high) for axis in axes}
    if at is not None and not isinstance(at, Mapping):
        raise StatementError(f"at= takes fixed coordinates, like {{{axes[-1].name!r}: 0.5}}; got {at!r}")
    fixed = {}
    for name, value in ((str(key), value) for key, value in (at or {}).items()):
        if name not in ranges:
            raise StatementError(f"at= names {name!r}; the coordinates are {', '.join(ranges)}")
        try:
            fixed[name] = float(value)
        except (TypeError, ValueError):
            raise StatementError(f"at= takes one number for {name}; got {value!r}") from None
        low, high = ranges[name]
        if not low <= fixed[name] <= high:
            raise StatementError(f"at= puts {name} at {fixed[name]:g}, outside the domain, [{low:g}, {high:g}]")
    return fixed


def _entitle(figure: Figure, title: str, fixed: Mapping[str, float]) -> None:
    said = [part for part in (panels.plain(title), panels.place(fixed)) if part]
    if said:
        figure.suptitle(", ".join(said), fontsize=11)


def _layout(block: Block) -> tuple[tuple[float, float], Painter, dict[str, float]]:
    """The width and height in inches, what draws it, and where it was cut besides what was asked."""
    axes, rows, compared = block.axes, len(block.fields), bool(block.references)
    if len(axes) == 1:
        portrait = axes[0].is_time and rows == 2
        size = (7.0 + (3.6 if portrait else 0.0), 4.8 if compared else 3.4)
        return size, lambda figure: _draw_curves(figure, block, portrait), {}
    if len(axes) > 2:
        planes, also = cuts(axes)
        tallest = max(shape(plane.across, plane.up) for plane in planes)
        size = (2.9 * len(planes) + 0.7, (rows + len(block.references)) * (2.2 * tallest + 0.75) + 0.3)
        return size, lambda figure: draw_cuts(figure, block, planes), also
    if any(axis.is_time for axis in axes):
        size = (4.0 * (3 if compared else 2) + 0.3, 3.0 * rows + 0.3)
        return size, lambda figure: _draw_space_time(figure, block), {}
    columns = 3 if compared else 1
    size = (3.7 * columns + 0.2, rows * (2.4 * shape(*axes) + 0.8) + 0.3)
    return size, lambda figure: _draw_plane(figure, block), {}


def shape(across: Coordinate, up: Coordinate) -> float:
    """Height over width, within what a page takes."""
    return min(max((up.high - up.low) / (across.high - across.low), 0.4), 1.8)


def _draw_curves(figure: FigureBase, block: Block, portrait: bool) -> None:
    """All fields over one coordinate in one panel; their errors below; beside them the path of two fields."""
    (axis,), fields, references = block.axes, block.fields, block.references
    points = np.linspace(axis.low, axis.high, CURVE_POINTS)
    values = {name: panels.on_line(field, {axis.name: points}) for name, field in fields.items()}
    exact = {name: panels.on_line(reference, {axis.name: points}) for name, reference in references.items()}
    grid = figure.add_gridspec(
        2 if references else 1,
        2 if portrait else 1,
        height_ratios=[2, 1] if references else [1],
        width_ratios=[2, 1] if portrait else [1],
    )
    upper = figure.add_subplot(grid[0, 0])
    lower = figure.add_subplot(grid[1, 0], sharex=upper) if references else upper
    for index, (name, line) in enumerate(values.items()):
        upper.plot(points, line, color=panels.curve_color(index), linewidth=1.8, label=panels.symbol(name))
        if name in exact:
            error = panels.shown_by_logarithm(np.abs(line - exact[name]))
            lower.semilogy(points, error, color=panels.curve_color(index), linewidth=1.2)
        if name in block.measured:
            draw_on_curve(upper, block.measured[name], axis, panels.curve_color(index))
    for line in exact.values():
        panels.draw_reference(upper, points, line)
    if len(fields) == 1:
        upper.set_ylabel(panels.symbol(next(iter(fields))))
    if len(fields) > 1 or references or block.measured:
        panels.legend_above(upper)
    if references:
        lower.set_ylabel("absolute error")
        panels.keep_decades(lower)
        upper.tick_params(labelbottom=False)
    for panel in dict.fromkeys((upper, lower)):
        panels.tidy(panel)
    lower.set_xlabel(panels.symbol(axis.name))
    lower.set_xlim(axis.low, axis.high)
    if portrait:
        _draw_portrait(figure.add_subplot(grid[:, 1]), values, exact)


def _draw_portrait(panel: Axes, values: Mapping[str, np.ndarray], exact: Mapping[str, np.ndarray]) -> None:
    """The second field over the first, with a dot at the start."""
    first, second = values
    panel.plot(values[first], values[second], color=panels.CURVE_COLORS[3], linewidth=1.6)
    panel.plot(values[first][:1], values[second][:1], "o", color=panels.CURVE_COLORS[3], markersize=5, label="start")
    if len(exact) == 2:
        panels.draw_reference(panel, exact[first], exact[second])
    panel.set_xlabel(panels.symbol(first))
    panel.set_ylabel(panels.symbol(second))
    panels.legend_above(panel)
    panels.tidy(panel)


def _draw_space_time(figure: FigureBase, block: Block) -> None:
    """A row for each field: over (time, space), slices at a few times, the error over (time, space)."""
    fields, references = block.fields, block.references
    time, space = sorted(block.axes, key=lambda axis: not axis.is_time)
    times = np.linspace(time.low, time.high, TIME_POINTS)
    places = np.linspace(space.low, space.high, SPACE_POINTS)
    rows = figure.subplots(len(fields), 3 if references else 2, squeeze=False)
    for row, (name, field) in zip(rows, fields.items(), strict=True):
        values = panels.on_grid(field, (time, times), (space, places))
        reference = panels.on_grid(references[name], (time, times), (space, places)) if name in references else None
        image = panels.draw_map(row[0], values, time, space, panels.symbol(name))
        for instant in times[_slices(times)][1:-1]:
            row[0].axvline(instant, color="white", linewidth=0.7, linestyle=":")
        if name in block.measured:
            draw_on_map(row[0], block.measured[name], time, space, image)
        _draw_measured_slices(row[1], block, name, time, space)
        _draw_slices(row[1], values, reference, (time, times), (space, places), name)
        if reference is not None:
            panels.draw_error(row[2], values - reference, time, space, panels.symbol(name))
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
    for index, color in zip(indices, _slice_colors(), strict=True):
        label = f"{panels.symbol(time.name)} = {times[index]:.3g}"
        panel.plot(places, values[index], color=color, linewidth=1.6, label=label)
    if reference is not None:
        for index in indices:
            panels.draw_reference(panel, places, reference[index])
    panel.set_xlabel(panels.symbol(space.name))
    panel.set_title(f"{panels.symbol(name)} at five times", fontsize=10)
    panel.set_xlim(space.low, space.high)
    panels.legend_beside(panel)
    panels.tidy(panel)


def _draw_measured_slices(panel: Axes, block: Block, name: str, time: Coordinate, space: Coordinate) -> None:
    """What was measured about the five times, in their colours."""
    if name in block.measured:
        for instant, color in zip(np.linspace(time.low, time.high, SLICES), _slice_colors(), strict=True):
            draw_on_curve(panel, block.measured[name].near({time.name: instant}, block.axes), space, color)


def _slice_colors() -> np.ndarray:
    return colormaps[panels.TIME_COLORS](np.linspace(0.0, 0.85, SLICES))


def _draw_plane(figure: FigureBase, block: Block) -> None:
    """A row for each field: the field, its reference and the error over the plane."""
    fields, references = block.fields, block.references
    grid = [(axis, np.linspace(axis.low, axis.high, PLANE_POINTS)) for axis in block.axes]
    first, second = block.axes
    rows = figure.subplots(len(fields), 3 if references else 1, squeeze=False)
    for row, (name, field) in zip(rows, fields.items(), strict=True):
        values = panels.on_grid(field, *grid)
        reference = panels.on_grid(references[name], *grid) if name in references else None
        norm = panels.value_norm(values, *([] if reference is None else [reference]))
        image = panels.draw_map(row[0], values, first, second, panels.symbol(name), norm)
        if name in block.measured:
            draw_on_map(row[0], block.measured[name], first, second, image)
        if reference is not None:
            panels.draw_map(row[1], reference, first, second, f"{panels.symbol(name)}, reference", norm)
            panels.draw_error(row[2], values - reference, first, second, panels.symbol(name))
        else:
            for panel in row[1:]:
                panel.set_axis_off()
        for panel in row:
            panel.set_aspect("equal")


def _slices(times: np.ndarray) -> np.ndarray:
    """Indices of the times that are drawn as curves."""
    return np.linspace(0, len(times) - 1, SLICES).astype(int)


def save(figure: Figure, path: Path) -> None:
    suffix = path.suffix.removeprefix(".") or "png"
    formats = figure.canvas.get_supported_filetypes()
    if suffix not in formats:
        raise StoreError(f"cannot write {path}: no picture format ends in '.{suffix}'; use one of {', '.join(formats)}")
    buffer = io.BytesIO()
    figure.savefig(buffer, format=suffix)
    write_bytes_atomic(path, buffer.getvalue())
