"""Whether an artifact computes what its solution does: its real runtime beside the oracle, on the same points.

The oracle is the graph in float64, evaluated by NumPy (`evaluate`), once it was found to be the solution itself
(`check_recorded`). A float32 artifact is given float32 points, and the oracle those very points, so that only the
artifact's own rounding is seen. It is held to

    |artifact − oracle| ≤ tolerance · scale,    tolerance = 1e-12 in float64, 5e-6 in float32

for each output on its own. Its scale is the largest number on the points that is added up to make it, so at least
max |output|; more where terms cancel, as in a residual: of u_t − u_xx it is the larger of the two, since no arithmetic
is closer than to a rounding of those. Where the oracle is NaN or infinite, so must the artifact be.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from collocate.backends.protocol import DType
from collocate.errors import ExportError
from collocate.exporting.evaluate import compute, evaluate, values_of
from collocate.exporting.graph import Graph, Node
from collocate.exporting.targets import Batch, Run
from collocate.geometry import Domain
from collocate.sampling import unit_cube

if TYPE_CHECKING:
    from collocate.solution import Solution

COUNTS = (1, 7, 1000)
TOLERANCES: dict[DType, float] = {"float64": 1e-12, "float32": 5e-6}
_LOST = 0.01
_CORNERS = 256  # at most: of eight dimensions all


@dataclass(frozen=True)
class Difference:
    """How far an output is from the oracle where it is farthest; the scale that this is held against; max |oracle|."""

    largest: float
    scale: float
    value: float
    place: dict[str, float]

    @property
    def relative(self) -> float:
        return self.largest / self.scale if self.scale else math.inf if self.largest else 0.0

    @property
    def is_cancelled(self) -> bool:
        """Whether rounding leaves less than two digits of the largest value, since larger terms cancel in it."""
        return self.largest > _LOST * self.value

    def to_json(self) -> dict[str, Any]:
        return {
            "largest_difference": self.largest,
            "scale": self.scale,
            "largest_value": self.value,
            "place": self.place,
        }


def batches(domain: Domain, dtype: DType) -> list[dict[str, np.ndarray]]:
    """1, 7 and 1,000 points, each coordinate (N,) in `dtype`; corners of the bounding box among the latter two."""
    lows, highs = np.array([domain.bounds[name] for name in domain.names]).T
    choices = itertools.islice(itertools.product((False, True), repeat=domain.dimension), _CORNERS)
    corners = np.where(list(choices), highs, lows)
    inside = domain.sample(max(COUNTS), draw=lambda number, dimension: unit_cube("sobol", number, dimension, seed=2))
    found = []
    for count in COUNTS:
        own = corners[: count // 2]
        points = np.concatenate([own, inside[: count - len(own)]]).astype(dtype)
        found.append(dict(zip(domain.names, np.ascontiguousarray(points.T), strict=True)))
    return found


def measure(run: Run, graph: Graph, given: Sequence[Batch]) -> dict[str, Difference]:
    """Of each output on all batches. Raises ExportError for other outputs, shapes or places without a number."""
    return differences([run(batch) for batch in given], graph, given)


def differences(computed: Sequence[Mapping[str, Any]], graph: Graph, given: Sequence[Batch]) -> dict[str, Difference]:
    """`measure` of what was computed already, batch by batch."""
    scales = scales_of(graph, max(given, key=lambda batch: len(next(iter(batch.values())))))
    found: dict[str, Difference] = {}
    for batch, values in zip(given, computed, strict=True):
        for name, each in compare(values, evaluate(graph, batch), batch, scales).items():
            known = found.get(name, each)
            farther = each if each.largest > known.largest else known
            found[name] = replace(farther, value=max(each.value, known.value))
    return found


def check_recorded(graph: Graph, solution: Solution, expressions: Mapping[str, sympy.Expr]) -> None:
    """Raises ExportError where a graph in float64, recorded and made smaller, is not what the solution gives itself.

    That is by NumPy in float64, whatever trained it: derivative by derivative, without a graph.
    """
    batch = batches(solution.problem.domain, "float64")[-1]
    settings = {**solution.settings, "backend": "numpy", "mode": "eager", "dtype": "float64", "device": "cpu"}
    itself = replace(solution, settings=settings, _evaluators={})
    with np.errstate(all="ignore"):
        table = itself.table((*expressions.values(),), np.stack([*batch.values()], axis=1))
    expected = dict(zip(expressions, table.T, strict=True))
    scales = scales_of(graph, batch)
    try:
        check(compare(evaluate(graph, batch), expected, batch, scales), TOLERANCES["float64"])
    except ExportError as error:
        raise ExportError(f"the graph that was recorded is wrong, a mistake of collocate's: {error}") from None


def compare(
    values: Mapping[str, Any], expected: Batch, batch: Batch, scales: Mapping[str, float]
) -> dict[str, Difference]:
    """What an artifact gave beside what was expected. Raises ExportError as `measure` does."""
    if set(values) != set(expected):
        raise ExportError(f"its outputs are {', '.join(sorted(values))}; {', '.join(sorted(expected))} were expected")
    found, dtype = {}, next(iter(batch.values())).dtype
    for name, truth in expected.items():
        value = np.asarray(values[name])
        if value.shape != truth.shape:
            raise ExportError(f"its output {name} has shape {value.shape} for {len(truth)} points, not {truth.shape}")
        if value.dtype != dtype:
            raise ExportError(f"its output {name} is {value.dtype}, for points in {dtype}")
        with np.errstate(all="ignore"):
            apart = np.where(np.isfinite(truth), np.abs(value.astype(np.float64) - truth), 0.0)
        # The sign of an infinity is that of a zero, which no arithmetic promises.
        wrong = np.flatnonzero((np.isnan(truth) != np.isnan(value)) | (np.isinf(truth) != np.isinf(value)))
        if wrong.size:
            place = _place(batch, wrong[0])
            raise ExportError(f"its output {name} is {value[wrong[0]]:g} at {_shown(place)}, not {truth[wrong[0]]:g}")
        worst = int(np.argmax(apart))
        size = float(np.abs(truth[np.isfinite(truth)]).max(initial=0.0))
        found[name] = Difference(float(apart[worst]), scales[name], size, _place(batch, worst))
    return found


def check(differences: Mapping[str, Difference], tolerance: float) -> None:
    """Raises ExportError that names each output which is too far from the oracle."""
    far = [
        f"{name} is off by {each.largest:.2g} at {_shown(each.place)}: {each.relative:.2g} of {each.scale:.3g}"
        for name, each in differences.items()
        if not each.largest <= tolerance * each.scale
    ]
    if far:
        raise ExportError(f"it is not equal to its solution to {tolerance:g}: {'; '.join(far)}")


def plain(told: Mapping[str, float]) -> float:
    """Of a manifest's output: its largest difference as a part of its largest value, whatever cancels in it."""
    difference, value = told["largest_difference"], told["largest_value"]
    return difference / value if value else math.inf if difference else 0.0


