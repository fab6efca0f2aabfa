"""What the figures of a solution are made of: curves, maps, error maps, and how they are labelled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

Field = Callable[[dict[str, np.ndarray]], np.ndarray]
Fields = Mapping[str, Field]
History = Mapping[str, tuple[Sequence[float], Sequence[float]]]

ERROR_DECADES, CURVE_DECADES = 4, 8
VALUE_COLORS, ERROR_COLORS, TIME_COLORS = "viridis", "magma", "viridis"
CURVE_COLORS = ("#2a6f97", "#c8553d", "#588157", "#7b5ea7", "#b08900", "#4f5d75")


class Coordinate(NamedTuple):
    name: str
    low: float
    high: float
    is_time: bool = False
    is_parameter: bool = False


def draw_map(
    panel: Axes, values: np.ndarray, across: Coordinate, up: Coordinate, title: str, norm: Normalize | None = None
) -> AxesImage:
    """Values (across, up) in colour, with a bar; `norm`: the range, where it is that of other maps too."""
    image = draw_image(panel, values, across, up, norm)
    frame(panel, across, up, title)
    add_bar(panel, image)
    return image


def draw_error(panel: Axes, error: np.ndarray, across: Coordinate, up: Coordinate, symbol: str) -> None:
    """|error| in logarithmic colour, with a bar."""
    image = draw_image(panel, np.abs(error), across, up, norm=error_norm(error))
    frame(panel, across, up, f"absolute error of {symbol}")
    add_bar(panel, image)


def draw_image(
    panel: Axes, values: np.ndarray, across: Coordinate, up: Coordinate, norm: Normalize | None
) -> AxesImage:
    """Values (across, up) as a picture; by a logarithmic `norm`, what is below its range takes the lowest colour."""
    logarithmic = isinstance(norm, LogNorm)
    shown = np.maximum(values, norm.vmin or 0.0) if norm and logarithmic else values
    ranges = (across.low, across.high, up.low, up.high)
    colors = ERROR_COLORS if logarithmic else VALUE_COLORS
    return panel.imshow(shown.T, cmap=colors, norm=norm, origin="lower", extent=ranges, aspect="auto")


def error_norm(error: np.ndarray) -> LogNorm:
    """The decades below the largest |error|; NaN is left out."""
    size = np.abs(error)
    largest = float(np.max(size[np.isfinite(size)], initial=0.0)) or float(np.finfo(float).eps)
    return LogNorm(largest * 10.0**-ERROR_DECADES, largest)


def value_norm(*arrays: np.ndarray) -> Normalize:
    """From the smallest to the largest value of all of them; NaN is left out."""
    return Normalize(*extent(np.concatenate([array.ravel() for array in arrays])))


def extent(values: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest value; NaN is left out."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def add_bar(panel: Axes, image: AxesImage) -> None:
    # The bar hangs on the panel itself, so that it stays as tall as the picture where the aspect is fixed.
    panel.figure.colorbar(image, cax=panel.inset_axes((1.03, 0.0, 0.045, 1.0)))


def frame(panel: Axes, across: Coordinate, up: Coordinate, title: str) -> None:
    panel.set_xlabel(symbol(across.name))
    panel.set_ylabel(symbol(up.name))
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    panel.set_title(title, fontsize=10)


def draw_history(panel: Axes, history: History) -> None:
    for index, (name, (steps, values)) in enumerate(history.items()):
        shown = shown_by_logarithm(np.asarray(values, dtype=float))
        panel.semilogy(steps, shown, color=curve_color(index), linewidth=1.3, label=plain(name))
    panel.set_xlabel("step")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.margins(x=0.01)
    legend_above(panel)
    tidy(panel)


def draw_reference(panel: Axes, points: np.ndarray, values: np.ndarray) -> None:
    """Dashed over the solution; named once a panel."""
    named = any(line.get_label() == "reference" for line in panel.lines)
    label = "_nolegend_" if named else "reference"
    panel.plot(points, values, color="black", linewidth=0.9, dashes=(4, 3), label=label)


def legend_above(panel: Axes) -> None:
    """Names above the panel, where no curve passes, as many in a line as there is room for."""
    longest = max(map(len, panel.get_legend_handles_labels()[1]), default=0)
    # In inches; the layout, which comes later, makes panels about a sixth wider.
    width = 1.15 * panel.get_position().width * panel.figure.bbox.width / panel.figure.dpi
    columns = max(1, int(width / (0.5 + 0.065 * longest)))
    panel.legend(frameon=False, fontsize=9, ncols=columns, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)


def legend_beside(panel: Axes) -> None:
    """Names one below the other, at the right of the panel, for a panel that has a title above."""
    panel.legend(
        frameon=False, fontsize=7.5, handlelength=1.4, loc="upper left", bbox_to_anchor=(1, 1), borderaxespad=0.2
    )


def curve_color(index: int) -> str:
    return CURVE_COLORS[index % len(CURVE_COLORS)]


def on_line(field: Field, points: dict[str, np.ndarray]) -> np.ndarray:
    shape = next(iter(points.values())).shape
    return np.broadcast_to(np.asarray(field(points), dtype=float), shape)


def on_grid(field: Field, *axes: tuple[Coordinate, np.ndarray], **fixed: float) -> np.ndarray:
    """Values on the tensor grid, shape (first axis, second axis), the other coordinates `fixed`."""
    grid = np.meshgrid(*(values for _, values in axes), indexing="ij")
    points = {axis.name: array.ravel() for (axis, _), array in zip(axes, grid, strict=True)}
    points |= {name: np.full(grid[0].size, value) for name, value in fixed.items()}
    return on_line(field, points).reshape(grid[0].shape)


def keep_decades(panel: Axes) -> None:
    """The upper decades of a logarithmic panel: where conditions hold exactly an error falls to rounding."""
    low, high = panel.get_ylim()
    panel.set_ylim(bottom=max(low, high * 10.0**-CURVE_DECADES))


def shown_by_logarithm(values: np.ndarray) -> np.ndarray:
    """NaN in place of zeros and less: a gap, where a logarithm would fall out of the picture."""
    return np.where(values > 0, values, np.nan)


def tidy(panel: Axes) -> None:
    panel.spines[["top", "right"]].set_visible(False)
    panel.grid(True, color="0.9", linewidth=0.6)
    panel.set_axisbelow(True)


def symbol(name: str) -> str:
    """A single letter in italics, as in print; so too before what is said after a comma, "u, nu = 0.1"."""
    head, *rest = name.split(", ", 1)
    return ", ".join([f"${head}$" if len(head) == 1 and head.isalpha() else plain(head), *map(plain, rest)])


def plain(text: str) -> str:
    return text.replace("$", r"\$")


def place(fixed: Mapping[str, float]) -> str:
    """z = 0.5, t = 1"""
    return ", ".join(f"{symbol(name)} = {value:.3g}" for name, value in fixed.items())
