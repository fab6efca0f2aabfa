"""What a slab of time starts from: the fields at the end of the slab before, as frozen columns of the points.

For the slab that starts at a, and each field with m initial values, the traces ∂_t^j u(x, a), j < m, are functions of x
alone. A column holds their derivatives by x at each point, computed by the network of the slab before at (x, a); that
network starts from a trace itself, and so on to the problem's own initial values. So the functions that train and
evaluate are the same in every slab, and compiled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import add
from typing import Any

import numpy as np

from collocate import tree
from collocate.backends import select
from collocate.expressions import lower
from collocate.jets import Entry, Jet, JetAlgebra, JetSpace
from collocate.planning import marching
from collocate.planning.specification import Plan
from collocate.residuals.trial import coordinate_jets, field_jets

# One size, so that one compilation (seconds, on PyTorch) serves a single point and a grid; a block takes milliseconds.
BLOCK = 2048

Columns = dict[str, Any]


class Traces:
    """The traces that the jets of `spaces` need. Columns are {name of the trace: (n, entries)}."""

    def __init__(self, bk: Any, plan: Plan, spaces: Iterable[JetSpace]):
        self.bk, self.plan = bk, plan
        self._time = plan.coordinates.index(plan.time) if plan.traces else 0
        self.space, self.held = self._closed({entry for space in spaces for entry in space.entries})
        self._next = bk.compile(self.next)

    def _closed(self, entries: set[Entry]) -> tuple[JetSpace, list[Entry]]:
        """The space in which `next` computes, and those of its entries that columns hold: all without time.

        Of a sum, u_xx + u_yy, the derivative by time brings the parts in, u_xx and u_yy, which a trace must hold too.
        """
        held: set[Entry] = set()
        while True:
            found = {kept for entry in entries if self.plan.traces and (kept := self._timeless(entry))}
            lifted = {self._lifted(entry, trace.order) for entry in found for trace in self.plan.traces}
            space = JetSpace.of(len(self.plan.coordinates), found | lifted)
            if found == held:
                return space, [entry for entry in space.entries if entry in held]
            entries, held = set(space.entries), found

    def _timeless(self, entry: Entry) -> Entry | None:
        """What of the entry has no derivative by time; None where nothing is left."""
        terms = tuple((alpha, factor) for alpha, factor in entry.terms if not alpha[self._time])
        return Entry(terms) if terms else None

    def _lifted(self, entry: Entry, order: int) -> Entry:
        """∂_t^order of an entry."""
        rise = [order * (axis == self._time) for axis in range(len(self.plan.coordinates))]
        return Entry(tuple((tuple(map(add, alpha, rise)), factor) for alpha, factor in entry.terms))

    def jets(self, space: JetSpace, columns: Columns) -> dict[Any, Jet]:
        """{trace: jet} in another space, of the columns."""
        places = {entry: place for place, entry in enumerate(self.held)}
        return {
            trace.node: tuple(
                None if kept is None else columns[trace.name][:, places[kept] : places[kept] + 1]
                for kept in map(self._timeless, space.entries)
            )
            for trace in self.plan.traces
        }

    def first(self, points: Any) -> Columns:
        """The columns of the problem's own initial values."""
        algebra = JetAlgebra(self.bk, self.space)
        known = coordinate_jets(algebra, self.plan, points)
        return {trace.name: self._column(lower(trace.initial, algebra, known), 0, points) for trace in self.plan.traces}

    def next(self, parameters: dict[str, Any], points: Any, columns: Columns) -> Columns:
        """Those at points whose time is the end of a slab, from its parameters and its own columns."""
        algebra = JetAlgebra(self.bk, self.space)
        known = coordinate_jets(algebra, self.plan, points) | self.jets(self.space, columns)
        fields = field_jets(algebra, self.plan, parameters, known)
        return {trace.name: self._column(fields[trace.field], trace.order, points) for trace in self.plan.traces}

    def _column(self, jet: Jet, order: int, points: Any) -> Any:
        zeros = self.bk.zeros_like(points[:, :1])
        entries = (jet[self.space.index[self._lifted(entry, order)]] for entry in self.held)
        return self.bk.concat([zeros if entry is None else zeros + entry for entry in entries], axis=1)

    @cached_property
    def _host(self) -> Traces:
        """The same by NumPy: initial values are evaluated there, and nothing is compiled for them."""
        return Traces(select.get("numpy"), self.plan, [self.space])

    def __call__(self, before: Sequence[dict[str, Any]], start: float, coordinates: np.ndarray) -> Columns:
        """NumPy columns at points (n, d) for the slab from `start` on, after slabs with the parameters `before`."""
        starts = [*(float(parameters["constants"][marching.START]) for parameters in before), start]
        with np.errstate(all="ignore"):  # branches of Piecewise that aren't taken may be undefined
            found = self._host.first(self._at(starts[0], coordinates))
        for parameters, end in zip(before, starts[1:], strict=True):
            found = self._moved(parameters, self._at(end, coordinates), found)
        return found

    def _moved(self, parameters: dict[str, Any], points: np.ndarray, columns: Columns) -> Columns:
        """`next` in blocks, on the host."""
        given = tree.map(self.bk.asarray, parameters)
        blocks = []
        for low in range(0, len(points), BLOCK):
            rows = np.minimum(np.arange(low, low + BLOCK), len(points) - 1)
            part = {name: column[rows] for name, column in columns.items()}
            found = self._next(given, self.bk.asarray(points[rows]), tree.map(self.bk.asarray, part))
            blocks.append(tree.map(self.bk.to_numpy, found))
        return {name: np.concatenate([block[name] for block in blocks])[: len(points)] for name in columns}

    def _at(self, time: float, coordinates: np.ndarray) -> np.ndarray:
        moved = np.array(coordinates, np.float64)
        moved[:, self._time] = time
        return moved
