"""How a layer's weights are drawn, by name; biases start at zero.

With i inputs and o outputs of the layer:

    glorot_normal     W ~ N(0, 2/(i + o))
    glorot_uniform    W ~ U(−a, a),  a = √(6/(i + o))
    lecun_normal      W ~ N(0, 1/i)
    lecun_uniform     W ~ U(−a, a),  a = √(3/i)

Glorot's keeps the size of values and of gradients alike from layer to layer, LeCun's that of values.
Sources: X. Glorot, Y. Bengio, AISTATS 2010, eq. 12 and 16; Y. LeCun, L. Bottou, G. B. Orr, K.-R. Müller, «Efficient
BackProp», doi:10.1007/978-3-642-35289-8_3, section 4.6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator, int, int], np.ndarray]


def _normal(variance: Callable[[int, int], float]) -> Draw:
    return lambda generator, rows, columns: generator.normal(0.0, sqrt(variance(rows, columns)), (rows, columns))


def _uniform(variance: Callable[[int, int], float]) -> Draw:
    def draw(generator: np.random.Generator, rows: int, columns: int) -> np.ndarray:
        limit = sqrt(3.0 * variance(rows, columns))
        return generator.uniform(-limit, limit, (rows, columns))

    return draw


def _glorot(rows: int, columns: int) -> float:
    return 2.0 / (rows + columns)


def _lecun(rows: int, columns: int) -> float:
    return 1.0 / rows


INITIALISATIONS: dict[str, Draw] = {
    "glorot_normal": _normal(_glorot),
    "glorot_uniform": _uniform(_glorot),
    "lecun_normal": _normal(_lecun),
    "lecun_uniform": _uniform(_lecun),
}


def layers(name: str, generator: np.random.Generator, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Affine layers from each size to the next: {"weight": (rows, columns), "bias": (columns,)}."""
    return [
        {"weight": INITIALISATIONS[name](generator, rows, columns), "bias": np.zeros(columns)}
        for rows, columns in pairwise(sizes)
    ]
