"""The Jacobian of the residual rows by taps: one reverse pass per residual, whatever the number of points.

Every parameter but the unknowns enters through an affine map z = a W + b. A zero *tap* is added to each entry of each
z, and the input a of each entry is recorded. Row n depends on the n-th point only, so one reverse pass with the row
factors as cotangent gives B_k[n] = ∂r̃_n/∂z_k[n] for all points at once, and

    ∂r̃_n/∂W = Σ_k a_k[n] ⊗ B_k[n],      ∂r̃_n/∂b = B_0[n],      ∂r̃_n/∂ν = the cotangent of a tap on ν,

of a number α in z = α a: ∂r̃_n/∂α = Σ_k a_k[n] · B_k[n];
k over the jet's entries and, where a row has several evaluations, over these too: an integral has one at each of its
nodes. A reduced residual sums its points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from collocate.backends.select import get
from collocate.jets import Features, affine
from collocate.jets.algebra import total
from collocate.networks import Module
from collocate.planning.specification import Term
from collocate.residuals.assemble import Residuals
from collocate.residuals.dense import dense_jacobian
from collocate.residuals.parameters import trained

Widths = dict[str, list[int]]


def jacobian(residuals: Residuals, template: dict[str, Any]) -> Callable[..., tuple[Any, Any]]:
    """`function(parameters, point_sets, weights) -> (rows (N,), matrix (N, P))`, rows scaled by `row_factor`.

    `template` is a tree of NumPy arrays shaped like the parameters. Columns follow the flat order (`tree.ravel`) of
    `trained(parameters)`, rows the order of the plan's terms. A user's own network has no taps: `dense_jacobian`.
    """
    if isinstance(residuals.plan.stages[-1].network, Module):
        return dense_jacobian(residuals)
    widths = _tap_widths(residuals, template)

    def function(parameters: dict[str, Any], point_sets: dict[str, Any], weights: dict[str, Any]) -> tuple[Any, Any]:
        blocks = [_term(residuals, term, widths, parameters, point_sets, weights) for term in residuals.plan.terms]
        bk = residuals.bk
        return bk.concat([rows for rows, _ in blocks], axis=0), bk.concat([matrix for _, matrix in blocks], axis=0)

    return function


def _term(
    residuals: Residuals,
    term: Term,
    widths: Widths,
    parameters: dict[str, Any],
    point_sets: dict[str, Any],
    weights: dict[str, Any],
) -> tuple[Any, Any]:
    """Scaled rows (n,) of one term, and their Jacobian (n, P)."""
    bk = residuals.bk
    layouts: dict[str, _Recorder] = {}

    def tapped(taps: dict[str, Any]) -> tuple[Any, list[Any]]:
        environments = {}
        for name in dict.fromkeys(term.sets):
            layouts[name] = recorder = _Recorder(iter(taps[name]["affine"]), residuals.nodes.get(name, 1))
            shifted = {key: value + taps[name]["unknowns"][key] for key, value in parameters["unknowns"].items()}
            environments[name] = residuals.environment(name, parameters, point_sets[name], recorder.affine, shifted)
        rows = residuals.rows(term, environments, point_sets) * residuals.row_factor(term, point_sets, weights)
        return rows, [array for recorder in layouts.values() for array in recorder.arrays]

    taps = {name: _zero_taps(bk, widths[name], parameters, point_sets[name]) for name in dict.fromkeys(term.sets)}
    rows, pullback, arrays = bk.vjp(tapped, taps, has_aux=True)
    cotangents = pullback(bk.ones_like(rows))
    remaining = iter(arrays)
    for recorder in layouts.values():
        recorder.arrays = [next(remaining) for _ in recorder.arrays]
    return rows, _matrix(bk, parameters, layouts, cotangents, summed=term.kind == "reduced")


def _zero_taps(bk: Any, widths: list[int], parameters: dict[str, Any], points: dict[str, Any]) -> dict[str, Any]:
    size = points["coordinates"].shape[0]
    return {
        "affine": [bk.zeros((size, width)) for width in widths],
        "unknowns": {name: bk.zeros((size,)) for name in parameters["unknowns"]},
    }


class _Recorder:
    """An affine map that adds the next tap to each entry of its output, and records the entries of its input.

    `calls` holds (layer, input jet with arrays replaced by their position in `arrays`): arrays leave a traced
    function only as outputs. So many points in a row as there are `nodes` belong to one residual.
    """

    def __init__(self, taps: Iterator[Any], nodes: int):
        self.taps, self.nodes = taps, nodes
        self.calls: list[tuple[Any, tuple[Any, ...]]] = []
        self.arrays: list[Any] = []

    def affine(self, bk: Any, layer: dict[str, Any], jet: tuple[Any, ...]) -> tuple[Any, ...]:
        outputs = affine(bk, layer, jet)
        self.calls.append((layer, tuple(self._keep(entry) for entry in jet)))
        return tuple(None if entry is None else entry + next(self.taps) for entry in outputs)

    def _keep(self, entry: Any) -> Any:
        if isinstance(entry, Features):
            return Features(tuple(self._keep(column) for column in entry.columns))
        if entry is None or isinstance(entry, float):
            return entry
        self.arrays.append(entry)
        return _Slot(len(self.arrays) - 1)

    def recorded(self, entry: Any) -> Any:
        return self.arrays[entry.position] if isinstance(entry, _Slot) else entry


class _Slot:
    """The place of a recorded array."""

    def __init__(self, position: int):
        self.position = position


def _matrix(
    bk: Any, parameters: dict[str, Any], layouts: dict[str, _Recorder], cotangents: dict[str, Any], summed: bool
) -> Any:
    """Columns in the flat order of `trained(parameters)`."""
    contributions: dict[int, list[tuple[_Recorder, tuple[Any, ...], list[Any]]]] = {}
    for name, recorder in layouts.items():
        remaining = iter(cotangents[name]["affine"])
        for layer, jet in recorder.calls:
            received = [None if entry is None else next(remaining) for entry in jet]
            contributions.setdefault(id(layer), []).append((recorder, jet, received))
    columns = [
        block
        for layer in _layers(trained(parameters)["network"])
        for block in (_factor_column if "factor" in layer else _layer_columns)(bk, contributions[id(layer)], summed)
    ]
    for name in sorted(parameters["unknowns"]):
        column = total(
            _add_nodes(bk, bk.reshape(cotangents[set_name]["unknowns"][name], (-1, 1)), recorder.nodes)
            for set_name, recorder in layouts.items()
        )
        columns.append(_sum_rows(bk, column) if summed else column)
    return bk.concat(columns, axis=1)


def _layers(node: Any) -> Iterator[dict[str, Any]]:
    """The affine layers of a network's parameters in flat order."""
    if isinstance(node, dict) and set(node) in ({"bias", "weight"}, {"factor"}):
        yield node
    elif isinstance(node, dict):
        for key in sorted(node):
            yield from _layers(node[key])
    elif isinstance(node, list | tuple):
        for child in node:
            yield from _layers(child)


