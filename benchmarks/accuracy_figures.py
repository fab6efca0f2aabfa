"""The pictures of docs/accuracy.md: error against time, and digits without each part of the solver."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator
from PIL import Image

Group = Mapping[int, Mapping[str, Any]]  # {seed: row}
Error = Callable[[Mapping[str, Any]], float]

COLOR, BAR, OTHER = "#1f5fa8", "#c2571a", "#9db8d6"
COLUMNS = 4
FLOOR = 1e-16


def curves(groups: Mapping[str, Group]) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    """{problem: [(seconds, error of the worst judged field), …]} of the rows that have a curve."""
    found = {name: [_curve(row) for row in group.values() if row.get("curve")] for name, group in groups.items()}
    return {name: lines for name, lines in found.items() if lines}


def _curve(row: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    fields = [values for name, values in row["curve"].items() if name not in ("seconds", "p")]
    return np.asarray(row["curve"]["seconds"]), np.maximum(np.max(fields, axis=0), FLOOR)


def median(lines: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """The median of step functions of time, from the moment at which all have begun; what has ended keeps its value."""
    start = max(seconds[0] for seconds, _ in lines)
    times = np.unique(np.concatenate([seconds[seconds >= start] for seconds, _ in lines]))
    values = [errors[np.searchsorted(seconds, times, side="right") - 1] for seconds, errors in lines]
    return times, np.median(values, axis=0)


def against_time(groups: Mapping[str, Group], bars: Mapping[str, float], error: Error, path: Path) -> None:
    """A small panel a problem, all on the same axes."""
    found = curves(groups)
    columns = min(COLUMNS, len(found))
    lines = math.ceil(len(found) / columns)
    figure = Figure(figsize=(2.5 * columns + 0.6, 2.0 * lines + 0.5), layout="constrained")
    axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for panel, (name, drawn) in zip(axes.flat, found.items(), strict=False):
        _panel(panel, name, drawn, bars.get(name))
        for row in groups[name].values():
            if math.isfinite(error(row)):
                panel.plot(row["train_seconds"], max(error(row), FLOOR), "o", color=COLOR, markersize=3.5)
    for hole in axes.flat[len(found) :]:  # keeps the times below it
        hole.set(frame_on=False, xscale="log", yscale="log")
        hole.tick_params(left=False, labelleft=False, bottom=False, labelsize=7)
        hole.minorticks_off()
    figure.legend(handles=_legend(), loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    figure.supxlabel("seconds of training", fontsize=9)
    figure.supylabel("relative L2 error", fontsize=9)
    _save(figure, path)


def _legend() -> list[Line2D]:
    return [
        Line2D([], [], color=COLOR, linewidth=0.6, alpha=0.6, label="a seed"),
        Line2D([], [], color=COLOR, linewidth=1.6, label="median, or the only seed"),
        Line2D([], [], color=COLOR, marker="o", linestyle="none", markersize=3.5, label="result, on the fixed grid"),
        Line2D([], [], color=BAR, linewidth=1.0, linestyle=(0, (4, 3)), label="must"),
    ]


def _panel(axes: Axes, name: str, lines: list[tuple[np.ndarray, np.ndarray]], bar: float | None) -> None:
    if len(lines) > 1:
        for seconds, errors in lines:
            axes.step(seconds, errors, where="post", color=COLOR, linewidth=0.6, alpha=0.45)
    axes.step(*median(lines), where="post", color=COLOR, linewidth=1.6)
    if bar is not None:
        axes.axhline(bar, color=BAR, linewidth=1.0, linestyle=(0, (4, 3)))
    axes.set(xscale="log", yscale="log")
    axes.set_title(name, fontsize=9, pad=3)
    axes.yaxis.set_major_locator(LogLocator(base=100, numticks=10))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_locator(NullLocator())
    axes.tick_params(labelsize=7)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)


def ablation(groups: Mapping[str, Mapping[str, Group]], variants: Mapping[str, Any], error: Error, path: Path) -> None:
    """A panel a problem, a bar a variant: median digits, −log₁₀ of the error; a dot a seed."""
    most = max(map(len, groups.values()))
    figure = Figure(figsize=(4.2 * len(groups) + 2.0, 0.42 * most + 1.1), layout="constrained")
    names = [name for name in variants if any(name in found for found in groups.values())]
    for axes, (problem, found) in zip(
        figure.subplots(1, len(groups), sharey=True, squeeze=False)[0], groups.items(), strict=True
    ):
        for place, name in enumerate(names):
            of = [_digits(error(row)) for row in found.get(name, {}).values()]
            if not of:
                continue
            middle = float(np.median(of))
            axes.barh(place, middle, height=0.62, color=COLOR if name == "default" else OTHER)
            if len(of) > 1:
                axes.plot(of, [place] * len(of), "o", color="#222222", markersize=3)
            axes.annotate(
                f"{10**-middle:.1e}" if middle > 0 else "no digit", (max([*of, 0.0]), place), (5, 0),
                textcoords="offset points", va="center", fontsize=8,
            )  # fmt: skip
        axes.set_title(problem, fontsize=10)
        axes.set_xlim(0, 1.22 * max(_digits(error(row)) for group in found.values() for row in group.values()))
        axes.tick_params(axis="y", length=0)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_yticks(range(len(names)), [LABELS[name] for name in names], fontsize=9)
        axes.set_ylim(len(names) - 0.5, -0.5)
    figure.supxlabel("digits of accuracy: −log₁₀ of the relative L2 error", fontsize=9)
    _save(figure, path)


def _digits(error: float) -> float:
    """Not below zero, where there is nothing to draw."""
    return max(-math.log10(max(error, FLOOR)), 0.0) if math.isfinite(error) else 0.0


LABELS = {
    "default": "default",
    "first_order": "first-order training",
    "soft": "soft conditions",
    "uniform": "uniform points",
    "unscaled": "no scaling",
    "float32": "single precision",
}


def _save(figure: Figure, path: Path) -> None:
    """In few colours: lines and bars need no more."""
    full = io.BytesIO()
    figure.savefig(full, format="png", dpi=130)
    Image.open(full).convert("RGB").quantize(64).save(path, format="png", optimize=True)
