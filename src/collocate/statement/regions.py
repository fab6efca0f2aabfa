"""Where a condition holds: `on=` turned into faces of the boundary, whole or narrowed by a predicate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from collocate.errors import StatementError
from collocate.expressions import canonicalise, check_supported, evaluate
from collocate.expressions.printing import to_text
from collocate.geometry import BoundaryPart, Domain

_SAMPLES = 4096
_TOLERANCE = 1e-9
_START = "A condition at the start of time is written Initial(u, g)"
_END = "A condition at the end of time is written Final(u, g)"


@dataclass(frozen=True)
class Selection:
    """A face of the boundary, whole (predicate None) or where the predicate holds."""

    part: str
    predicate: Boolean | None = None

    def __str__(self) -> str:
        return self.part if self.predicate is None else f"{self.part} where {to_text(self.predicate)}"


def select(on: Any, domain: Domain, where: str) -> tuple[Selection, ...]:
    """The faces that `on` names or that satisfy it. Raises StatementError where it selects nothing."""
    if not domain.space:
        raise StatementError(f"{where}: the domain {domain} has no boundary in space. {_START}. {_END}")
    if on is None:
        return tuple(Selection(part.name) for part in domain.parts)
    if isinstance(on, str):
        on = [on]
    if isinstance(on, (list, tuple, set, frozenset)):
        return _by_name(list(on), domain, where)
    predicate = _predicate(on, domain, where)
    selections = (_restricted(part, predicate, domain) for part in domain.parts)
    found = tuple(selection for selection in selections if selection is not None)
    if not found:
        raise StatementError(_selects_nothing(predicate, domain, where))
    return found


def fraction(selection: Selection, domain: Domain) -> float:
    """The part of the face that is selected, from 0 to 1, by sampling."""
    return float(np.mean(_holds(selection.predicate, domain.part(selection.part), domain)))


def overlap(one: Selection, other: Selection, domain: Domain) -> bool:
    """Whether both hold on more than a set of measure zero."""
    if one.part != other.part:
        return False
    part = domain.part(one.part)
    return bool(np.any(_holds(one.predicate, part, domain) & _holds(other.predicate, part, domain)))


def less(selection: Selection, claimed: Selection, domain: Domain) -> Selection | None:
    """What of a face stays when `claimed` is taken away."""
    if selection.part != claimed.part:
        return selection
    if claimed.predicate is None:
        return None
    rest = sympy.Not(claimed.predicate)
    kept = rest if selection.predicate is None else sympy.And(selection.predicate, rest)
    return _restricted(domain.part(selection.part), kept, domain)


def _by_name(names: list[Any], domain: Domain, where: str) -> tuple[Selection, ...]:
    known = [part.name for part in domain.parts]
    if not names:
        raise StatementError(f"{where}: on= is an empty list; name parts of the boundary: {', '.join(known)}")
    for name in names:
        if name in ("initial", "final") and domain.time:
            written = _START if name == "initial" else _END
            raise StatementError(f"{where}: {name!r} isn't a part of the boundary in space. {written}")
        if name not in known:
            raise StatementError(f"{where}: the boundary has no part {name!r}; its parts: {_parts(domain)}")
    return tuple(Selection(name) for name in dict.fromkeys(names))


def _predicate(on: Any, domain: Domain, where: str) -> Boolean:
    predicate = canonicalise(on, f"{where}: on=")
    if predicate == sympy.false or predicate == sympy.true:
        raise StatementError(
            f"{where}: on= is {predicate}, the same everywhere; write one like Eq(x, 1), or leave on= out for all"
        )
    if not isinstance(predicate, Boolean) or isinstance(predicate, sympy.Symbol):
        raise StatementError(f"{where}: on={on!r} is no predicate; write Eq(x, 1), y > 0, or a part: {_parts(domain)}")
    strangers = sorted(symbol.name for symbol in predicate.free_symbols if symbol.name not in domain.names)
    if strangers or predicate.atoms(AppliedUndef):
        stranger = strangers[0] if strangers else str(next(iter(predicate.atoms(AppliedUndef))))
        raise StatementError(
            f"{where}: on={to_text(predicate)} holds {stranger}; a predicate is made of the coordinates "
            f"{', '.join(domain.names)}"
        )
    check_supported(predicate, f"{where}: on=")
    return predicate


def _selects_nothing(predicate: Boolean, domain: Domain, where: str) -> str:
    message = (
        f"{where}: on={to_text(predicate)} selects no part of the boundary of {domain}. Its parts: {_parts(domain)}."
    )
    if domain.time and {symbol.name for symbol in predicate.free_symbols} == {domain.time}:
        ends = zip(domain.bounds[domain.time], (_START, _END), strict=True)
        meant = [text for end, text in ends if _reduced(predicate, _Place({domain.time: (end, end)})) == sympy.true]
        if meant:
            return f"{message} {'. '.join(meant)}"
    return f"{message} Values inside the domain are given as Point or Data"


def _parts(domain: Domain) -> str:
    return ", ".join(f"{part.name!r} ({part.where})" for part in domain.parts)


def _restricted(part: BoundaryPart, predicate: Any, domain: Domain) -> Selection | None:
    """The part narrowed by a predicate: whole where it holds throughout, None where it holds nowhere."""
    reduced = _reduced(predicate, _place(part, domain))
    if reduced == sympy.true:
        return Selection(part.name)
    if reduced == sympy.false or not np.any(_holds(reduced, part, domain)):
        return None
    return Selection(part.name, reduced)


def _place(part: BoundaryPart, domain: Domain) -> _Place:
    if part.coordinate is not None and part.value is not None:
        return _Place({**domain.bounds, part.coordinate: (part.value, part.value)})
    points = dict(zip(domain.names, _sampled(part, domain).T, strict=True))
    return _Place({name: (float(values.min()), float(values.max())) for name, values in points.items()}, points)


def _sampled(part: BoundaryPart, domain: Domain) -> np.ndarray:
    return domain.sample(_SAMPLES, part)


def _holds(predicate: Any, part: BoundaryPart, domain: Domain) -> np.ndarray:
    if predicate is None:
        return np.ones(_SAMPLES, dtype=bool)
    return evaluate(predicate, dict(zip(domain.names, _sampled(part, domain).T, strict=True)))


_Bounds = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class _Place:
    """Where a predicate is asked about: a box; for a curved, slanted or clipped part also points scattered over it."""

    bounds: _Bounds
    points: dict[str, np.ndarray] = field(default_factory=dict)


def _reduced(predicate: Any, place: _Place) -> Any:
    """The predicate on a part, up to null sets: comparisons that are decided there become true or false."""
    if isinstance(predicate, (sympy.And, sympy.Or, sympy.Not)):
        return predicate.func(*(_reduced(argument, place) for argument in predicate.args))
    for kind, rule in _RELATIONS.items():
        if isinstance(predicate, kind):
            difference = predicate.lhs - predicate.rhs
            zero = bool(place.points) and _vanishes(difference, place.points)
            decided = rule(0.0, 0.0) if zero else rule(*_range(difference, place.bounds))
            return predicate if decided is None else sympy.S(decided)
    return predicate


def _vanishes(expression: sympy.Expr, points: dict[str, np.ndarray]) -> bool:
    """Whether it is zero all over a curved or slanted part, to rounding: x² + y² − 1 on the unit circle."""
    terms = [np.abs(evaluate(term, points)).max() for term in sympy.Add.make_args(expression)]
    return bool(np.abs(evaluate(expression, points)).max() <= _TOLERANCE * max(terms))


def _below(low: float, high: float, strict: bool) -> bool | None:
    """f < 0 or f ≤ 0, for f from low to high; a bound that is only touched doesn't count, unless f is constant."""
    if high - low <= _TOLERANCE:
        return high < -_TOLERANCE if strict else high <= _TOLERANCE
    return True if high <= _TOLERANCE else False if low >= -_TOLERANCE else None


