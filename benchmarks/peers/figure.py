"""The picture of docs/performance.md: bars of step times, a panel a framework."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

OURS, OTHER = "#1f5fa8", "#9db8d6"


def bars(groups: Mapping[str, Mapping[str, tuple[float, float, float]]], path: Path) -> None:
    """`groups`: {framework: {what: (lower quartile, median, upper quartile) in ms}}; collocate's bar is dark."""
    found = {name: group for name, group in groups.items() if group}
    drawn = Figure(figsize=(7.5, 0.6 + 0.34 * sum(map(len, found.values()))), layout="constrained")
    panels = drawn.subplots(len(found), 1, sharex=True, squeeze=False,
                            height_ratios=[len(group) for group in found.values()])  # fmt: skip
    for panel, (name, group) in zip(panels.flat, found.items(), strict=True):
        middles = [middle for _, middle, _ in group.values()]
        spread = [[middle - lower for lower, middle, _ in group.values()],
                  [upper - middle for _, middle, upper in group.values()]]  # fmt: skip
        colors = [OURS if what == "collocate" else OTHER for what in group]
        panel.barh(list(group), middles, xerr=spread, color=colors, height=0.7, error_kw={"linewidth": 0.8})
        panel.invert_yaxis()
        panel.set_ylabel(name, fontsize=9)
        panel.tick_params(labelsize=8)
        panel.spines[["top", "right"]].set_visible(False)
    panels.flat[-1].set_xlabel("milliseconds a step", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    full = io.BytesIO()
    drawn.savefig(full, format="png", dpi=130)
    Image.open(full).convert("RGB").quantize(64).save(path, format="png", optimize=True)  # a few colours will do
