"""A solution over time as a film."""

from __future__ import annotations

import numbers
import tempfile
from collections.abc import Callable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.animation import FFMpegWriter, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from collocate.errors import StatementError, StoreError
from collocate.solution import figure as pictures
from collocate.solution import panels
from collocate.solution.blocks import Block, by_parameters
from collocate.solution.measurements import draw_on_curve, draw_on_map, measured
from collocate.solution.panels import Coordinate
from collocate.solution.plotting import read_fixed
from collocate.store import write_bytes_atomic

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

LINE_POINTS, PLANE_POINTS = 401, 121
# An even number of pixels, which H.264 needs.
HEIGHT, WIDTH, DPI = 3.6, 6.0, 100

Update = Callable[[int], None]


def animate(
    solution: Solution, path: Any, field: str | None, seconds: float, frames: int, at: Mapping[str, float] | None
) -> None:
    """See `Solution.animate`."""
    path = Path(path)
    _check(solution, field, seconds, frames)
    kind = _writer(path)
    axes = [Coordinate(*coordinate) for coordinate in pictures.coordinates(solution)]
    fixed = read_fixed(axes, at)
    space = [axis for axis in axes if axis.name not in fixed and not axis.is_time and not axis.is_parameter]
    time = next((axis for axis in axes if axis.is_time and axis.name not in fixed), None)
    if time is None or len(space) not in (1, 2):
        left = ", ".join(axis.name for axis in axes if axis.name not in fixed)
        raise StatementError(
            f"a film shows time and one or two coordinates of space; here it would be {left}. "
            "Hold others fixed by at={…}, or draw the solution by plot()"
        )
    chosen = [field] if field else list(solution.problem.field_names)
    whole = Block(axes, pictures.fields(solution), pictures.references(solution), measured(solution))
    block = by_parameters(whole.of(chosen, axes).at(fixed))
    times = np.linspace(time.low, time.high, frames)
    figure, update = (_lines if len(space) == 1 else _maps)(block, (time, times), space)
    said = [part for part in (panels.plain(solution.problem.name or ""), panels.place(fixed)) if part]
    # At the left, so that the title does not jitter as its digits change.
    title = figure.suptitle("", fontsize=11, x=0.02, ha="left")

    def show(frame: int) -> None:
        update(frame)
        title.set_text(", ".join([*said, f"{panels.symbol(time.name)} = {times[frame]:.3f}"]))

    _write(figure, show, frames, kind(fps=frames / seconds), path)


def _check(solution: Solution, field: Any, seconds: Any, frames: Any) -> None:
    names = solution.problem.field_names
    if field is not None and field not in names:
        raise StatementError(f"field is {field!r}; the problem has {', '.join(names)}")
    if not isinstance(frames, numbers.Integral) or not 2 <= int(frames) <= 10_000:
        raise StatementError(f"frames must be a whole number from 2 to 10000; got {frames!r}")
    if not isinstance(seconds, numbers.Real) or not 0 < float(seconds) < float("inf"):
        raise StatementError(f"seconds must be a positive number; got {seconds!r}")


def _writer(path: Path) -> Callable[..., Any]:
    """What writes the format. Raises StoreError where there is none, saying how to mend it."""
    suffix = path.suffix.lower()
    if suffix == ".gif":
        return PillowWriter
    if suffix != ".mp4":
        raise StoreError(f"cannot write {path}: a film ends in .gif, or in .mp4 where ffmpeg is installed")
    if not FFMpegWriter.isAvailable():
        raise StoreError(
            f"cannot write {path}: .mp4 needs the program ffmpeg, and {FFMpegWriter.bin_path()!r} is not found. "
            "Install it (apt, brew or winget install ffmpeg; or pip install imageio-ffmpeg and "
            "matplotlib.rcParams['animation.ffmpeg_path'] = imageio_ffmpeg.get_ffmpeg_exe()), or write "
            f"{path.with_suffix('.gif').name}"
        )
    return FFMpegWriter


