"""Steady flow in a square cavity under a lid that slides with the speed 4x(1 − x), by its stream function.

u = ψ_y, v = −ψ_x on the unit square, one equation for ψ:

    Δ²ψ = Re (ψ_y Δψ_x − ψ_x Δψ_y),   ψ = 0 on all walls,   ψ_y = 4x(1 − x) on the lid y = 1, ∂ψ/∂n = 0 elsewhere.

Chebyshev collocation and Newton's method. In the corners under the lid ψ_xy has two values, 0 along the wall and ±4
along the lid: there ψ is no polynomial, but begins with r² F(θ), a Stokes flow. It is split off in closed form; what
is left, ψ ~ r^{3.74} at worst (Moffatt's eddies), is found by polynomials, whose error falls like n⁻⁸.

Source: Botella & Peyret, Computers & Fluids 27 (1998), doi:10.1016/S0045-7930(98)00002-4, who split off the corners of
a lid of constant speed; Moffatt, J. Fluid Mech. 18 (1964), doi:10.1017/S0022112064000015.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import polynomial

from collocate.verification.references.chebyshev import Axis, Polynomial, newton
from collocate.verification.references.interpolation import barycentric
from collocate.verification.references.refinement import refined

SLOPE = 4.0  # of the lid's speed at its ends
# ψ_x, ψ_y, Δψ_x, Δψ_y, Δ²ψ as sums of ∂_x^i ∂_y^j: rows of (factor, i, j).
QUANTITIES = (
    ((1, 1, 0),),
    ((1, 0, 1),),
    ((1, 3, 0), (1, 1, 2)),
    ((1, 2, 1), (1, 0, 3)),
    ((1, 4, 0), (2, 2, 2), (1, 0, 4)),
)
INNER = slice(2, -2)


@dataclass(frozen=True)
class Corner:
    """−4s with s = (ξη + r²θ)/2 − πη²/4: ξ from the corner along the lid, η down from it, r and θ = arctan(η/ξ).

    Δ²s = 0; s = 0 and s_η = ξ on the lid (θ = 0), s = s_ξ = 0 on the wall (θ = π/2); s_ξ = ξθ, s_η = ξ + η (θ − π/2)
    and Δs = 2θ − π/2. side: +1 for the corner at x = 0, where ξ = x, −1 for that at x = 1, where ξ = 1 − x; η = 1 − y.
    """

    side: int

    def stream(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """ψ."""
        along, down, angle = self._place(x, y)
        return -SLOPE * ((along * down + (along**2 + down**2) * angle) / 2 - np.pi / 4 * down**2)

    def gradient(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """ψ_x, ψ_y."""
        along, down, angle = self._place(x, y)
        return -SLOPE * self.side * along * angle, SLOPE * (along + down * (angle - np.pi / 2))

    def quantities(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
        """ψ_x, ψ_y, Δψ_x, Δψ_y and Δ²ψ; the third and fourth are ~ 1/r."""
        along, down, _ = self._place(x, y)
        spin = 2 * SLOPE / (along**2 + down**2)
        return *self.gradient(x, y), self.side * spin * down, spin * along, np.zeros_like(x)

    def _place(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """ξ, η, θ; in the corner itself any angle will do, since ψ and its first derivatives are 0 there."""
        along, down = (x if self.side > 0 else 1 - x), 1 - y
        return along, down, np.arctan2(down, along)


CORNERS = (Corner(1), Corner(-1))


@dataclass(frozen=True)
class Flow:
    """ψ on the grid without its parts in the corners; u and v anywhere in the square."""

    axis: Axis
    rest: np.ndarray

    def __call__(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """u, v at x, y (broadcast)."""
        axes, matrix = (self.axis, self.axis), self.axis.matrix
        parts = [corner.gradient(x, y) for corner in CORNERS]
        u = Polynomial(axes, self.rest @ matrix.T)(x, y) + sum(by_y for _, by_y in parts)
        v = -Polynomial(axes, matrix @ self.rest)(x, y) - sum(by_x for by_x, _ in parts)
        return u, v


def cavity(reynolds: float, *, tolerance: float = 1e-8, first: int = 52, most: int = 65) -> Flow:
    """The flow at Re by n = first, 5/4 first, … points a side until u and v settle: the matrix is dense, of order n².

    Raises TrainingError where Newton's method or the refinement doesn't come to rest.
    """
    x, y = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101), indexing="ij")
    return refined(
        lambda count: collocated(reynolds, count),
        lambda flow: np.array(flow(x, y)),
        first=first,
        most=most,
        growth=5 / 4,
        tolerance=tolerance,
        what="the flow in the cavity",
    )


def collocated(reynolds: float, count: int) -> Flow:
    """The flow by count + 1 points a side: the equation holds at the inner ones but for those beside the walls."""
    axis = Axis.of(0, 1, count)
    lift, spread = _lift(axis), _clamped(axis)
    x, y = (grid[INNER, INNER].ravel() for grid in np.meshgrid(axis.nodes, axis.nodes, indexing="ij"))
    powers = [np.linalg.matrix_power(axis.matrix, order) for order in range(5)]
    inner = [power[INNER] @ spread for power in powers]
    known = [
        sum((factor * (powers[i] @ lift @ powers[j].T)[INNER, INNER].ravel() for factor, i, j in row), np.zeros(()))
        for row in QUANTITIES
    ]
    for corner in CORNERS:
        known = [one + other for one, other in zip(known, corner.quantities(x, y), strict=True)]
    operators = [
        sum((factor * np.kron(inner[i], inner[j]) for factor, i, j in row), np.zeros(())) for row in QUANTITIES
    ]

    def equation(*given_and_found: np.ndarray) -> np.ndarray:
        by_x, by_y, spin_x, spin_y, biharmonic = (given_and_found[k] + given_and_found[k + 5] for k in range(5))
        return biharmonic - reynolds * (by_y * spin_x - by_x * spin_y)

    values = newton(equation, known, operators, np.zeros(len(x)), np.zeros(len(x), dtype=bool))
    size = len(axis.nodes[INNER])
    return Flow(axis, lift + spread @ values.reshape(size, size) @ spread.T)


def _clamped(axis: Axis) -> np.ndarray:
    """(count + 1, count − 3): x²(1 − x)² times a polynomial, through values at the inner nodes."""
    bubble, nodes = axis.nodes**2 * (1 - axis.nodes) ** 2, axis.nodes[INNER]
    weights = 1 / np.prod(4 * (nodes[:, None] - nodes) + np.eye(len(nodes)), axis=1)
    return bubble[:, None] * barycentric(nodes, weights, axis.nodes) / bubble[INNER]


def _lift(axis: Axis) -> np.ndarray:
    """A polynomial with the values and slopes on the walls that ψ has there without its parts in the corners.

    Cubics across, H A + B Hᵀ − H (T B) Hᵀ, with A on the walls x = 0, 1 and B on the walls y = 0, 1; T takes values to
    the value and slope at both ends, and H holds the cubics of which one of those four is 1 and the others 0.
    """
    nodes, one = axis.nodes, np.ones_like(axis.nodes)
    ends = np.stack([np.eye(len(nodes))[0], axis.matrix[0], np.eye(len(nodes))[-1], axis.matrix[-1]])
    cubics = [[1, 0, -3, 2], [0, 1, -2, 1], [0, 0, 3, -2], [0, 0, -1, 1]]
    across = np.stack([polynomial.polyval(nodes, cubic) for cubic in cubics], axis=1)

    def data(x: np.ndarray, y: np.ndarray, direction: int) -> list[np.ndarray]:
        parts = [(corner.stream(x, y), corner.gradient(x, y)[direction]) for corner in CORNERS]
        return list(-np.sum(parts, axis=0))

    sides = np.stack([*data(0 * one, nodes, 0), *data(one, nodes, 0)])
    floor_and_lid = np.stack([*data(nodes, 0 * one, 1), *data(nodes, one, 1)], axis=1)
    floor_and_lid[:, 3] += SLOPE * nodes * (1 - nodes)
    return across @ sides + floor_and_lid @ across.T - across @ (ends @ floor_and_lid) @ across.T
