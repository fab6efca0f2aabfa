"""PirateNet: residual blocks that training switches on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.errors import PlanError
from collocate.jets import Jet, JetAlgebra
from collocate.networks import checks
from collocate.networks.fourier import waves
from collocate.networks.gated import mix
from collocate.networks.initialisation import layers


@dataclass(frozen=True)
class PirateNet:
    """Physics-informed residual adaptive network; `widths` has one number per block, all equal and even.

        x_0 = [cos 2πBx, sin 2πBx],   U = σ(x_0 W_U + b_U),   V = σ(x_0 W_V + b_V), and in each block
        z = (1 − σ(x W_1 + b_1)) ⊙ U + σ(x W_1 + b_1) ⊙ V,   y = the same of z by W_2,   h = σ(y W_3 + b_3),
        x ← x + α (h − x),

    and N = x W + b at the end. The trained α of each block starts at 0: at first the network is linear in its Fourier
    features, and it grows as deep as it needs. B ~ N(0, scale²) is drawn from `seed`, as in `FourierFeatures`; other
    options as in `MLP`. The first W is drawn like all others, not fitted to data.
    Raises PlanError as `MLP` does, for unequal or odd widths, and for a scale or seed that is none.
    Source: S. Wang, B. Li, Y. Chen, P. Perdikaris, arXiv:2402.00326, eq. 4.1 to 4.7 (their s is 2π `scale`).
    """

    widths: Sequence[int] = (32, 32)
    activation: str = "tanh"
    scale: float = 0.25
    seed: int = 0
    initialisation: str = "glorot_normal"

    def __post_init__(self) -> None:
        widths = checks.equal_widths(self.widths, "each block adds to what came before")
        if widths[0] % 2:
            raise PlanError(f"widths must be even, half sines and half cosines, as in {(widths[0] + 1,)}; got {widths}")
        object.__setattr__(self, "widths", widths)
        checks.smooth(self.activation)
        checks.known_initialisation(self.initialisation)
        checks.scale_and_seed((self.scale,), self.seed)

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        width = self.widths[0]
        gates = [layers(self.initialisation, generator, (width, width))[0] for _ in range(2)]
        blocks = [
            {"layers": layers(self.initialisation, generator, (width,) * 4), "share": {"factor": np.zeros(1)}}
            for _ in self.widths
        ]
        return {"blocks": blocks, "gates": gates, "last": layers(self.initialisation, generator, (width, outputs))[0]}

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        def dense(layer: dict[str, Any], inputs: Jet) -> Jet:
            return algebra.function(self.activation, affine(algebra.bk, layer, inputs))

        found = waves(algebra, jet, self.widths[0] // 2, (self.scale,), self.seed)
        first, second = (dense(gate, found) for gate in parameters["gates"])
        for block in parameters["blocks"]:
            one, two, three = block["layers"]
            inside = mix(algebra, dense(one, found), first, second)
            inside = mix(algebra, dense(two, inside), first, second)
            change = algebra.add(dense(three, inside), algebra.negate(found))
            found = algebra.add(found, affine(algebra.bk, block["share"], change))
        return affine(algebra.bk, parameters["last"], found)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "pirate",
            "widths": list(self.widths),
            "activation": self.activation,
            "scale": self.scale,
            "seed": self.seed,
            "initialisation": self.initialisation,
        }
