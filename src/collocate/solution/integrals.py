"""Integrals of a solution, by rules of growing order until two agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError, warn
from collocate.expressions import evaluate
from collocate.geometry import NORMAL, BoundaryPart
from collocate.solution import quadrature
from collocate.solution.reading import read_expression

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

BOUNDARY = "boundary"
FIRST_ORDER = 8
MOST_NODES = 1_100_000  # 1,024 along each of two coordinates
# What two orders must agree to, against ∫|f|: rounding in the network's sums leaves about this much.
AGREEMENT = {"float64": 1e-10, "float32": 1e-5}


def integrate(solution: Solution, expression: Any, over: Any, fixed: Mapping[str, Any]) -> float:
    """See `Solution.integrate`."""
    domain = solution.problem.domain
    if isinstance(over, Mapping):
        over, fixed = None, {**over, **fixed}
    parts = _parts(solution, over)
    held = _held(solution, fixed, parts)
    read = read_expression(solution.problem, expression, normals=parts != (None,))
    breaks = {domain.time: [slab.start for slab in solution.slabs[1:]]} if domain.time and solution.slabs[1:] else {}
    return float(sum(_refined(_Integral(solution, read, part, held, breaks)) for part in parts))


def _parts(solution: Solution, over: Any) -> tuple[BoundaryPart | None, ...]:
    """The faces to integrate over; None for the domain itself."""
    domain = solution.problem.domain
    if over is None:
        return (None,)
    if over == BOUNDARY:
        if not domain.parts:
            raise StatementError(f"the domain {domain} has no boundary in space to integrate over")
        return domain.parts
    names = [over] if isinstance(over, str) else over
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        raise StatementError(
            f"over is {over!r}; it takes the name of a part of the boundary ({_known(solution)}), a list of them, "
            f"{BOUNDARY!r} for all, or fixed coordinates like {{{domain.names[-1]!r}: 0.5}}"
        )
    return tuple(domain.part(name) for name in dict.fromkeys(names))


def _known(solution: Solution) -> str:
    return ", ".join(repr(part.name) for part in solution.problem.domain.parts) or "it has none"


def _held(solution: Solution, fixed: Mapping[str, Any], parts: Sequence[BoundaryPart | None]) -> dict[str, float]:
    """The fixed coordinates as numbers inside the domain."""
    domain, held = solution.problem.domain, {}
    for name, value in ((str(key), value) for key, value in fixed.items()):
        if name not in domain.names:
            raise StatementError(f"{name} is no coordinate to hold fixed; they are {', '.join(domain.names)}")
        if any(part and part.coordinate == name for part in parts):
            raise StatementError(f"{name} is already fixed on that part of the boundary: leave {name}=… out")
        try:
            held[name] = float(value)
        except (TypeError, ValueError):
            raise StatementError(f"{name} is held fixed at one number; got {value!r}") from None
        low, high = domain.bounds[name]
        if not low <= held[name] <= high:
            raise StatementError(f"{name} = {held[name]:g} lies outside the domain, {name} ∈ [{low:g}, {high:g}]")
    return held


@dataclass(frozen=True)
class _Integral:
    solution: Solution
    expression: sympy.Expr
    part: BoundaryPart | None
    fixed: dict[str, float]
    breaks: quadrature.Breaks

    @property
    def where(self) -> tuple[Any, ...]:
        return self.fixed, self.part, self.breaks

    def by(self, count: int) -> tuple[float, float]:
        """(∫ f, ∫ |f|) by `count` nodes along each coordinate."""
        rule = quadrature.rule(self.solution.problem.domain, count, *self.where)
        values = self._values(rule)
        return float(rule.weights @ values), float(rule.weights @ np.abs(values))

    def _values(self, rule: quadrature.Rule) -> np.ndarray:
        """f (n,). Fields and derivatives are evaluated first: where the boundary turns, normals are columns too."""
        normals = {s for s in self.expression.free_symbols if s.name.startswith(NORMAL)}
        if not normals:
            return self.solution.table((self.expression,), rule.points)[:, 0]
        nodes = sorted(self.expression.atoms(AppliedUndef, sympy.Derivative), key=sympy.default_sort_key)
        names = {node: sympy.Symbol(f"__value_{number}", real=True) for number, node in enumerate(nodes)}
        zero, *columns = self.solution.table((sympy.S.Zero, *nodes), rule.points).T
        known = {symbol.name: column for symbol, column in zip(names.values(), columns, strict=True)}
        known |= dict(zip(self.solution.problem.domain.names, rule.points.T, strict=True)) | self.solution.unknowns
        known |= {NORMAL + name: column for name, column in rule.normals.items()}
        return zero + evaluate(self.expression.xreplace(names), known)  # zero is NaN where training did not reach


def _refined(integral: _Integral) -> float:
    """The integral by the first order that agrees with the one before; with a warning, where the nodes run out."""
    domain = integral.solution.problem.domain
    order = FIRST_ORDER
    while quadrature.size(domain, 2 * order, *integral.where) > MOST_NODES and order > 1:
        order //= 2
    if quadrature.size(domain, 2 * order, *integral.where) > MOST_NODES:
        raise StatementError(
            f"an integral over {domain.dimension} coordinates at once needs too many points: hold some of them fixed, "
            f"like integrate(…, {domain.names[-1]}=0.5)"
        )
    wanted = AGREEMENT[integral.solution.settings["dtype"]]
    before, _ = integral.by(order)
    while True:
        order *= 2
        value, size = integral.by(order)
        difference = abs(value - before)
        if not np.isfinite(value) or difference <= wanted * size:
            return value
        if quadrature.size(domain, 2 * order, *integral.where) > MOST_NODES:
            warn(
                f"the integral is {value:.6g} by {order} nodes along each coordinate and {before:.6g} by half as many: "
                f"trust it to about {difference:.1g}"
            )
            return value
        before = value
