"""Quadrature rules as (points, weights), the weights adding up to one: a weighted sum is a mean."""

from __future__ import annotations

import numpy as np
from scipy.special import roots_jacobi
from scipy.stats import qmc

Rule = tuple[np.ndarray, np.ndarray]


def gauss(count: int) -> Rule:
    """Gauss-Legendre on [0, 1]: nodes (n,), weights (n,); exact for polynomials of degree 2n − 1."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return 0.5 * (nodes + 1.0), 0.5 * weights


def jacobi(count: int, alpha: float, beta: float) -> Rule:
    """Gauss-Jacobi on [0, 1] for the weight (1 − s)^alpha s^beta, scaled to mass one."""
    nodes, weights = roots_jacobi(count, alpha, beta)
    return 0.5 * (nodes + 1.0), weights / weights.sum()


def product(*rules: Rule) -> Rule:
    """The tensor product; points (n, k) or (n,) are put side by side, the first rule varying slowest."""
    points, weights = np.zeros((1, 0)), np.ones(1)
    for nodes, own in rules:
        nodes = nodes if nodes.ndim == 2 else nodes[:, None]
        points = np.hstack([np.repeat(points, len(own), axis=0), np.tile(nodes, (len(points), 1))])
        weights = np.repeat(weights, len(own)) * np.tile(own, len(weights))
    return points, weights


def sobol(count: int, dimension: int) -> np.ndarray:
    """Scrambled Sobol points (n, d) of a fixed seed, for means where no rule fits the shape."""
    exponent = max(count - 1, 0).bit_length()
    return qmc.Sobol(dimension, scramble=True, rng=np.random.default_rng(0)).random_base2(exponent)[:count]