def _layer_columns(bk: Any, uses: list[Any], summed: bool) -> list[Any]:
    """[bias block (n, o), weight block (n, i·o)] of one layer, or their sums over the points, (1, …)."""
    rows: list[Any] = []  # of the first layer: one (n, o) block per input feature
    inputs, outputs = [], []
    for recorder, jet, received in uses:
        for entry, cotangent in zip(jet, received, strict=True):
            if isinstance(entry, Features):
                rows = _add_rows(rows, _feature_rows(bk, recorder, entry, cotangent))
            elif entry is not None:
                inputs.append(_by_row(bk, recorder.recorded(entry), recorder.nodes))
                outputs.append(_by_row(bk, cotangent, recorder.nodes))
    bias = total(_add_nodes(bk, received[0], recorder.nodes) for recorder, _, received in uses)
    if rows:
        weight = bk.stack([bk.zeros_like(bias) if row is None else row for row in rows], axis=1)
    elif summed:
        flat = [[bk.reshape(array, (-1, array.shape[2])) for array in arrays] for arrays in (inputs, outputs)]
        weight = total(bk.matmul(bk.permute(a, (1, 0)), b) for a, b in zip(*flat, strict=True))
        return [_sum_rows(bk, bias), bk.reshape(weight, (1, -1))]
    else:
        weight = bk.matmul(bk.permute(bk.concat(inputs, axis=1), (0, 2, 1)), bk.concat(outputs, axis=1))
    weight = bk.reshape(weight, (bias.shape[0], -1))
    return [_sum_rows(bk, bias), _sum_rows(bk, weight)] if summed else [bias, weight]


def _factor_column(bk: Any, uses: list[Any], summed: bool) -> list[Any]:
    """[block (n, 1)] of the number α in z = α a: Σ_k Σ_i a_ki B_ki."""
    column = total(
        _add_nodes(bk, bk.sum(recorder.recorded(entry) * cotangent, axis=1, keepdims=True), recorder.nodes)
        for recorder, jet, received in uses
        for entry, cotangent in zip(jet, received, strict=True)
        if entry is not None
    )
    return [_sum_rows(bk, column)] if summed else [column]


def _feature_rows(bk: Any, recorder: _Recorder, entry: Features, cotangent: Any) -> list[Any]:
    """a_k ⊗ B_k of the first layer, a row of W per input feature; a constant feature costs no product with zeros."""
    return [
        None if column is None else _add_nodes(bk, recorder.recorded(column) * cotangent, recorder.nodes)
        for column in entry.columns
    ]


def _by_row(bk: Any, array: Any, nodes: int) -> Any:
    """(n · nodes, width) → (n, nodes, width)."""
    return bk.reshape(array, (array.shape[0] // nodes, nodes, array.shape[1]))


def _add_nodes(bk: Any, array: Any, nodes: int) -> Any:
    """(n · nodes, width) → (n, width), what belongs to one residual added up."""
    return array if nodes == 1 else bk.sum(_by_row(bk, array, nodes), axis=1)


def _add_rows(left: list[Any], right: list[Any]) -> list[Any]:
    return [total([a, b]) for a, b in zip(left, right, strict=True)] if left else right


def _sum_rows(bk: Any, block: Any) -> Any:
    return bk.sum(block, axis=0, keepdims=True)


def _tap_widths(residuals: Residuals, template: dict[str, Any]) -> Widths:
    """The width of each tap on each point set, found by one evaluation on two points in NumPy."""
    oracle = Residuals(get("numpy"), residuals.plan)
    widths: Widths = {}
    middle = np.array([[0.5 * (low + high) for low, high in residuals.plan.bounds]] * 2)
    blank = {"coordinates": middle, "weight": np.ones(2), "columns": {}}
    blanks = oracle.traced({points.name: blank for points in residuals.plan.point_sets}, (), float(middle[0, 0]))
    for points in residuals.plan.point_sets:
        found: list[int] = []

        def measuring(bk: Any, layer: dict[str, Any], jet: tuple[Any, ...], found: list[int] = found) -> Any:
            outputs = affine(bk, layer, jet)
            found.extend(entry.shape[1] for entry in outputs if entry is not None)
            return outputs

        oracle.environment(points.name, template, blanks[points.name], measuring)
        widths[points.name] = found
    return widths
