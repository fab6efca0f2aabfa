"""Elementary functions and activations with their derivatives: one table for expressions and networks.

Each rule is `(bk, z, order) -> [σ(z), σ′(z), …, σ^{(order)}(z)]`, entries an array, a Python float (a constant) or
None (zero everywhere). With order 0 it is the plain function.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.polynomial import Polynomial

Rule = Callable[[Any, Any, int], list[Any]]


def _horner(coefficients: tuple[float, ...], z: Any) -> Any:
    """Σ c_k z^k; a Python float where the polynomial is constant."""
    value: Any = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = value * z + coefficient if coefficient else value * z
    return value


@cache
def _factors(slope: tuple[float, ...], order: int) -> tuple[tuple[float, ...], ...]:
    """q_1 … q_order with σ^{(k)} = σ′ q_k(σ), for σ′ = p(σ): q_1 = 1, q_{k+1} = p′ q_k + p q_k′.

    `slope` holds the coefficients of p: 1 − s² for tanh, s − s² for the logistic sigmoid.
    """
    p, q, found = Polynomial(slope), Polynomial([1.0]), []
    for _ in range(order):
        found.append(tuple(float(c) for c in q.trim().coef))
        q = p.deriv() * q + p * q.deriv()
    return tuple(found)


def _autonomous(slope: tuple[float, ...], function: str) -> Rule:
    """The rule of a function that solves σ′ = p(σ)."""

    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        s = getattr(bk, function)(z)
        if order == 0:
            return [s]
        first = _horner(slope, s)
        factors = [_horner(q, s) for q in _factors(slope, order)[1:]]
        return [s, first, *(first * q for q in factors)]

    return rule


def _periodic(quarter: int) -> Rule:
    """sin (quarter 0) and cos (quarter 1): each derivative turns by a quarter."""

    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        sine, cosine = bk.sin(z), bk.cos(z)
        turns = (sine, cosine, -sine, -cosine)
        return [turns[(quarter + k) % 4] for k in range(order + 1)]

    return rule


def _hyperbolic(first: str, second: str) -> Rule:
    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        pair = (getattr(bk, first)(z), getattr(bk, second)(z))
        return [pair[k % 2] for k in range(order + 1)]

    return rule


def _exp(bk: Any, z: Any, order: int) -> list[Any]:
    return [bk.exp(z)] * (order + 1)


def _log(bk: Any, z: Any, order: int) -> list[Any]:
    return [bk.log(z), *(power(bk, z, -1.0, order - 1) if order else [])]


def _tan(bk: Any, z: Any, order: int) -> list[Any]:
    t = bk.tan(z)
    slope = 1.0 + t * t
    return [t, slope, *(slope * _horner(q, t) for q in _factors((1.0, 0.0, 1.0), max(order, 1))[1:])][: order + 1]


def _density(bk: Any, z: Any, order: int) -> list[Any]:
    """φ(z) = exp(−z²/2)/√(2π): φ^{(k)} = (−1)^k He_k(z) φ(z)."""
    phi = bk.exp(-0.5 * z * z) * (1.0 / sqrt(2.0 * pi))
    found = [phi]
    for k in range(1, order + 1):
        hermite = np.polynomial.hermite_e.herme2poly([0.0] * k + [(-1.0) ** k])
        found.append(phi * _horner(tuple(float(c) for c in hermite), z))
    return found


def _cumulative(bk: Any, z: Any, order: int) -> list[Any]:
    """The normal distribution function Φ(z) = ½ (1 + erf(z/√2))."""
    return [0.5 * (1.0 + bk.erf(z * (1.0 / sqrt(2.0)))), *(_density(bk, z, order - 1) if order else [])]


def _erf(bk: Any, z: Any, order: int) -> list[Any]:
    root = sqrt(2.0)
    if order == 0:
        return [bk.erf(z)]
    return [bk.erf(z), *(2.0 * root ** (k + 1) * d for k, d in enumerate(_density(bk, root * z, order - 1)))]


def _gated(gate: Rule) -> Rule:
    """z g(z): k-th derivative z g^{(k)} + k g^{(k−1)}. Swish gates by the sigmoid, GELU by Φ."""

    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        g = gate(bk, z, order)
        return [z * g[0], *(z * g[k] + float(k) * g[k - 1] for k in range(1, order + 1))]

    return rule


def _inverse(function: str, slope_power: float, square_sign: float, sign: float = 1.0) -> Rule:
    """asin, acos, atan: σ′ = sign · (1 + square_sign z²)^slope_power, then Leibniz on σ′·(1 ± z²) = …

    With w = 1 + a z² and σ′ = s w^p: w σ^{(k+2)} = −a [ (2k − 2p) z σ^{(k+1)} + k (k − 1 − 2p) σ^{(k)} ] for k ≥ 0.
    """

    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        found = [getattr(bk, function)(z)]
        w = 1.0 + square_sign * z * z
        if order >= 1:
            found.append(sign * (1.0 / w if slope_power == -1.0 else 1.0 / bk.sqrt(w)))
        for k in range(order - 1):
            middle = (2.0 * k - 2.0 * slope_power) * z * found[k + 1]
            if k:
                middle = middle + k * (k - 1.0 - 2.0 * slope_power) * found[k]
            found.append(-square_sign * middle / w)
        return found

    return rule


def _piecewise_linear(value: str, slope: Callable[[Any, Any], Any]) -> Rule:
    def rule(bk: Any, z: Any, order: int) -> list[Any]:
        found = [getattr(bk, value)(z)]
        return found + ([slope(bk, z)] if order else []) + [None] * max(order - 1, 0)

    return rule


def _heaviside(bk: Any, z: Any, order: int) -> list[Any]:
    return [0.5 * (1.0 + bk.sign(z)), *([None] * order)]


def power(bk: Any, z: Any, exponent: float, order: int) -> list[Any]:
    """z^p: k-th derivative p (p−1) … (p−k+1) z^{p−k}, exactly zero past a natural exponent."""
    found, factor = [], 1.0
    for k in range(order + 1):
        if factor == 0.0:
            found.append(None)
        else:
            raised = raise_to(bk, z, exponent - k)
            found.append(raised if factor == 1.0 else factor * raised)
        factor *= exponent - k
    return found


def raise_to(bk: Any, z: Any, exponent: float) -> Any:
    """z^p by multiplications for small integer and half-integer p: `pow` is slow, and undefined for z < 0 in places."""
    if exponent == 0.0:
        return 1.0
    if exponent < 0.0:
        return 1.0 / raise_to(bk, z, -exponent)
    if exponent == 0.5:
        return bk.sqrt(z)
    if exponent == 1.0:
        return z
    if exponent == int(exponent) and exponent <= 64:
        half = raise_to(bk, z, float(int(exponent) // 2))
        return half * half if int(exponent) % 2 == 0 else half * half * z
    if exponent - 0.5 == int(exponent) and exponent <= 64:
        return raise_to(bk, z, exponent - 0.5) * bk.sqrt(z)
    return bk.power(z, exponent)


_SIGMOID = _autonomous((0.0, 1.0, -1.0), "sigmoid")

FUNCTIONS: dict[str, Rule] = {
    "tanh": _autonomous((1.0, 0.0, -1.0), "tanh"),
    "sigmoid": _SIGMOID,
    "swish": _gated(_SIGMOID),
    "gelu": _gated(_cumulative),
    "sin": _periodic(0),
    "cos": _periodic(1),
    "tan": _tan,
    "sinh": _hyperbolic("sinh", "cosh"),
    "cosh": _hyperbolic("cosh", "sinh"),
    "exp": _exp,
    "log": _log,
    "erf": _erf,
    "asin": _inverse("asin", -0.5, -1.0),
    "acos": _inverse("acos", -0.5, -1.0, sign=-1.0),
    "atan": _inverse("atan", -1.0, 1.0),
    "abs": _piecewise_linear("abs", lambda bk, z: bk.sign(z)),
    "sign": _piecewise_linear("sign", lambda bk, z: None),
    "heaviside": _heaviside,
}

# Their derivatives of every order are non-zero functions: what a PINN can be built of.
SMOOTH_ACTIVATIONS = ("tanh", "sin", "sigmoid", "swish", "gelu")
