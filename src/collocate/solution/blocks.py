"""What is drawn together: fields over the coordinates that they depend on, a parameter by a few of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from collocate.solution.measurements import Measured
from collocate.solution.panels import Coordinate, Field, Fields

VALUES = 3


@dataclass(frozen=True)
class Block:
    """Fields over the same coordinates, with the references and measurements of some of them."""

    axes: list[Coordinate]
    fields: Fields
    references: Fields = field(default_factory=dict)
    measured: Measured = field(default_factory=dict)

    def at(self, fixed: Mapping[str, float]) -> Block:
        """The same with some coordinates held."""
        return Block(
            [axis for axis in self.axes if axis.name not in fixed],
            held(self.fields, fixed),
            held(self.references, fixed),
            {name: each.near(fixed, self.axes) for name, each in self.measured.items()},
        )

    def of(self, names: Sequence[str], axes: list[Coordinate]) -> Block:
        """Some of the fields, over some of the coordinates."""
        references = {name: self.references[name] for name in names if name in self.references}
        measured = {name: self.measured[name] for name in names if name in self.measured}
        return Block(axes, {name: self.fields[name] for name in names}, references, measured)


def blocks(whole: Block, fixed: Mapping[str, float], sees: Mapping[str, Sequence[str]]) -> list[Block]:
    """One block for fields that depend on the same coordinates, most first; none for a field of which all are held."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in whole.fields:
        own = sees.get(name) or [axis.name for axis in whole.axes]
        groups.setdefault(tuple(axis.name for axis in whole.axes if axis.name in own), []).append(name)
    found = []
    for own, names in sorted(groups.items(), key=lambda group: -len(group[0])):
        block = whole.of(names, [axis for axis in whole.axes if axis.name in own])
        block = by_parameters(block.at({name: value for name, value in fixed.items() if name in own}))
        found += [block] if block.axes else []
    return found


def by_parameters(block: Block) -> Block:
    """Each field at the lowest, middle and highest values of the parameters, in place of an axis for each.

    Where nothing but parameters is left to draw over, they stay.
    """
    parameters = [axis for axis in block.axes if axis.is_parameter]
    if not parameters or len(parameters) == len(block.axes):
        return block
    values = [
        {axis.name: float(np.linspace(axis.low, axis.high, VALUES)[number]) for axis in parameters}
        for number in range(VALUES)
    ]
    each = [block.at(fixed) for fixed in values]
    labels = [", ".join(f"{name} = {value:.3g}" for name, value in fixed.items()) for fixed in values]

    def labelled(kind: str) -> dict:
        return {
            f"{name}, {label}": getattr(one, kind)[name]
            for name in getattr(block, kind)
            for one, label in zip(each, labels, strict=True)
        }

    return Block(each[0].axes, labelled("fields"), labelled("references"), labelled("measured"))


def held(fields: Fields, fixed: Mapping[str, float]) -> dict[str, Field]:
    """The same fields as functions of the coordinates that are left."""

    def restricted(field: Field) -> Field:
        def values(points: dict[str, np.ndarray]) -> np.ndarray:
            shape = next(iter(points.values())).shape
            return field({**points, **{name: np.full(shape, value) for name, value in fixed.items()}})

        return values

    return {name: restricted(field) for name, field in fields.items()}
