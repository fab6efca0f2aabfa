"""Which parameters of a network its output depends on linearly: those of its last affine map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collocate import tree


def output_layer(parameters: dict[str, Any]) -> list[bool]:
    """For each leaf of one of our own networks' parameters, in the tree's order, whether the output is affine in it."""
    last = set(_last(parameters, ()))
    return [path in last for path in tree.paths(parameters)]


def _last(parameters: dict[str, Any], above: tree.Path) -> Iterator[tree.Path]:
    if "networks" in parameters:
        for number, inner in enumerate(parameters["networks"]):
            yield from _last(inner, (*above, "networks", number))
        return
    place = ("last",) if "last" in parameters else ("layers", len(parameters["layers"]) - 1)
    layer = parameters["last"] if "last" in parameters else parameters["layers"][-1]
    yield from ((*above, *place, *path) for path in tree.paths(layer))