def scales_of(graph: Graph, batch: Batch) -> dict[str, float]:
    """Of each output: the largest number that is added up to make it, at points where it is finite; see the module."""
    values = values_of(graph, batch)
    sizes = {each.id: np.abs(values[each.id]) for each in (*graph.inputs, *graph.constants) if each.kind == "float"}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node.kind == "float":
                sizes[node.id] = np.fmax(np.abs(values[node.id]), _summand(node, values, sizes))
    found = {}
    for output in graph.outputs:
        size = sizes[output.id][np.isfinite(values[output.id]) & np.isfinite(sizes[output.id])]
        if not size.size:
            raise ExportError(f"the output {output.name} is nowhere a number, so that nothing could be proven of it")
        found[output.name] = float(size.max())
    return found


def _summand(node: Node, values: Mapping[int, Any], sizes: Mapping[int, Any]) -> Any:
    """The largest number that is added up to make a node's value, as far as sums, products and choices go."""
    if node.operation == "where":
        return np.where(values[node.inputs[0]], *(sizes[each] for each in node.inputs[1:]))
    if node.operation in ("concat", "slice"):
        return compute(node.operation, [sizes[each] for each in node.inputs], node.attributes)
    if node.operation == "negative":
        return sizes[node.inputs[0]]
    if node.operation in ("add", "subtract"):
        return np.maximum(*(sizes[each] for each in node.inputs))
    if node.operation == "multiply":
        (x, y), (of_x, of_y) = ([table[each] for each in node.inputs] for table in (values, sizes))
        return np.fmax(of_x * np.abs(y), np.abs(x) * of_y)
    if node.operation == "divide":
        return sizes[node.inputs[0]] / np.abs(values[node.inputs[1]])
    return np.abs(values[node.id])


def _place(batch: Batch, row: int) -> dict[str, float]:
    return {name: float(array[row]) for name, array in batch.items()}


def _shown(place: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {value:.4g}" for name, value in place.items())
