"""What a C program does one after the other, and in which of its arrays each value stands.

Points are taken in blocks; a value (None, k) is k rows of a block, row j its column j. So a slice is an address, no
step; elementwise operations of one width that follow each other are one pair of loops, and what only they use is a
number within.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from collocate.exporting.graph import Graph, Node

_ALONE = ("matmul", "concat")


@dataclass(frozen=True)
class Place:
    """A value's first row: `row` of the array that is number `array` of those with `width` rows."""

    width: int
    array: int
    row: int = 0


@dataclass
class Program:
    """Steps, each a matmul, a concat, or elementwise nodes of one width; the places of values that stand in arrays.

    `arrays`: {width: how many arrays of so many rows}.
    """

    steps: list[list[Node]] = field(default_factory=list)
    places: dict[int, Place] = field(default_factory=dict)
    arrays: dict[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return sum(width * count for width, count in self.arrays.items())


def program(graph: Graph, calls: Collection[str]) -> Program:
    """calls: operations that are functions. Each has loops of its own: around a call a compiler vectorises nothing."""
    owners = _owners(graph)
    found = Program(steps=list(_steps(graph, owners, calls)))
    _Places(graph, owners, found).assign()
    return found


def _owners(graph: Graph) -> dict[int, tuple[int, int]]:
    """Of each value (whose rows it has, from which on): its own, or those of what it is a slice of."""
    owners = {identity: (identity, 0) for identity in graph.values}
    for node in graph.nodes:
        if node.operation == "slice":
            owner, row = owners[node.inputs[0]]
            owners[node.id] = (owner, row + node.attributes["start"])
    return owners


def _steps(graph: Graph, owners: dict[int, tuple[int, int]], calls: Collection[str]) -> Iterator[list[Node]]:
    loop: list[Node] = []
    inside: set[int] = set()
    single = {*calls, *_ALONE}

    def joins(node: Node) -> bool:
        """Whether a row of it needs nothing of the loop but the same row."""
        if node.operation in single or loop[0].operation in single or node.shape != loop[0].shape:
            return False
        return all(owners[each][0] not in inside or _own_row(graph, node, each) for each in node.inputs)

    for node in graph.nodes:
        if node.operation == "slice":
            continue
        if loop and not joins(node):
            yield loop
            loop, inside = [], set()
        loop.append(node)
        inside.add(node.id)
    if loop:
        yield loop


def _own_row(graph: Graph, node: Node, operand: int) -> bool:
    """Whether an elementwise node needs the operand's row j, and no other, for its own row j."""
    value = graph.values[operand]
    return value.shape == node.shape and not (isinstance(value, Node) and value.operation == "slice")


class _Places:
    """Arrays are used again when nothing needs what is in them; at once, by a step that needs it row by row."""

    def __init__(self, graph: Graph, owners: dict[int, tuple[int, int]], found: Program):
        self.graph, self.owners, self.found = graph, owners, found
        self.free: dict[int, list[int]] = defaultdict(list)
        self.last: dict[int, int] = {}
        for number, step in enumerate(found.steps):
            self.last.update({owners[each][0]: number for node in step for each in node.inputs})
        self.last.update({owners[output.id][0]: len(found.steps) for output in graph.outputs})

    def assign(self) -> None:
        places = self.found.places
        for one in self.graph.inputs:
            if one.id in self.last:
                places[one.id] = self._taken(1)
        for number, step in enumerate(self.found.steps):
            ending = {
                owner for node in step for owner, _ in (self.owners[each] for each in node.inputs)
                if owner in places and self.last[owner] == number
            }  # fmt: skip
            row_by_row = {owner for owner in ending if self._only_own_rows(step, owner)}
            self._release(row_by_row)
            for node in step:
                if self.last[node.id] > number:
                    places[node.id] = self._taken(node.shape[1] or 1)
            self._release(ending - row_by_row)
        for identity, (owner, row) in self.owners.items():
            if owner in places and owner != identity:
                places[identity] = Place(places[owner].width, places[owner].array, row)

    def _only_own_rows(self, step: list[Node], owner: int) -> bool:
        if step[0].operation in _ALONE:
            return False
        uses = [(node, each) for node in step for each in node.inputs if self.owners[each][0] == owner]
        return all(_own_row(self.graph, node, each) for node, each in uses)

    def _taken(self, width: int) -> Place:
        if not self.free[width]:
            self.free[width].append(self.found.arrays.get(width, 0))
            self.found.arrays[width] = self.found.arrays.get(width, 0) + 1
        return Place(width, self.free[width].pop())

    def _release(self, owners: Collection[int]) -> None:
        for owner in sorted(owners):
            place = self.found.places[owner]
            self.free[place.width].append(place.array)