def _lines(block: Block, timeline: tuple[Coordinate, np.ndarray], space: list[Coordinate]) -> tuple[Figure, Update]:
    """Fields as lines in one panel, references dashed, measurements as circles about their time."""
    (time, times), (axis,) = timeline, space
    fields, references = block.fields, block.references
    places = np.linspace(axis.low, axis.high, LINE_POINTS)
    grids = {name: panels.on_grid(field, (time, times), (axis, places)) for name, field in fields.items()}
    truths = {name: panels.on_grid(field, (time, times), (axis, places)) for name, field in references.items()}
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained", dpi=DPI)
    panel = figure.subplots()
    moving = []
    for index, (name, values) in enumerate(grids.items()):
        color, label = panels.curve_color(index), panels.symbol(name)
        moving += [(panel.plot(places, values[0], color=color, linewidth=1.8, label=label)[0], values)]
    for values in truths.values():
        panels.draw_reference(panel, places, values[0])
        moving += [(panel.lines[-1], values)]
    low, high = panels.extent(np.concatenate([each.ravel() for each in (*grids.values(), *truths.values())]))
    for each in block.measured.values():
        low, high = min(low, float(each.values.min(initial=low))), max(high, float(each.values.max(initial=high)))
    margin = 0.06 * (high - low) or 1.0
    panel.set(xlim=(axis.low, axis.high), ylim=(low - margin, high + margin))
    panel.set_xlabel(panels.symbol(axis.name))
    if len(moving) > 1:
        panels.legend_above(panel)
    else:
        panel.set_ylabel(panels.symbol(next(iter(fields))))
    panels.tidy(panel)
    circles: list[Any] = []

    def update(frame: int) -> None:
        for line, values in moving:
            line.set_ydata(values[frame])
        _remove(circles)
        for index, name in enumerate(fields):
            if name in block.measured:
                near = block.measured[name].near({time.name: times[frame]}, block.axes)
                circles.extend(draw_on_curve(panel, near, axis, panels.curve_color(index)))

    return figure, update


def _maps(block: Block, timeline: tuple[Coordinate, np.ndarray], space: list[Coordinate]) -> tuple[Figure, Update]:
    """Fields as maps side by side, below each its reference; colours are the same at all times."""
    (time, times), (across, up) = timeline, space
    fields, references = block.fields, block.references
    lines = [(axis, np.linspace(axis.low, axis.high, PLANE_POINTS)) for axis in space]
    rows = [("", fields)] + ([(", reference", references)] if references else [])
    figure = Figure(figsize=(4.0 * len(fields), HEIGHT * len(rows)), layout="constrained", dpi=DPI)
    grid = figure.subplots(len(rows), len(fields), squeeze=False)
    moving = []
    for column, name in enumerate(fields):
        films = [
            np.stack([panels.on_grid(known[name], *lines, **{time.name: instant}) for instant in times])
            for _, known in rows
            if name in known
        ]
        norm = panels.value_norm(*films)
        for (remark, known), film, panel in zip_longest(rows, films, grid[:, column]):
            if film is None:
                panel.set_axis_off()
                continue
            image = panels.draw_image(panel, film[0], across, up, norm)
            panels.frame(panel, across, up, panels.symbol(name) + remark)
            panels.add_bar(panel, image)
            panel.set_aspect("equal")
            moving.append((name if known is fields else "", image, film))
    dots: list[Any] = []

    def update(frame: int) -> None:
        _remove(dots)
        for name, image, film in moving:
            image.set_data(film[frame].T)
            if name in block.measured:
                near = block.measured[name].near({time.name: times[frame]}, block.axes)
                dots.append(draw_on_map(image.axes, near, across, up, image))

    return figure, update


def _remove(drawn: list[Any]) -> None:
    """Takes what the last frame drew off the figure."""
    for each in drawn:
        each.remove()
    drawn.clear()


def _write(figure: Figure, show: Update, frames: int, writer: Any, path: Path) -> None:
    FigureCanvasAgg(figure)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        with writer.saving(figure, str(made), DPI):
            for frame in range(frames):
                show(frame)
                writer.grab_frame()
        write_bytes_atomic(path, made.read_bytes())