def _is_zero(low: float, high: float) -> bool | None:
    if math.isinf(high - low):
        return None
    return max(abs(low), abs(high)) <= _TOLERANCE


def _is_not_zero(low: float, high: float) -> bool | None:
    zero = _is_zero(low, high)
    return None if zero is None else not zero


_RELATIONS: dict[Any, Callable[[float, float], bool | None]] = {
    sympy.Lt: lambda low, high: _below(low, high, strict=True),
    sympy.Le: lambda low, high: _below(low, high, strict=False),
    sympy.Gt: lambda low, high: _below(-high, -low, strict=True),
    sympy.Ge: lambda low, high: _below(-high, -low, strict=False),
    sympy.Eq: _is_zero,
    sympy.Ne: _is_not_zero,
}


def _range(expression: Any, bounds: _Bounds) -> tuple[float, float]:
    """The range over the box of an affine expression; (−∞, ∞) for a nonlinear one that isn't constant there."""
    free = sorted(expression.free_symbols, key=str)
    if not free:
        return float(expression), float(expression)
    fixed = {symbol: sympy.Float(bounds[symbol.name][0]) for symbol in free if len(set(bounds[symbol.name])) == 1}
    reduced = expression.xreplace(fixed)
    try:
        polynomial = sympy.Poly(reduced, *free)
    except sympy.PolynomialError:
        polynomial = None
    if polynomial is None or polynomial.total_degree() > 1:
        return -math.inf, math.inf
    low = high = float(polynomial.coeff_monomial(1))
    for symbol in free:
        slope = float(polynomial.coeff_monomial(symbol))
        ends = [slope * bound for bound in bounds[symbol.name]]
        low, high = low + min(ends), high + max(ends)
    return low, high
