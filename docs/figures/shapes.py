"""Draws docs/figures/shapes.png: shapes, the names of their parts, and the normals.

Run it from the root of the repository: python docs/figures/shapes.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from sympy import symbols

import collocate as co
from collocate.geometry import as_domain

x, y = symbols("x y")
RECTANGLE = co.Rectangle((x, y), (0, 0), (3, 2))
BACKGROUND = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}
SHAPES = {
    "Rectangle((x, y), (0, 0), (3, 2))": RECTANGLE,
    "Disk((x, y), (0, 0), 1)": co.Disk((x, y), (0, 0), 1),
    "Polygon((x, y), [(0, 0), (3, 0), …])": co.Polygon((x, y), [(0, 0), (3, 0), (2.5, 1.6), (1.2, 2.2), (0.4, 1.2)]),
    "Rectangle(…) - Disk(…)": RECTANGLE - co.Disk((x, y), (1.2, 1), 0.55),
    "Rectangle(…) - Rectangle(…)": RECTANGLE - co.Rectangle((x, y), (1.1, 0), (3, 1.3)),
    "Disk(…) & Disk(…)": co.Disk((x, y), (0, 0), 1) & co.Disk((x, y), (1, 0), 1),
}


def draw(panel, title, shape):
    domain = as_domain(shape)
    panel.scatter(*domain.sample(600).T, s=1.5, color="0.75", linewidths=0)
    extent = domain.shapes[0].extent
    for number, part in enumerate(domain.parts):
        color = f"C{number}"
        panel.scatter(*domain.sample(1500, part).T, s=2, color=color, linewidths=0)
        points = domain.part_points(part, (np.arange(6)[:, None] + 0.5) / 6)
        normals = domain.normals(part, points)
        arrows = np.stack([normals["x"], normals["y"]], axis=1)
        panel.quiver(*points.T, *arrows.T, color=color, angles="xy", scale_units="xy", scale=9 / extent, width=0.005)
        # A name stands in front of the middle of its part; that of a hole in the hole.
        hole, middle = part.name == "inner", 4 if part.name == "inner top" else 3  # out of the way of "inner left"
        at = points.mean(axis=0) if hole else points[middle] + 0.17 * extent * arrows[middle]
        panel.text(*at, part.name, color=color, ha="center", va="center", fontsize=9, bbox=BACKGROUND)
    panel.set_title(title, fontsize=9, family="monospace", pad=14)
    panel.set_aspect("equal")
    panel.margins(0.22)
    panel.axis("off")


figure, panels = plt.subplots(2, 3, figsize=(11, 6.6), layout="constrained")
for panel, (title, shape) in zip(panels.ravel(), SHAPES.items(), strict=True):
    draw(panel, title, shape)
figure.savefig(Path(__file__).with_name("shapes.png"), dpi=110)
