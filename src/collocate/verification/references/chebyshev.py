"""Boundary value problems on an interval or a rectangle by Chebyshev collocation and Newton's method.

u is the polynomial through its values at the points cos(πj/n), mapped to the domain; the equation holds at the inner
ones, and the boundary's values are given. The equation F(x, u, u′, u″) = 0 is a function of arrays; its derivatives by
u, u′, u″ are taken by complex steps, so a linear equation is solved in one step of Newton's and any analytic one in
a few.

Source: Trefethen, "Spectral Methods in MATLAB" (2000), chapters 6, 7 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.errors import TrainingError
from collocate.verification.references.interpolation import barycentric
from collocate.verification.references.refinement import refined

Equation = Callable[..., Any]
Bounds = tuple[float, float]

_NEWTON_STEPS = 30
_COMPLEX_STEP = 1e-30
_SETTLED = 1e-10  # relative size of a Newton step after which the next one is rounding


@dataclass(frozen=True)
class Axis:
    """The count + 1 Chebyshev points of an interval, and the matrix that differentiates there."""

    nodes: np.ndarray
    matrix: np.ndarray

    @classmethod
    def of(cls, low: float, high: float, count: int) -> Axis:
        unit = -np.cos(np.pi * np.arange(count + 1) / count)
        ends = np.r_[2.0, np.ones(count - 1), 2.0] * (-1.0) ** np.arange(count + 1)
        matrix = np.outer(ends, 1 / ends) / (unit[:, None] - unit + np.eye(count + 1))
        matrix -= np.diag(matrix.sum(axis=1))
        return cls(low + (high - low) * (unit + 1) / 2, matrix * 2 / (high - low))

    def rows(self, at: np.ndarray) -> np.ndarray:
        """(m, count + 1): what takes values at the nodes to the polynomial's values."""
        weights = (-1.0) ** np.arange(len(self.nodes))
        weights[[0, -1]] /= 2
        return barycentric(self.nodes, weights, at)


@dataclass(frozen=True)
class Polynomial:
    """Σ u_{jk…} of Lagrange's polynomials over one axis or two: a function of as many arrays."""

    axes: tuple[Axis, ...]
    values: np.ndarray

    def __call__(self, *coordinates: Any) -> np.ndarray:
        arrays = np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in coordinates))
        rows = [axis.rows(array.ravel()) for axis, array in zip(self.axes, arrays, strict=True)]
        found = rows[0] @ self.values
        if len(rows) > 1:
            found = np.einsum("nk,nk->n", found, rows[1])
        return found.reshape(arrays[0].shape)


def on_interval(
    equation: Equation, bounds: Bounds, ends: Bounds, *, tolerance: float = 1e-10, most: int = 512
) -> Polynomial:
    """u with equation(x, u, u′, u″) = 0 on `bounds` and the values `ends` there; 16, 32, … points until it settles.

    Raises TrainingError where Newton's method or the refinement doesn't come to rest.
    """

    def solve(count: int) -> Polynomial:
        axis = Axis.of(*bounds, count)
        boundary = np.interp(axis.nodes, bounds, ends)
        known = np.isin(np.arange(count + 1), [0, count])
        operators = [np.eye(count + 1), axis.matrix, axis.matrix @ axis.matrix]
        return Polynomial((axis,), newton(equation, [axis.nodes], operators, boundary, known))

    places = np.linspace(*bounds, 301)
    return refined(solve, lambda u: u(places), first=16, most=most, tolerance=tolerance, what="Chebyshev collocation")


def on_rectangle(
    equation: Equation,
    bounds: Sequence[Bounds],
    boundary: Callable[..., Any],
    *,
    tolerance: float = 1e-10,
    most: int = 48,
) -> Polynomial:
    """u with equation(x, y, u, u_x, u_y, u_xx, u_yy) = 0 on a rectangle and u = boundary(x, y) on its sides.

    6, 12, 24, 48 points a side: the matrix is dense, of order n². Raises as `on_interval`.
    """

    def solve(count: int) -> Polynomial:
        axes = tuple(Axis.of(*each, count) for each in bounds)
        one = np.eye(count + 1)
        by_x, by_y = np.kron(axes[0].matrix, one), np.kron(one, axes[1].matrix)
        seconds = (np.kron(axes[0].matrix @ axes[0].matrix, one), np.kron(one, axes[1].matrix @ axes[1].matrix))
        x, y = (grid.ravel() for grid in np.meshgrid(*(axis.nodes for axis in axes), indexing="ij"))
        known = np.isin(x, bounds[0]) | np.isin(y, bounds[1])
        start = np.where(known, boundary(x, y), 0.0)
        values = newton(equation, [x, y], [np.eye(len(x)), by_x, by_y, *seconds], start, known)
        return Polynomial(axes, values.reshape(count + 1, count + 1))

    x, y = (grid.ravel() for grid in np.meshgrid(*(np.linspace(*each, 41) for each in bounds), indexing="ij"))
    return refined(solve, lambda u: u(x, y), first=6, most=most, tolerance=tolerance, what="Chebyshev collocation")


def newton(
    equation: Equation, places: list[np.ndarray], operators: list[np.ndarray], start: np.ndarray, known: np.ndarray
) -> np.ndarray:
    """Values at all points, of which `known` stay as in `start`; halved steps where a whole one makes it worse."""
    free = ~known
    values = start.astype(float)

    def residual(values: np.ndarray) -> np.ndarray:
        return np.asarray(equation(*places, *(operator @ values for operator in operators)))[free]

    size = np.linalg.norm(residual(values))
    for _ in range(_NEWTON_STEPS):
        update = np.linalg.solve(_jacobian(equation, places, operators, values)[np.ix_(free, free)], -residual(values))
        length, found = 1.0, np.inf
        while not found < size and length > 1e-4:
            trial = values.copy()
            trial[free] += length * update
            found, length = np.linalg.norm(residual(trial)), length / 2
        if not found < size:
            if np.linalg.norm(update) <= 1e-8 * (1 + np.linalg.norm(values)):
                return values
            break
        values, size = trial, found
        if np.linalg.norm(update) <= _SETTLED * (1 + np.linalg.norm(values)):
            return values
    else:
        return values
    raise TrainingError(f"Newton's method stands still at a residual of {size:.1e}; the equation may have no solution")


def _jacobian(
    equation: Equation, places: list[np.ndarray], operators: list[np.ndarray], values: np.ndarray
) -> np.ndarray:
    """Σ diag(∂F/∂w) W over w = u, u′, …: each ∂F/∂w is Im F(w + ih)/h, which no rounding disturbs."""
    arguments = [operator @ values for operator in operators]
    total = np.zeros_like(operators[0])
    for index, operator in enumerate(operators):
        shifted = [a + 1j * _COMPLEX_STEP * (k == index) for k, a in enumerate(arguments)]
        slope = np.imag(equation(*places, *shifted)) / _COMPLEX_STEP
        total += np.broadcast_to(slope, values.shape)[:, None] * operator
    return total
