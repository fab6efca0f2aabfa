"""Mini-batches: a subset of the current points for one step, a pure function of (seed, step)."""

from __future__ import annotations

from typing import Any

import numpy as np

from collocate import tree
from collocate.planning.specification import Plan
from collocate.sampling.unit_cube import generator

# Far from the streams of `point_sets.draw`.
STREAM = 1 << 20


def batch(point_sets: dict[str, Any], plan: Plan, *, seed: int, step: int) -> dict[str, Any]:
    """At most `plan.batch` points of each set, drawn without replacement; weights are raised to the same sum.

    A set and its mirror keep their pairs. Sets of reduced residuals stay whole: a mean over a few points is another
    residual.
    """
    size = plan.batch or 0
    whole = {name for term in plan.terms if term.kind == "reduced" for name in term.sets}
    order = [points.name for points in plan.point_sets]
    leaders = {points.name: points.mirrors or points.name for points in plan.point_sets}
    found = {}
    for name, points in point_sets.items():
        count = len(points["weight"])
        if name in whole or count <= size:
            found[name] = points
            continue
        stream = STREAM + order.index(leaders[name])
        chosen = np.sort(generator(seed, step, stream).choice(count, size=size, replace=False))
        part = tree.map(lambda leaf, chosen=chosen: leaf[chosen], points)
        found[name] = {**part, "weight": part["weight"] * (count / size)}
    return found
