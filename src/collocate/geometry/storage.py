"""Domains read from JSON; what is stored is not trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import from_tree, symbol
from collocate.geometry.domain import Domain
from collocate.geometry.polygon import Polygon
from collocate.geometry.round import Ball, Disk
from collocate.geometry.shape import Difference, Intersection, Shape, Union
from collocate.geometry.shapes import Box, Interval, Range, Rectangle, Time

_LINES: dict[str, Any] = {"interval": Interval, "time": Time, "range": Range}
_BOXES: dict[str, Any] = {"rectangle": Rectangle, "box": Box}
_ROUND: dict[str, Any] = {"disk": Disk, "ball": Ball}
_COMBINED: dict[str, Any] = {"difference": Difference, "union": Union, "intersection": Intersection}


def domain_from_json(data: Any) -> Domain:
    """The domain that `Domain.to_json` wrote. Raises StatementError for anything else."""
    try:
        return Domain(tuple(_shape(shape) for shape in data["shapes"]))
    except (KeyError, TypeError, ValueError, AttributeError, ExpressionError, RecursionError) as error:
        raise StatementError(f"the stored domain is not well formed: {error!r}") from error


def _shape(data: Mapping[str, Any]) -> Shape:
    kind = data["kind"]
    if kind not in _READERS:
        raise StatementError(f"a stored shape is one of {', '.join(_READERS)}; got {kind!r}")
    return _READERS[kind](data, kind)


def _coordinates(data: Mapping[str, Any]) -> tuple[Any, ...]:
    names = data["coordinates"]
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise StatementError(f"a stored {data['kind']} has a list of coordinates; got {names!r}")
    return tuple(symbol(name) for name in names)


def _line(data: Mapping[str, Any], kind: str) -> Shape:
    coordinates = _coordinates(data)
    lower, upper = ([from_tree(tree) for tree in data[bound]] for bound in ("lower", "upper"))
    if not len(coordinates) == len(lower) == len(upper) == 1:
        raise StatementError(f"a stored {kind} has one coordinate and two bounds; got {data!r}")
    return _LINES[kind](coordinates[0], lower[0], upper[0])


def _box(data: Mapping[str, Any], kind: str) -> Shape:
    return _BOXES[kind](_coordinates(data), *([from_tree(tree) for tree in data[end]] for end in ("lower", "upper")))


def _round(data: Mapping[str, Any], kind: str) -> Shape:
    return _ROUND[kind](_coordinates(data), [from_tree(tree) for tree in data["center"]], from_tree(data["radius"]))


def _polygon(data: Mapping[str, Any], kind: str) -> Shape:
    return Polygon(_coordinates(data), [[from_tree(tree) for tree in vertex] for vertex in data["vertices"]])


def _combined(data: Mapping[str, Any], kind: str) -> Shape:
    one, other = data["shapes"]
    first, second = _shape(one), _shape(other)
    if first.names != second.names:
        raise StatementError(
            f"a stored {kind} has two shapes of the same coordinates; got {first.names}, {second.names}"
        )
    return _COMBINED[kind](first, second)


_READERS: dict[str, Callable[[Mapping[str, Any], str], Shape]] = {
    **dict.fromkeys(_LINES, _line),
    **dict.fromkeys(_BOXES, _box),
    **dict.fromkeys(_ROUND, _round),
    "polygon": _polygon,
    **dict.fromkeys(_COMBINED, _combined),
}
