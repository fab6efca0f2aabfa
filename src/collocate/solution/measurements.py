"""What was measured of a field, as circles over its curve and as dots on its map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.image import AxesImage

from collocate.expressions import symbol
from collocate.solution.panels import Coordinate
from collocate.statement import MEASURED

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

# Of the range of a coordinate that is held: what is as near is shown with it.
NEAR = 0.02
LABEL = "measured"
_CIRCLE: dict[str, Any] = {
    "fmt": "o",
    "markersize": 4.5,
    "markerfacecolor": "white",
    "elinewidth": 0.9,
    "zorder": 4,
    "clip_on": False,
}
_DOT: dict[str, Any] = {"edgecolors": "white", "zorder": 4, "clip_on": False}
# Square points: of one dot at the most, and of all together, so that many do not hide the map.
DOT_AREA, DOTS_AREA = 26.0, 2600.0


@dataclass(frozen=True, eq=False)
class Measurements:
    """`values` (n,) of one field at {coordinate: (n,)}, with their standard deviation where it is known."""

    coordinates: dict[str, np.ndarray]
    values: np.ndarray
    sigma: np.ndarray | None

    def near(self, fixed: Mapping[str, float], axes: Sequence[Coordinate]) -> Measurements:
        """Those whose coordinates lie within 2 % of the range from where they are held."""
        ranges = {axis.name: axis.high - axis.low for axis in axes}
        kept = np.ones(len(self.values), bool)
        for name, value in fixed.items():
            kept &= np.abs(self.coordinates[name] - value) <= NEAR * ranges[name]
        columns = {name: column[kept] for name, column in self.coordinates.items()}
        return Measurements(columns, self.values[kept], None if self.sigma is None else self.sigma[kept])


Measured = Mapping[str, Measurements]


def measured(solution: Solution) -> dict[str, Measurements]:
    """{field: what `Data` says of it}; measured expressions of fields are not drawn."""
    problem, found = solution.problem, {}
    for name, field in zip(problem.field_names, problem.fields, strict=True):
        own = [
            condition.observations
            for condition in problem.conditions
            if condition.observations is not None and condition.residual == field - symbol(MEASURED)
        ]
        if own:
            columns = np.concatenate([each.coordinates for each in own]).T
            known = [each.sigma for each in own if each.sigma is not None]
            sigma = np.concatenate(known) if len(known) == len(own) else None
            coordinates = dict(zip(problem.domain.names, columns, strict=True))
            found[name] = Measurements(coordinates, np.concatenate([each.values for each in own]), sigma)
    return found


def draw_on_curve(panel: Axes, given: Measurements, axis: Coordinate, color: Any) -> list[ErrorbarContainer]:
    """Circles with bars of one standard deviation, named once a panel; what was drawn."""
    if not len(given.values):
        return []
    label = "_nolegend_" if LABEL in panel.get_legend_handles_labels()[1] else LABEL
    places = given.coordinates[axis.name]
    return [panel.errorbar(places, given.values, given.sigma, color=color, label=label, **_CIRCLE)]


def draw_on_map(
    panel: Axes, given: Measurements, across: Coordinate, up: Coordinate, image: AxesImage
) -> PathCollection:
    """Dots in the colours of the map: where they cannot be told from it, the field meets them."""
    panel.autoscale(False)
    places = given.coordinates[across.name], given.coordinates[up.name]
    area = min(DOT_AREA, DOTS_AREA / max(len(given.values), 1))
    look: dict[str, Any] = {
        "cmap": image.cmap,
        "norm": image.norm,
        "s": area,
        "linewidths": 0.9 * (area / DOT_AREA) ** 0.5,
    }
    return panel.scatter(*places, c=given.values, **look, **_DOT)
