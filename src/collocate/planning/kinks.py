"""An initial value with a kink at the end of a period, which diffusion smooths at once: the smoothing in closed form.

Of u_t = ν u_xx + …, x periodic on (a, b), t ≥ t₀, with u = u₀ at t₀ and the jump J = u₀′(a) − u₀′(b) of the slope,

    K(x, t) = J/2 · [g(x − a, t − t₀) + g(b − x, t − t₀)],    g(d, s) = √(4νs/π) e^{−d²/4νs} − d erfc(d/√(4νs)),

solves K_t = ν K_xx, vanishes at t₀, and has the slope −J/2 at a and J/2 at b: u₀ + K meets the initial value and closes
the period with its slope. What the network has left to fit is smoother by two powers of √s. Kinks of the periodic
images are left out: e^{−(b − a)²/4νs} must be below rounding.

Source: Flyer & Fornberg, J. Comput. Phys. 184 (2003), doi:10.1016/S0021-9991(02)00034-7 (corner correctors).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

# (b − a)²/4νT of which e^{−…} is below rounding.
FAR = 36.0
# A time s = 0 would divide by zero. At t₀ K is then J √(2νTε/π) at the very ends, some 1e-8 J √(νT), zero elsewhere.
SHIFT = 1e-16


def smoothing(problem: Any, field: str, periodic: tuple[str, ...], candidates: Sequence[Any]) -> sympy.Expr:
    """K of one field, from the initial value among its exact conditions; zero where there is no kink or no such
    diffusion."""
    domain = problem.domain
    initial = next((c.data for c in candidates if c.condition.kind == "initial" and c.order == 0), None)
    alone = len(problem.fields) == 1 and len(domain.space) == 1 and domain.dimension == 2
    if initial is None or not alone or tuple(domain.space) != periodic or domain.time is None:
        return sympy.Integer(0)
    diffusion = _diffusion(problem, field)
    place, time = (domain.coordinates[domain.names.index(name)] for name in (*domain.space, domain.time))
    (low, high), (start, end) = domain.exact_bounds[place.name], domain.exact_bounds[time.name]
    if diffusion is None or float((high - low) ** 2 / (4 * diffusion * (end - start))) < FAR:
        return sympy.Integer(0)
    slope = sympy.diff(initial, place)
    jump = (slope.xreplace({place: low}) - slope.xreplace({place: high})).evalf()
    if not jump.is_number or not jump.is_finite or abs(jump) < 1e-8:
        return sympy.Integer(0)
    spread = sympy.sqrt(4 * diffusion * (end - start)) * sympy.sqrt(_positive((time - start) / (end - start)))
    distances = (place - low, high - place)
    return jump / 2 * sympy.Add(*(_ramp(distance, spread) for distance in distances))


def _positive(share: sympy.Expr) -> sympy.Expr:
    """√(τ² + ε²) + ε in place of a share τ ≥ 0 of time. In τ + ε alone ε would be added to t₀, and be lost.

    A share of T, not a time: powers of ν s would be too small for single precision.
    """
    return sympy.sqrt(share**2 + sympy.Float(SHIFT**2)) + sympy.Float(SHIFT)


def from_start(kink: sympy.Expr, time: sympy.Symbol, first: sympy.Expr, start: sympy.Expr) -> sympy.Expr:
    """K less K at `start`, from which a slab goes on with the smoothed kink of the one before; K itself where `start`
    is the `first` time of all, at which the shift would leave the slopes of K in K, at the very ends."""
    begun = (start - first) / (start - first + sympy.Float(SHIFT))
    return kink - begun * kink.xreplace({time: start})


def _ramp(distance: sympy.Expr, spread: sympy.Expr) -> sympy.Expr:
    """g: what diffusion adds to the ramp |d| on each side of its kink; `spread` is √(4νs)."""
    scaled = distance / spread
    return spread / sympy.sqrt(sympy.pi) * sympy.exp(-(scaled**2)) - distance * sympy.erfc(scaled)


def _diffusion(problem: Any, field: str) -> sympy.Expr | None:
    """ν > 0 of an equation c (u_t − ν u_xx) + …, c and ν constant, with no higher derivative; None of any other."""
    (place,), time = problem.domain.space, problem.domain.time
    if len(problem.equations) != 1 or problem.order(field, place) != 2 or problem.order(field, time) != 1:
        return None
    residual, u = problem.equations[0].residual, problem.field(field)
    symbols = {name: problem.domain.coordinates[problem.domain.names.index(name)] for name in (place, time)}
    rate, curvature = sympy.Derivative(u, symbols[time]), sympy.Derivative(u, (symbols[place], 2))
    dummies = {rate: sympy.Dummy(), curvature: sympy.Dummy()}
    flat = residual.xreplace(dummies)
    if any(len(node.variable_count) > 1 for node in flat.atoms(sympy.Derivative)):  # u_xt, u_xxt
        return None
    ratio = -sympy.diff(flat, dummies[curvature]) / sympy.diff(flat, dummies[rate])
    return ratio if ratio.is_number and ratio > 0 else None
