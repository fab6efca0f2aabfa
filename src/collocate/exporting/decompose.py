"""Functions that a target lacks, written with those that every target has: to rounding, in double precision too.

With s(x) = x/(1 + √(1 + x²)), tan of half the angle:  atan x = 4 atan s(s(x)) for |x| ≤ 1, and a series in |s| ≤ 0.2.
erf x = 1 − exp(−x²) p((x − 2)/(x + 2)) for x ≥ ½, p the polynomial through erfcx = exp(x²) erfc at Chebyshev nodes.
Source of the last: M. Shepherd, J. Laframboise, doi:10.1090/S0025-5718-1981-0595058-8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy import special

from collocate.exporting.builder import Builder, rebuilt
from collocate.exporting.graph import Graph, Node
from collocate.exporting.passes import optimise
from collocate.exporting.recording import Recorded, RecordingBackend

_CENTRE = 2.0  # the x that is mapped to 0
_DEGREE = 24  # more only adds rounding


def decompose(graph: Graph, lacking: Collection[str]) -> Graph:
    """The graph without the operations `lacking`, of those in `FORMULAS`."""

    def rule(builder: Builder, node: Node, operands: list[int]) -> int:
        if node.operation not in lacking or node.operation not in FORMULAS:
            return builder.apply(node.operation, operands, node.attributes)
        return FORMULAS[node.operation](RecordingBackend(builder), Recorded(builder, operands[0])).id

    return optimise(rebuilt(graph, rule))


def _polynomial(coefficients: Sequence[float], z: Any) -> Any:
    """Σ c_k z^k."""
    value: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * z + coefficient
    return value


def _tan(bk: Any, x: Any) -> Any:
    return bk.sin(x) / bk.cos(x)


def _cosh(bk: Any, x: Any) -> Any:
    e = bk.exp(x)
    return 0.5 * e + 0.5 / e


def _sinh(bk: Any, x: Any) -> Any:
    e = bk.exp(x)
    series = x * _polynomial([1.0 / math.factorial(2 * k + 1) for k in range(9)], x * x)
    return bk.where(bk.less(bk.abs(x), 1.0), series, 0.5 * e - 0.5 / e)


def _atan(bk: Any, x: Any) -> Any:
    far = bk.less(1.0, bk.abs(x))
    s = bk.where(far, 1.0 / x, x)
    for _ in range(2):
        s = s / (1.0 + bk.sqrt(1.0 + s * s))
    near = 4.0 * s * _polynomial([(-1.0) ** k / (2 * k + 1) for k in range(12)], s * s)
    return bk.where(far, 0.5 * math.pi * bk.sign(x) - near, near)


def _asin(bk: Any, x: Any) -> Any:
    return _atan(bk, x / bk.sqrt((1.0 - x) * (1.0 + x)))


def _acos(bk: Any, x: Any) -> Any:
    return 2.0 * _atan(bk, bk.sqrt((1.0 - x) / (1.0 + x)))


def _erf(bk: Any, x: Any) -> Any:
    size = bk.abs(x)
    tail = bk.exp(-x * x) * _polynomial(_scaled_complement(), (size - _CENTRE) / (size + _CENTRE))
    series = [2.0 / math.sqrt(math.pi) * (-1.0) ** k / (math.factorial(k) * (2 * k + 1)) for k in range(12)]
    return bk.where(bk.less(size, 0.5), x * _polynomial(series, x * x), bk.sign(x) * (1.0 - tail))


@cache
def _scaled_complement() -> tuple[float, ...]:
    """Coefficients of erfcx(x) in powers of (x − c)/(x + c), for x from ½ to infinity."""
    low = (0.5 - _CENTRE) / (0.5 + _CENTRE)

    def values(s: np.ndarray) -> np.ndarray:
        return special.erfcx(_CENTRE * (1.0 + s) / np.maximum(1.0 - s, 1e-300))

    found = np.polynomial.Chebyshev.interpolate(values, _DEGREE, domain=[low, 1.0])
    return tuple(float(c) for c in found.convert(kind=np.polynomial.Polynomial, domain=[-1.0, 1.0]).coef)


FORMULAS: dict[str, Callable[[Any, Any], Any]] = {
    "tan": _tan,
    "sinh": _sinh,
    "cosh": _cosh,
    "asin": _asin,
    "acos": _acos,
    "atan": _atan,
    "erf": _erf,
}
