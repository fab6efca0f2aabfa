"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np

from collocate.errors import PlanError
from collocate.jets import SMOOTH_ACTIVATIONS, Jet, JetAlgebra

# Why each of these cannot solve a differential equation of second order.
_ROUGH = {"relu", "leaky_relu", "elu", "selu", "hard_tanh", "relu6", "softsign"}


@dataclass(frozen=True)
class MLP:
    """N(x) = W_L σ(W_{L−1} … σ(W_0 x + b_0) …) + b_L, with `widths` the sizes of the hidden layers.

    Weights are Glorot-normal, Var W = 2/(fan_in + fan_out) (X. Glorot, Y. Bengio, AISTATS 2010); biases start at zero.
    Raises PlanError for an activation without smooth derivatives or a width that is not positive.
    """

    widths: Sequence[int] = (20, 20, 20)
    activation: str = "tanh"

    def __post_init__(self) -> None:
        object.__setattr__(self, "widths", tuple(self.widths))
        if not self.widths or any(not isinstance(width, int) or width < 1 for width in self.widths):
            raise PlanError(
                f"widths must be positive integers, one per hidden layer, as in (20, 20, 20); got {self.widths}"
            )
        known = ", ".join(SMOOTH_ACTIVATIONS)
        if self.activation in _ROUGH:
            raise PlanError(
                f"activation {self.activation!r} has no useful second derivative (ReLU's is zero almost everywhere), "
                f"so the network cannot satisfy a differential equation; use 'tanh' (or one of {known})"
            )
        if self.activation not in SMOOTH_ACTIVATIONS:
            raise PlanError(f"unknown activation {self.activation!r}; choose one of {known}")

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        sizes = (inputs, *self.widths, outputs)
        layers = [
            {
                "weight": generator.normal(0.0, sqrt(2.0 / (rows + columns)), (rows, columns)),
                "bias": np.zeros(columns),
            }
            for rows, columns in pairwise(sizes)
        ]
        return {"layers": layers}

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        *hidden, last = parameters["layers"]
        for layer in hidden:
            jet = algebra.function(self.activation, affine(algebra.bk, layer, jet))
        return affine(algebra.bk, last, jet)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "mlp", "widths": list(self.widths), "activation": self.activation}
