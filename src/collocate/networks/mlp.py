"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.jets import Jet, JetAlgebra
from collocate.networks import checks
from collocate.networks.initialisation import layers


@dataclass(frozen=True)
class MLP:
    """N(x) = W_L σ(W_{L−1} … σ(W_0 x + b_0) …) + b_L, with `widths` the sizes of the hidden layers.

    activation: "tanh", "sin", "sigmoid", "swish" or "gelu".
    initialisation: of the weights; "glorot_normal", Var W = 2/(inputs + outputs) of the layer, or "glorot_uniform";
    "lecun_normal", Var W = 1/inputs, or "lecun_uniform". Biases start at zero.
    slope: where not 1, the first layer's weights are so many times larger, and each of its neurons has its zero at a
    place c drawn uniformly from the inputs' box [−1, 1]ᵈ, b = −Wᵀc: it starts with details all over the domain.
    Raises PlanError for an activation without smooth derivatives, a width or a slope that is not positive.
    """

    widths: Sequence[int] = (20, 20, 20)
    activation: str = "tanh"
    initialisation: str = "glorot_normal"
    slope: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", checks.hidden_widths(self.widths))
        checks.smooth(self.activation)
        checks.known_initialisation(self.initialisation)
        object.__setattr__(self, "slope", checks.slope(self.slope))

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        drawn = layers(self.initialisation, generator, (inputs, *self.widths, outputs))
        if self.slope != 1.0:
            weight = self.slope * drawn[0]["weight"]
            centres = generator.uniform(-1.0, 1.0, weight.shape)
            drawn[0] = {"weight": weight, "bias": -np.sum(weight * centres, axis=0)}
        return {"layers": drawn}

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        *hidden, last = parameters["layers"]
        for layer in hidden:
            jet = algebra.function(self.activation, affine(algebra.bk, layer, jet))
        return affine(algebra.bk, last, jet)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "mlp",
            "widths": list(self.widths),
            "activation": self.activation,
            "initialisation": self.initialisation,
            "slope": self.slope,
        }
