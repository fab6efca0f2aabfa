"""What a log for TensorBoard shows of a problem, its plan and its fields."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg

from collocate.errors import NotYetError
from collocate.plan import Plan
from collocate.residuals import Evaluator, join
from collocate.solution import plotting
from collocate.statement import Problem, reference_values
from collocate.training import Callback, Functions
from collocate.training.tensorboard import TensorBoard, named_arrays


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
    """The figure of the fields at one vector. Slabs of time are left out: their constants change as training goes."""

    def __init__(self, problem: Problem, functions: Functions, evaluator: Evaluator, frozen: dict[str, Any]):
        self._problem, self._functions = problem, functions
        self._evaluator, self._frozen = evaluator, frozen
        self.can = not functions.plan.constants

    def __call__(self, vector: np.ndarray) -> Mapping[str, np.ndarray]:
        problem = self._problem
        bounds = problem.domain.bounds
        coordinates = [(name, *bounds[name], name == problem.domain.time) for name in problem.domain.names]
        parameters = join(self._functions.unravelled(vector), self._frozen)

        def field(number: int) -> plotting.Field:
            def values(points: dict[str, np.ndarray]) -> np.ndarray:
                table = np.stack([points[name] for name in problem.domain.names], axis=1)
                return self._evaluator(parameters, table)[:, number]

            return values

        fields = {name: field(number) for number, name in enumerate(problem.field_names)}
        known = problem.reference
        truths = {name: lambda points, name=name: np.asarray(reference_values(known, name, points)) for name in known}
        try:
            figure = plotting.draw(fields, coordinates, truths)
        except NotYetError:
            self.can = False
            return {}
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return {"fields": np.asarray(canvas.buffer_rgba())[..., :3].copy()}
