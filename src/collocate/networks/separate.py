"""One network per field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.errors import PlanError
from collocate.jets import Features, Jet, JetAlgebra, column, stack_features
from collocate.networks import checks
from collocate.networks.network import Network

Seen = tuple[int, ...] | None


@dataclass(frozen=True)
class Separate:
    """N = (N_1(x), …, N_k(x)): a network for each field, side by side, that share no parameter.

    network: one, used for every field with parameters of its own, or a sequence with one for each field, in the order
    of the fields' names. inputs: for each field the columns of the network's input that it sees, None for all; a
    derivative by what a field does not see is a structural zero, never computed.
    Parameters: {"networks": [tree, …]}. The output's entries are `Features`, one column a field.
    Raises PlanError for what is no network, and where networks or inputs are not as many as fields.
    """

    network: Network | Sequence[Network]
    inputs: Sequence[Sequence[int] | None] | None = None

    def __post_init__(self) -> None:
        several = isinstance(self.network, Sequence) and not isinstance(self.network, str)
        for network in self.network if several and self.network else (self.network,):  # type: ignore[union-attr]
            checks.inner_network(network, "Separate(co.MLP((20, 20)))")
        if several:
            object.__setattr__(self, "network", tuple(self.network))  # type: ignore[arg-type]
        if self.inputs is not None:
            object.__setattr__(self, "inputs", tuple(map(_columns, self.inputs)))

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        pairs = zip(self._networks(outputs), self._seen(outputs), strict=True)
        for seen in self._seen(outputs):
            if seen is not None and max(seen) >= inputs:
                raise PlanError(f"inputs of Separate name column {max(seen)}; the network has 0 to {inputs - 1}")
        return {
            "networks": [
                network.initial(inputs if seen is None else len(seen), 1, generator) for network, seen in pairs
            ]
        }

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        trees = parameters["networks"]
        outputs = []
        for network, seen, tree in zip(self._networks(len(trees)), self._seen(len(trees)), trees, strict=True):
            visible = jet if seen is None else tuple(_choose(algebra.bk, entry, seen) for entry in jet)
            outputs.append(column(network.apply(algebra, tree, visible, affine), 0))
        return stack_features(outputs)

    def to_json(self) -> dict[str, Any]:
        several = isinstance(self.network, tuple)
        return {
            "kind": "separate",
            "network": [n.to_json() for n in self.network] if several else self.network.to_json(),  # type: ignore[union-attr]
            "inputs": None if self.inputs is None else [None if seen is None else list(seen) for seen in self.inputs],
        }

    def _networks(self, fields: int) -> tuple[Network, ...]:
        if not isinstance(self.network, tuple):
            return (self.network,) * fields  # type: ignore[return-value]
        if len(self.network) != fields:
            raise PlanError(
                f"Separate has {len(self.network)} networks for {fields} fields; give one for each field, in the order "
                "of their names, or one network alone, to be used for every field"
            )
        return self.network

    def _seen(self, fields: int) -> tuple[Seen, ...]:
        if self.inputs is None:
            return (None,) * fields
        if len(self.inputs) != fields:
            raise PlanError(
                f"inputs of Separate has {len(self.inputs)} members for {fields} fields; give one for each field, in "
                "the order of their names: a tuple of columns, or None for all"
            )
        return self.inputs  # type: ignore[return-value]


def _columns(given: Any) -> Seen:
    if given is None:
        return None
    seen = tuple(given) if isinstance(given, Sequence) and not isinstance(given, str) else ()
    if not seen or not all(type(k) is int and k >= 0 for k in seen):
        raise PlanError(f"inputs of Separate holds tuples of column numbers, such as (0,), or None; got {given!r}")
    return seen


def _choose(bk: Any, entry: Any, seen: tuple[int, ...]) -> Any:
    """The columns `seen` of one entry of a network's input; None where all of them are zero."""
    if entry is None:
        return None
    if not isinstance(entry, Features):
        return bk.concat([entry[:, k : k + 1] for k in seen], axis=1)
    columns = tuple(entry.columns[k] for k in seen)
    return None if all(each is None for each in columns) else Features(columns)
