"""Conditions built into the trial function u = G + Φ·N, so that they hold for every network N.

On a product of intervals each exact condition fixes u and its first normal derivatives on faces. Along one
coordinate, Hermite interpolation H reproduces that data; over all coordinates the blending is Gordon's:

    G_0 = 0,   G_k = G_{k−1} + Σ_{side, j} H_{side,j}(x_k) · [data_{side,j} − ∂^j_{x_k} G_{k−1}]_{x_k = side}

so the last coordinate (time) is met exactly always, the earlier ones where the data agree on edges, which
`planning.conditions` checks by numbers. Φ = Π (x_k − a_k)^{m_a} (b_k − x_k)^{m_b}, scaled to a maximum of 1 per
coordinate, where m counts the data on that face. G uses traces only: data are restricted to their face first, so an
expression that happens to be the solution inside never enters.

On a disk or ball |x − c| ≤ R a value g on the whole circle or sphere is carried inside along rays,

    G_k = G_{k−1} + ρ^m · [g − G_{k−1}](c + R (x − c)/|x − c|),   ρ = |x − c|²/R²,   Φ = 1 − ρ

which has 2m − 1 continuous derivatives at the centre; a value that does not depend on x needs no ρ^m.

Source: W. J. Gordon, C. A. Hall, doi:10.1007/BF01436298 (transfinite interpolation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sympy

LOW, HIGH = -1, 1
CENTRE = sympy.Float(1e-16)


@dataclass(frozen=True)
class Axis:
    """One coordinate in [low, high] with its exact data: `traces[side][j]` is ∂^j u/∂coordinate^j on that face."""

    coordinate: sympy.Symbol
    low: sympy.Expr
    high: sympy.Expr
    traces: dict[int, tuple[sympy.Expr, ...]] = field(default_factory=dict)

    def end(self, side: int) -> sympy.Expr:
        return self.low if side == LOW else self.high

    def count(self, side: int) -> int:
        return len(self.traces.get(side, ()))

    def correction(self, particular: sympy.Expr) -> sympy.Expr:
        """Σ H_{side,j} · [data − ∂^j G]: what lets G meet this axis's data too."""
        total: sympy.Expr = sympy.Integer(0)
        for (side, order), shape in hermite(self.count(LOW), self.count(HIGH), self).items():
            end = {self.coordinate: self.end(side)}
            present = sympy.diff(particular, self.coordinate, order) if order else particular
            total = total + shape * (self.traces[side][order].xreplace(end) - present.xreplace(end))
        return total

    def vanishing(self) -> sympy.Expr:
        """(x − a)^{m_a} (b − x)^{m_b}, scaled so that its largest value on [a, b] is 1."""
        low, high = self.count(LOW), self.count(HIGH)
        total = low + high
        if total == 0:
            return sympy.Integer(1)
        scaled = (self.coordinate - self.low) / (self.high - self.low)
        peak = sympy.Rational(low, total) ** low * sympy.Rational(high, total) ** high
        return scaled**low * (1 - scaled) ** high / peak


@dataclass(frozen=True)
class Rays:
    """A disk or ball with a value on its whole boundary; `power` is m."""

    coordinates: tuple[sympy.Symbol, ...]
    center: tuple[sympy.Expr, ...]
    radius: sympy.Expr
    value: sympy.Expr
    power: int

    @property
    def _square(self) -> sympy.Expr:
        return sympy.Add(*((x - c) ** 2 for x, c in zip(self.coordinates, self.center, strict=True)))

    def correction(self, particular: sympy.Expr) -> sympy.Expr:
        """ρ^m · [data − G] at the end of the ray; at the centre, which lies on none, the ray ends there."""
        rest = self.value - particular
        if not rest.free_symbols & set(self.coordinates):
            return rest
        # Without the addition the centre would give 0/0; on the boundary it changes nothing that float64 can hold.
        stretch = self.radius / sympy.sqrt(self._square + CENTRE * self.radius**2)
        ends = {x: c + stretch * (x - c) for x, c in zip(self.coordinates, self.center, strict=True)}
        return (self._square / self.radius**2) ** self.power * rest.xreplace(ends)

    def vanishing(self) -> sympy.Expr:
        """1 − |x − c|²/R²."""
        return 1 - self._square / self.radius**2


def trial(axes: Sequence[Axis | Rays]) -> tuple[sympy.Expr, sympy.Expr]:
    """(G, Φ) over the axes and rays, time last."""
    particular: sympy.Expr = sympy.Integer(0)
    factor: sympy.Expr = sympy.Integer(1)
    for axis in axes:
        particular = particular + axis.correction(particular)
        factor = factor * axis.vanishing()
    return particular, factor


def hermite(low: int, high: int, axis: Axis) -> dict[tuple[int, int], sympy.Expr]:
    """{(side, j): polynomial whose j-th derivative at that end is 1 while all other data are 0}.

    `low` and `high` count the data (value, first derivative, …) at each end; the degree is low + high − 1.
    """
    degree = low + high
    if degree == 0:
        return {}
    length = axis.high - axis.low
    scaled = (axis.coordinate - axis.low) / length
    rows, keys = [], []
    for side, end, count in ((LOW, 0, low), (HIGH, 1, high)):
        for order in range(count):
            falling = [
                sympy.ff(power, order) * (end ** (power - order) if power >= order else 0) for power in range(degree)
            ]
            rows.append(falling)
            keys.append((side, order))
    inverse = sympy.Matrix(rows).inv()
    return {
        key: length ** key[1]
        * sum((inverse[power, column] * scaled**power for power in range(degree)), sympy.Integer(0))
        for column, key in enumerate(keys)
    }
