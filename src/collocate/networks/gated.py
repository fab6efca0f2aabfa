"""The gated («modified») multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.jets import Jet, JetAlgebra
from collocate.networks import checks
from collocate.networks.initialisation import layers


@dataclass(frozen=True)
class GatedMLP:
    """A perceptron whose every hidden layer is mixed from two encoders U, V of the input:

        U = σ(x W_U + b_U),   V = σ(x W_V + b_V),   H_0 = x,
        Z_k = σ(H_{k−1} W_k + b_k),   H_k = (1 − Z_k) ⊙ U + Z_k ⊙ V,   N = H_L W + b.

    `widths` are those of the hidden layers, all equal, as the product with U and V needs. Options as in `MLP`.
    Raises PlanError as `MLP` does, and for unequal widths.
    Source: S. Wang, Y. Teng, P. Perdikaris, arXiv:2001.04536, section 2.5 («improved fully connected architecture»).
    """

    widths: Sequence[int] = (20, 20, 20)
    activation: str = "tanh"
    initialisation: str = "glorot_normal"

    def __post_init__(self) -> None:
        widths = checks.equal_widths(self.widths, "each hidden layer is multiplied with the same two gates")
        object.__setattr__(self, "widths", widths)
        checks.smooth(self.activation)
        checks.known_initialisation(self.initialisation)

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        gates = [layers(self.initialisation, generator, (inputs, self.widths[0]))[0] for _ in range(2)]
        return {"gates": gates, "layers": layers(self.initialisation, generator, (inputs, *self.widths, outputs))}

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        first, second = (
            algebra.function(self.activation, affine(algebra.bk, gate, jet)) for gate in parameters["gates"]
        )
        *hidden, last = parameters["layers"]
        for layer in hidden:
            jet = mix(algebra, algebra.function(self.activation, affine(algebra.bk, layer, jet)), first, second)
        return affine(algebra.bk, last, jet)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "gated",
            "widths": list(self.widths),
            "activation": self.activation,
            "initialisation": self.initialisation,
        }


def mix(algebra: JetAlgebra, weight: Jet, first: Jet, second: Jet) -> Jet:
    """(1 − z) ⊙ U + z ⊙ V, as U + z ⊙ (V − U): one product of jets."""
    return algebra.add(first, algebra.multiply(weight, algebra.add(second, algebra.negate(first))))
