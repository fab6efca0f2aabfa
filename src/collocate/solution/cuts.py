"""Planes through a domain of three coordinates and more, and how their maps are drawn side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from matplotlib.figure import FigureBase

from collocate.solution import panels
from collocate.solution.blocks import Block
from collocate.solution.measurements import draw_on_map
from collocate.solution.panels import Coordinate, Field

TIMES = 4
POINTS = 121


@dataclass(frozen=True)
class Cut:
    """The plane of `across` and `up`, the other coordinates held at `fixed`; `label` says what tells it from others."""

    across: Coordinate
    up: Coordinate
    fixed: dict[str, float]
    label: str

    def values(self, field: Field) -> np.ndarray:
        lines = [(axis, np.linspace(axis.low, axis.high, POINTS)) for axis in (self.across, self.up)]
        return panels.on_grid(field, *lines, **self.fixed)


def cuts(axes: Sequence[Coordinate]) -> tuple[list[Cut], dict[str, float]]:
    """Planes for three coordinates and more, and what is held in all of them.

    Two of space and time: the plane at four times. Else the three planes of the first three coordinates of space,
    each in the middle of the third; further ones are held in their middle, time at its end.
    """
    space, time = [axis for axis in axes if not axis.is_time], [axis for axis in axes if axis.is_time]
    if len(space) == 2:
        (moment,) = time
        instants = [float(instant) for instant in np.linspace(moment.low, moment.high, TIMES)]
        across, up = space
        return [Cut(across, up, {moment.name: at}, panels.place({moment.name: at})) for at in instants], {}
    held = {axis.name: (axis.low + axis.high) / 2 for axis in space[3:]} | {axis.name: axis.high for axis in time}
    found = []
    for pair in combinations(space[:3], 2):
        (third,) = (axis for axis in space[:3] if axis not in pair)
        middle = {third.name: (third.low + third.high) / 2}
        found.append(Cut(*pair, middle | held, panels.place(middle)))
    return found, held


def draw_cuts(figure: FigureBase, block: Block, planes: Sequence[Cut]) -> None:
    """A row of maps for each field, below it a row of errors where a reference is known; one colour scale a row."""
    count = len(block.fields) + len(block.references)
    rows = iter(figure.subplots(count, len(planes), squeeze=False))
    for name, field in block.fields.items():
        values = np.stack([plane.values(field) for plane in planes])
        row = next(rows)
        _draw_row(row, values, planes, panels.symbol(name), panels.value_norm(values))
        if name in block.measured:
            for panel, plane in zip(row, planes, strict=True):
                near = block.measured[name].near(plane.fixed, block.axes)
                draw_on_map(panel, near, plane.across, plane.up, panel.images[0])
        if name in block.references:
            error = np.abs(values - np.stack([plane.values(block.references[name]) for plane in planes]))
            _draw_row(next(rows), error, planes, f"error of {panels.symbol(name)}", panels.error_norm(error))


def _draw_row(row: np.ndarray, values: np.ndarray, planes: Sequence[Cut], what: str, norm: panels.Normalize) -> None:
    for panel, shown, plane in zip(row, values, planes, strict=True):
        image = panels.draw_image(panel, shown, plane.across, plane.up, norm)
        panels.frame(panel, plane.across, plane.up, f"{what}, {plane.label}")
        panel.set_aspect("equal")
        if panel is row[-1]:
            panels.add_bar(panel, image)
