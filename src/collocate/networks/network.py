"""What every network is: shapes drawn from a seed, and a pure map of jets."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from collocate.jets import Jet, JetAlgebra


@runtime_checkable
class Network(Protocol):
    """A pure description; parameters live outside it, in a tree of arrays.

    `affine` is injected: training by Gauss-Newton passes one that also records what the Jacobian needs.
    """

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        """Parameters drawn from `generator`: a tree of float64 arrays, the same for every backend."""
        ...

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        """The output jet, entries (n, outputs) or `Features`, of the input jet (see `jets.stack_features`)."""
        ...

    def to_json(self) -> dict[str, Any]: ...
