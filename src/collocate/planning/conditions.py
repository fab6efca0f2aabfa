"""Which conditions the trial function meets exactly, and which become residuals; each with its reason.

A Dirichlet or initial value on a whole face is exact, a Neumann value where the same face also has a Dirichlet one,
and periodicity by an embedding. Candidates are taken in order of strength; each is kept only if the G built from it
and those before it meets *all* of them by numbers, and is smooth enough for the equation (order k in each
coordinate). What cannot be kept becomes a residual.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.backends import select
from collocate.errors import warn
from collocate.expressions import evaluate, lower
from collocate.geometry import BoundaryPart, Cuboid, Domain, Round
from collocate.jets import JetAlgebra, JetSpace
from collocate.planning.exact import Axis, Rays, trial
from collocate.planning.folding import on_parts, together
from collocate.planning.kinks import smoothing
from collocate.planning.specification import Choice, Trial
from collocate.statement.regions import Selection

TOLERANCE = 1e-8
SAMPLES = 256
_KINKED = (sympy.Abs, sympy.sign, sympy.Heaviside, sympy.Piecewise, sympy.Max, sympy.Min)


@dataclass(frozen=True)
class Candidate:
    """One value that could be exact: ∂^order field/∂coordinate^order = data on `part`.

    `face` names the part where the condition may hold on others too; at an end of time it holds on that alone.
    """

    condition: Any
    face: str | None
    field: str
    part: BoundaryPart
    order: int
    data: sympy.Expr

    @property
    def label(self) -> str:
        return self.condition.label if self.face is None else f"{self.condition.label} ({self.face})"


@dataclass(frozen=True)
class Soft:
    """A condition that stays a residual, on one part (None where it has no place: a mean, a period)."""

    condition: Any
    part: str | None
    predicate: sympy.Basic | None = None


@dataclass(frozen=True)
class Sorted:
    """Conditions after the pass: trial functions by field, periodic coordinates, residuals, the reasons, and by field
    what its trial function meets."""

    trials: tuple[Trial, ...]
    periodic: tuple[str, ...]
    soft: tuple[Soft, ...]
    choices: tuple[Choice, ...]
    accepted: tuple[tuple[str, tuple[Candidate, ...]], ...]


def sort_conditions(problem: Any, exact: bool = True) -> Sorted:
    """Exact or residual, for every condition of the problem; all but periods residuals unless `exact`."""
    periodic, soft, choices = _periodic(problem, exact)
    trials, decided, kept = [], [], []
    for field in problem.field_names:
        accepted: list[Candidate] = []
        for candidate, reason in _candidates(problem, field):
            reason = (reason or _unseen(problem, field, candidate)) if exact else "as asked"
            reason = reason or _obstacle(problem, field, [*accepted, candidate], periodic)
            if reason is None:
                accepted.append(candidate)
            else:
                soft.append(Soft(candidate.condition, candidate.part.name))
            decided.append(_Decision(candidate.condition, candidate.face, reason))
        trials.append(_trial(problem, field, accepted, periodic))
        kept.append((field, tuple(accepted)))
    for condition, part, predicate in _always_soft(problem):
        soft.append(Soft(condition, part, predicate))
        face = None if part is None else str(Selection(part, predicate))
        decided.append(_Decision(condition, face, _why_soft(problem.domain, condition, part, predicate)))
    return Sorted(tuple(trials), periodic, tuple(soft), (*choices, *_choices(decided)), tuple(kept))


class _Decision(NamedTuple):
    """What was decided of a condition on one face, with the reason against making it exact."""

    condition: Any
    face: str | None
    against: str | None


def _choices(decided: Sequence[_Decision]) -> Iterator[Choice]:
    """One for all the faces of a condition of which the same was decided."""
    for group in together(decided, lambda each: (each.condition.label, each.against)):
        subject = on_parts(group[0].condition.label, [each.face for each in group if each.face])
        value, reason = ("residual", group[0].against) if group[0].against else ("exact", "u = G + Φ·N")
        yield Choice(f"condition {subject}", value, reason)


def _trial(problem: Any, field: str, accepted: Sequence[Candidate], periodic: tuple[str, ...]) -> Trial:
    """G and Φ; an unknown field starts from its guess."""
    particular, factor = _blended(problem, field, accepted, periodic)
    unknown = problem.unknown_fields.get(field)
    if unknown is not None and not accepted:
        particular = sympy.Float(unknown.guess)
    return Trial(field, particular, factor)


def _blended(
    problem: Any, field: str, candidates: Sequence[Candidate], periodic: tuple[str, ...]
) -> tuple[sympy.Expr, sympy.Expr]:
    """(G, Φ); with the smoothing of a kink where the period of an initial value closes (`planning.kinks`)."""
    particular, factor = trial(axes_of(problem, field, candidates))
    return particular + smoothing(problem, field, periodic, candidates), factor


def _candidates(problem: Any, field: str) -> Iterator[tuple[Candidate, str | None]]:
    """Candidates of one field in order of strength, with a reason against where one is known already."""
    of_kind = {kind: [c for c in problem.conditions if c.kind == kind and c.field == field] for kind in _EXACT_KINDS}
    for kind in ("dirichlet", "neumann"):
        for condition in of_kind[kind]:
            for place in condition.selections:
                if _could_be_exact(problem, condition, place):
                    part = problem.domain.part(place.part)
                    data = condition.value if kind == "dirichlet" else part.side * condition.value
                    order = int(kind == "neumann")
                    yield (
                        Candidate(condition, part.name, field, part, order, data),
                        _not_a_trace(problem, data),
                    )
    for kind, face in (("initial", problem.domain.initial), ("final", problem.domain.final)):
        for condition in sorted(of_kind[kind], key=lambda c: c.order):
            yield (
                Candidate(condition, None, field, face, condition.order, condition.value),
                _not_a_trace(problem, condition.value),
            )


_EXACT_KINDS = ("dirichlet", "neumann", "initial", "final")


def _could_be_exact(problem: Any, condition: Any, place: Any) -> bool:
    """A value on a whole end, circle or sphere, or a derivative beside it on a whole end."""
    if place.predicate is not None or condition.kind not in ("dirichlet", "neumann"):
        return False
    part = problem.domain.part(place.part)
    if part.coordinate is None:
        return condition.kind == "dirichlet" and _circled(problem.domain, part) is not None
    return not _alone(problem, condition, place.part)


def _circled(domain: Domain, part: BoundaryPart) -> Round | None:
    """The disk or ball of which the part is the whole circle or sphere."""
    shape = domain.shape_of(part)
    return shape if isinstance(shape, Round) else None


def _alone(problem: Any, condition: Any, part: str) -> bool:
    """A Neumann value without a Dirichlet value on the same face: G + Φ·N cannot hold it and leave u free."""
    if condition.kind != "neumann":
        return False
    partners = (c for c in problem.conditions if c.kind == "dirichlet" and c.field == condition.field)
    return not any(place.part == part and place.predicate is None for c in partners for place in c.selections)


def _always_soft(problem: Any) -> Iterator[tuple[Any, str | None, sympy.Basic | None]]:
    for condition in problem.conditions:
        if condition.kind in ("mean", "data"):
            yield condition, None, None
        for place in condition.selections if condition.kind not in ("initial", "final", "periodic", "mean") else ():
            if not _could_be_exact(problem, condition, place):
                yield condition, place.part, place.predicate


def _why_soft(domain: Domain, condition: Any, part: str | None, predicate: sympy.Basic | None) -> str:
    if predicate is not None:
        return "it holds on a piece of a face only"
    if condition.kind == "dirichlet" and part is not None:
        return "a value is exact only on a whole end of a box, on a circle or on a sphere"
    if condition.kind == "neumann" and part is not None and domain.part(part).coordinate is None:
        return "a derivative is exact only on a whole end of a box"
    reasons = {
        "mean": "a mean over the domain is one residual",
        "data": "measured values are met in the sense of least squares",
        "neumann": "a derivative alone on a face leaves the value free",
    }
    return reasons.get(condition.kind, "a general relation on the boundary")


def _unseen(problem: Any, field: str, candidate: Candidate) -> str | None:
    """Why a value cannot be given to a field that does not depend on all coordinates, or None."""
    seen = problem.sees[field]
    if candidate.part.coordinate is not None and candidate.part.coordinate not in seen:
        return f"{field} does not depend on {candidate.part.coordinate}"
    others = sorted({symbol.name for symbol in candidate.data.free_symbols} & set(problem.domain.names) - set(seen))
    return f"{field} does not depend on {others[0]}, its value does" if others else None


def _not_a_trace(problem: Any, data: sympy.Expr) -> str | None:
    if data.atoms(AppliedUndef):
        return "its right side holds a field"
    others = {symbol.name for symbol in data.free_symbols} - set(problem.domain.names)
    return f"its right side holds {', '.join(sorted(others))}" if others else None


def _periodic(problem: Any, exact: bool) -> tuple[tuple[str, ...], list[Soft], list[Choice]]:
    """Coordinates periodic for every field go through sin and cos; for some fields only, residuals at both ends."""
    stated = [c for c in problem.conditions if c.kind == "periodic"]
    embedded, soft, choices = [], [], []
    for name in dict.fromkeys(c.coordinate for c in stated):
        of_name = [c for c in stated if c.coordinate == name]
        against = _against_embedding(problem, name, {c.field for c in of_name}, exact)
        if against:
            soft.extend(Soft(c, None) for c in of_name)
        else:
            embedded.append(name)
        value, reason = ("residual", against) if against else ("exact", "the network sees sin and cos of it")
        choices.append(Choice(f"period of {name}", value, reason))
    return tuple(embedded), soft, choices


def _against_embedding(problem: Any, name: str, fields: set[str], exact: bool) -> str | None:
    """Why the network should not see sin and cos of a periodic coordinate, or None.

    Where no equation takes a derivative along the coordinate, a kink of an initial value at the period's end stays as
    it is: a network that closes smoothly could not follow it, one that need not close meets no kink inside.
    """
    if fields != set(problem.field_names):
        return "only some of the fields are periodic"
    if exact and not any(problem.order(field, name) for field in fields):
        axis = problem.domain.names.index(name)
        lines = _lines(problem.domain, axis)
        for condition in problem.conditions:
            if condition.kind in ("initial", "final") and not _not_a_trace(problem, condition.value):
                slopes = _derivatives(condition.value, problem.domain, axis, 1, lines.reshape(-1, lines.shape[-1]))
                if not _closes(slopes[1].reshape(lines.shape[:2])):
                    return f"{condition.label} has a kink there, which stays: no derivative by {name} smooths it"
    return None


def axes_of(problem: Any, field: str, accepted: Sequence[Candidate]) -> list[Axis | Rays]:
    """What of the domain has exact conditions, with its traces, time last."""
    domain: Domain = problem.domain
    found: list[Axis | Rays] = []
    for shape in sorted(domain.shapes, key=lambda shape: shape.axes[0].role == "time"):
        if isinstance(shape, Cuboid):
            found += [_axis(domain, axis.name, accepted) for axis in shape.axes if axis.role != "parameter"]
        elif isinstance(shape, Round):
            values = [c.data for c in accepted if domain.shape_of(c.part) is shape]
            power = _power(max(problem.order(field, name) for name in shape.names))
            symbols = tuple(axis.coordinate for axis in shape.axes)
            found += [Rays(symbols, shape.center, shape.radius, value, power) for value in values]
    return found


def _power(order: int) -> int:
    """m of the blend ρ^m, which has 2m − 1 continuous derivatives at the centre: docs/why/exact-conditions.md."""
    return order + 3


def _axis(domain: Domain, name: str, accepted: Sequence[Candidate]) -> Axis:
    traces: dict[int, tuple[sympy.Expr, ...]] = {}
    for candidate in accepted:
        if candidate.part.coordinate == name:
            side = candidate.part.side
            traces[side] = (*traces.get(side, ()), candidate.data)
    return Axis(domain.coordinates[domain.names.index(name)], *domain.exact_bounds[name], traces)


def _obstacle(problem: Any, field: str, candidates: list[Candidate], periodic: tuple[str, ...]) -> str | None:
    """Why these candidates cannot all be exact together, or None."""
    last = candidates[-1]
    same = [c for c in candidates if c.part.name == last.part.name]
    if [c.order for c in same] != list(range(len(same))):
        return "the lower derivatives on its face are not exact"
    particular, _ = _blended(problem, field, candidates, periodic)
    for candidate in candidates:
        if not _met(problem.domain, particular, candidate):
            return "it is not met" if candidate is last else _contradiction(last, candidate)
    return _roughness(problem, field, particular, periodic)


def _contradiction(one: Candidate, other: Candidate) -> str:
    """The reason, and a remark to the user: such data may be meant, but the network cannot meet both."""
    reason = f"it contradicts {other.label} where they meet"
    warn(f"{one.label}: {reason}, so they cannot both hold there")
    return reason


def _met(domain: Domain, particular: sympy.Expr, candidate: Candidate) -> bool:
    points = domain.sample(SAMPLES, candidate.part)
    arrays = {name: points[:, axis] for axis, name in enumerate(domain.names)}
    found = particular
    if candidate.order:
        symbol = domain.coordinates[domain.names.index(str(candidate.part.coordinate))]
        found = sympy.diff(particular, symbol, candidate.order)
    expected = evaluate(candidate.data, arrays)
    error = np.abs(evaluate(found, arrays) - expected)
    return bool(np.all(error <= TOLERANCE * (1.0 + np.abs(expected).max())))


def _roughness(problem: Any, field: str, particular: sympy.Expr, periodic: tuple[str, ...]) -> str | None:
    """Why G has not the derivatives that the equations take of the field, or None."""
    domain = problem.domain
    rays = any(isinstance(shape, Round) for shape in domain.shapes)
    for axis, symbol in enumerate(domain.coordinates):
        order = problem.order(field, symbol.name)
        lines = _lines(domain, axis)
        derivatives = _derivatives(particular, domain, axis, order, lines.reshape(-1, domain.dimension))
        derivatives = [d.reshape(lines.shape[:2]) for d in derivatives]
        if not all(np.isfinite(d).all() for d in derivatives):
            return f"its derivative of order {order} by {symbol} is not finite"
        if (rays or particular.has(*_KINKED)) and any(map(_jumps, derivatives[:order])):
            return f"it is not smooth in {symbol} (order {order} is needed)"
        if symbol.name in periodic and not all(_closes(d) for d in derivatives[: max(order, 1)]):
            return f"it is not smooth across the period of {symbol}"
    return None


def _lines(domain: Domain, axis: int, count: int = 16, length: int = 252) -> np.ndarray:
    """(count, length, d): lines along one coordinate, ends included, at scattered values of the others.

    251 cells, a prime: a kink at a round number is not on the grid, where one-sided values would hide it.
    """
    starts = domain.sample(count)
    low, high = domain.bounds[domain.names[axis]]
    lines = np.repeat(starts[:, None, :], length, axis=1)
    lines[:, :, axis] = np.linspace(low, high, length)
    inside = domain.contains(lines.reshape(-1, domain.dimension), TOLERANCE).reshape(count, length)
    for line, held, start in zip(lines, inside, starts, strict=True):
        if not held.all():
            line[:, axis] = np.linspace(*_run(line[:, axis], held, start[axis]), length)
    return lines


def _run(values: np.ndarray, held: np.ndarray, start: float) -> tuple[float, float]:
    """The stretch of a line about `start` on which all its points are held."""
    gaps = values[~held]
    low = values[values > gaps[gaps < start].max(initial=-np.inf)].min()
    high = values[values < gaps[gaps > start].min(initial=np.inf)].max()
    return min(low, start), max(high, start)


def _derivatives(particular: sympy.Expr, domain: Domain, axis: int, order: int, points: np.ndarray) -> list[np.ndarray]:
    """∂^j G/∂coordinate^j, j = 0 … order, at points (n, d)."""
    alphas = [tuple(j * (k == axis) for k in range(domain.dimension)) for j in range(order + 1)]
    algebra = JetAlgebra(select.get("numpy"), JetSpace.of(domain.dimension, alphas))
    environment = {symbol: algebra.coordinate(k, points[:, k : k + 1]) for k, symbol in enumerate(domain.coordinates)}
    with np.errstate(all="ignore"):
        jet = lower(particular, algebra, environment)
    found = [algebra.derivative(jet, alpha) for alpha in alphas]
    return [np.broadcast_to(0.0 if value is None else value, (len(points), 1)) for value in found]


def _jumps(values: np.ndarray) -> bool:
    """On a grid twice as fine a jump's second difference stays, a kink's is halved, a smooth function's quartered."""
    fine, *coarse = (np.abs(np.diff(grid, n=2, axis=1)).max() for grid in (values, values[:, ::2], values[:, 1::2]))
    return bool(fine > 0.6 * max(coarse) and fine > TOLERANCE * (1.0 + np.abs(values).max()))


def _closes(values: np.ndarray) -> bool:
    return bool(np.abs(values[:, 0] - values[:, -1]).max() <= 1e-6 * (1.0 + np.abs(values).max()))
