"""What a log for TensorBoard shows of a problem, its plan and its fields."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib import colormaps

from collocate.planning import Plan
from collocate.residuals import Evaluator, join
from collocate.statement import Problem
from collocate.training import Callback, Functions
from collocate.training.tensorboard import TensorBoard, named_arrays

PIXELS, COLOURS = 129, "viridis"


@contextlib.contextmanager
def log(
    folder: Any, problem: Problem, functions: Functions, evaluator: Evaluator, frozen: dict[str, Any]
) -> Iterator[tuple[Callback, ...]]:
    """The callbacks that write the log into `folder`: one, or none where it is None."""
    if folder is None:
        yield ()
        return
    plan = functions.plan
    texts = {"statement": problem.describe(), "plan": _table(plan)}
    images = _Images(problem, functions, evaluator, frozen)
    board = TensorBoard(
        folder, texts, lambda vector: dict(named_arrays(functions.unravelled(vector))), images if images.can else _none
    )
    try:
        yield (board,)
    finally:
        board.close()


def _none(vector: np.ndarray) -> Mapping[str, np.ndarray]:
    return {}


def _table(plan: Plan) -> str:
    """The choices as a Markdown table."""
    rows = [f"| {c.subject} | {c.value} | {c.reason} |" for c in plan.choices]
    return "\n".join(["| choice | value | reason |", "| --- | --- | --- |", *rows])


class _Images:
    """The fields at one vector, as pictures: of two coordinates a map, of one a curve, of more none.

    Slabs of time and networks added to others are left out: what is frozen changes as training goes.
    """

    def __init__(self, problem: Problem, functions: Functions, evaluator: Evaluator, frozen: dict[str, Any]):
        self._problem, self._functions = problem, functions
        self._evaluator, self._frozen = evaluator, frozen
        self.can = not (functions.plan.constants or functions.plan.later) and problem.domain.dimension <= 2

    def __call__(self, vector: np.ndarray) -> Mapping[str, np.ndarray]:
        domain = self._problem.domain
        grid = domain.grid(PIXELS)
        points = np.stack([grid[name].ravel() for name in domain.names], axis=1)
        values = self._evaluator(join(self._functions.unravelled(vector), self._frozen), points)
        values = np.where(domain.contains(points)[:, None], values, np.nan)
        fields = zip(self._problem.field_names, values.T, strict=True)
        paint = _curve if domain.dimension == 1 else _map
        return {f"field/{name}": paint(column.reshape((PIXELS,) * domain.dimension)) for name, column in fields}


def _map(values: np.ndarray) -> np.ndarray:
    """(n, n, 3) bytes: the second coordinate upwards, least to largest value over the colours, white outside."""
    low, high = np.nanmin(values), np.nanmax(values)
    shares = np.flipud((values.T - low) / max(high - low, 1e-300))
    colours = colormaps[COLOURS].with_extremes(bad="white")
    return (255 * colours(np.ma.masked_invalid(shares))[..., :3]).astype(np.uint8)


def _curve(values: np.ndarray) -> np.ndarray:
    """(n, n, 3) bytes: the graph of the values, dark on white, least value at the bottom."""
    low, high = np.nanmin(values), np.nanmax(values)
    heights = np.nan_to_num((values - low) / max(high - low, 1e-300)) * (PIXELS - 1)
    image = np.full((PIXELS, PIXELS, 3), 255, np.uint8)
    image[PIXELS - 1 - heights.astype(int), np.arange(PIXELS)] = 0
    return image
