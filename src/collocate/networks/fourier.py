"""Random Fourier features in front of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import pi
from typing import Any

import numpy as np

from collocate.errors import PlanError
from collocate.jets import Features, Jet, JetAlgebra
from collocate.jets import affine as fixed_affine
from collocate.networks import checks
from collocate.networks.mlp import MLP
from collocate.networks.network import Network


@dataclass(frozen=True)
class FourierFeatures:
    """network([cos 2πBx, sin 2πBx]) with B (frequencies, inputs) ~ N(0, scale²), drawn once and never trained.

    Against the slowness of plain networks on high frequencies. x are the network's inputs, coordinates mapped to
    [−1, 1]: a scale of 1 gives waves of about one period on half of the domain.
    scale: a number, or several for a solution of several scales: so many `frequencies` each, side by side.
    seed: of B. It is a part of the description, so B is the same on all backends and from a file.
    Raises PlanError for a network, scale, number or seed that is none.
    Sources: M. Tancik et al., arXiv:2006.10739, section 4; several scales: S. Wang, H. Wang, P. Perdikaris,
    doi:10.1016/j.cma.2021.113938 (there each scale passes the network by itself).
    """

    network: Network = field(default_factory=MLP)
    frequencies: int = 16
    scale: float | Sequence[float] = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        scales = tuple(self.scale) if isinstance(self.scale, Sequence) else (self.scale,)
        checks.scale_and_seed(scales, self.seed)
        if not checks.is_positive_integer(self.frequencies):
            raise PlanError(f"frequencies must be a positive whole number; got {self.frequencies!r}")
        checks.inner_network(self.network, "FourierFeatures(co.MLP((20, 20)))")
        object.__setattr__(self, "scale", tuple(map(float, scales)))

    def initial(self, inputs: int, outputs: int, generator: np.random.Generator) -> dict[str, Any]:
        return self.network.initial(2 * self.frequencies * len(self.scale), outputs, generator)  # type: ignore[arg-type]

    def apply(self, algebra: JetAlgebra, parameters: dict[str, Any], jet: Jet, affine: Any) -> Jet:
        embedded = waves(algebra, jet, self.frequencies, self.scale, self.seed)  # type: ignore[arg-type]
        return self.network.apply(algebra, parameters, embedded, affine)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": "fourier",
            "network": self.network.to_json(),
            "frequencies": self.frequencies,
            "scale": list(self.scale),  # type: ignore[arg-type]
            "seed": self.seed,
        }


def waves(algebra: JetAlgebra, jet: Jet, frequencies: int, scales: Sequence[float], seed: int) -> Jet:
    """[cos 2πBx, sin 2πBx], entries (n, 2 · frequencies · len(scales)), of a jet of `inputs` columns."""
    inputs = len(jet[0].columns) if isinstance(jet[0], Features) else int(jet[0].shape[1])
    generator = np.random.default_rng(seed)
    drawn = np.concatenate([scale * generator.normal(size=(inputs, frequencies)) for scale in scales], axis=1)
    angles = fixed_affine(algebra.bk, {"weight": algebra.bk.asarray(2.0 * pi * drawn), "bias": 0.0}, jet)
    cosines, sines = algebra.function("cos", angles), algebra.function("sin", angles)
    return tuple(
        None if cosine is None else algebra.bk.concat([cosine, sine], axis=1)
        for cosine, sine in zip(cosines, sines, strict=True)
    )
