"""How large things are, before anything is trained: scales for the network's output and for each residual.

Measured by NumPy on a few points for the trial function u = G + Φ·s·N with a smooth probe in place of the network,
N = cos(1 + Σ ξ_i), ξ the coordinates mapped to [−1, 1]. The reference is not looked at.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.backends import select
from collocate.expressions import lower
from collocate.expressions.canonical import multi_index
from collocate.geometry import NORMAL, Domain
from collocate.jets import JetAlgebra, JetSpace
from collocate.planning.specification import PointSetPlan, Term, Trial
from collocate.statement import MEASURED
from collocate.statement.integrals import OUTER

SAMPLES = 512


def output_scales(
    problem: Any, trials: tuple[Trial, ...], terms: list[Term], sets: list[PointSetPlan]
) -> tuple[float, ...]:
    """s for each field, so that N is of order one.

    The size of G where G is not zero. Else the size that balances the equation, ‖r(N=0)‖ / ‖r(probe) − r(N=0)‖ (exact
    for a linear equation whose solution looks like the probe). Else the largest scale of the other fields.
    """
    given = problem.scales or {}
    found: dict[str, float] = {}
    for trial in trials:
        particular = _rms(_values(problem, trials, (1.0,) * len(trials), 0.0, problem.field(trial.field), sets[0]))
        if trial.field in given:
            found[trial.field] = float(given[trial.field])
        elif particular > 1e-8:
            found[trial.field] = particular
    if len(trials) == 1 and not found:
        still, moved = (_total(problem, trials, terms, sets, amount) for amount in (0.0, 1.0))
        ratio = _rms(still) / max(_rms(moved - still), 1e-300)
        found[trials[0].field] = ratio if 1e-6 < ratio < 1e6 else 1.0
    common = max(found.values(), default=1.0)
    return tuple(found.get(trial.field, common) for trial in trials)


def scaled_terms(
    problem: Any, trials: tuple[Trial, ...], scales: tuple[float, ...], terms: list[Term], sets: list[PointSetPlan]
) -> tuple[Term, ...]:
    """Each term with its scale: the root mean square of its summands, over N = 0 and N = probe."""
    found = [replace(term, scale=_magnitude(problem, trials, scales, term, sets)) for term in terms]
    return tuple(_shared(problem, found))


def _shared(problem: Any, terms: list[Term]) -> list[Term]:
    """Measurements with a standard deviation share one weight: Σ_n (r_n/σ_n)² over the rows of all tables, as of one.

    Within a table rows weigh by 1/σ² and add up to one, so a table weighs Σ_n 1/σ_n², in the units of its scale.
    """
    deviations = {label: each.sigma for label, each in problem.observations.items() if each.sigma is not None}
    precision = {
        term.name: term.scale**2 * float(np.sum(deviations[term.name] ** -2.0))
        for term in terms
        if term.name in deviations
    }
    total = sum(precision.values())
    return [
        replace(term, weight=term.weight * precision[term.name] / total) if term.name in precision else term
        for term in terms
    ]


def _magnitude(
    problem: Any, trials: tuple[Trial, ...], scales: tuple[float, ...], term: Term, sets: list[PointSetPlan]
) -> float:
    squares = []
    for amount in (0.0, 1.0):
        for expression, name in zip(term.expressions, term.sets, strict=True):
            points = next(points for points in sets if points.name == name)
            for summand in sympy.Add.make_args(sympy.expand_mul(expression)):
                squares.append(_rms(_values(problem, trials, scales, amount, summand, points)) ** 2)
    size = float(np.sqrt(sum(squares) / 2.0))
    return size if np.isfinite(size) and size > 1e-12 else 1.0


def _total(
    problem: Any, trials: tuple[Trial, ...], terms: list[Term], sets: list[PointSetPlan], amount: float
) -> np.ndarray:
    """All equations' residuals in one vector."""
    pointwise = [term for term in terms if term.sets[0] == sets[0].name]
    ones = (1.0,) * len(trials)
    return np.concatenate([_values(problem, trials, ones, amount, term.expressions[0], sets[0]) for term in pointwise])


def _values(
    problem: Any,
    trials: tuple[Trial, ...],
    scales: tuple[float, ...],
    amount: float,
    expression: sympy.Expr,
    points: PointSetPlan,
) -> np.ndarray:
    """An expression of fields, derivatives, unknowns and normals for u = G + amount · Φ · s · probe."""
    domain: Domain = problem.domain
    coordinates, columns = _sample(problem, points)
    derivatives = expression.atoms(sympy.Derivative)
    alphas = {node: multi_index(node, domain.coordinates) for node in derivatives}
    algebra = JetAlgebra(select.get("numpy"), JetSpace.of(domain.dimension, alphas.values()))
    environment: dict[Any, Any] = {
        symbol: algebra.coordinate(k, coordinates[:, k : k + 1]) for k, symbol in enumerate(domain.coordinates)
    }
    with np.errstate(all="ignore"):
        jets = _trial_jets(algebra, domain, trials, scales, amount, environment)
        values = JetAlgebra(algebra.bk, JetSpace.of(domain.dimension))
        known = {symbol: (jet[0],) for symbol, jet in environment.items()}
        known |= {node: (jets[node.func.__name__][0],) for node in expression.atoms(AppliedUndef)}
        known |= {node: (algebra.derivative(jets[node.expr.func.__name__], alpha),) for node, alpha in alphas.items()}
        known |= {unknown.symbol: values.constant(unknown.guess) for unknown in problem.unknowns}
        known |= {sympy.Symbol(name, real=True): (column[:, None],) for name, column in columns.items()}
        known |= {symbol: values.constant(1.0) for symbol in expression.free_symbols - known.keys()}  # integrals
        found = values.value(lower(expression, values, known))
    return np.broadcast_to(found, (len(coordinates), 1))[:, 0]


def _trial_jets(
    algebra: JetAlgebra,
    domain: Domain,
    trials: tuple[Trial, ...],
    scales: tuple[float, ...],
    amount: float,
    environment: dict[Any, Any],
) -> dict[str, Any]:
    angle: sympy.Expr = sympy.Integer(1)
    for symbol, (low, high) in zip(domain.coordinates, domain.bounds.values(), strict=True):
        angle = angle + (symbol - 0.5 * (low + high)) / (0.5 * (high - low))
    probe = lower(sympy.cos(angle), algebra, environment)
    jets = {}
    for trial, scale in zip(trials, scales, strict=True):
        moved = algebra.multiply(lower(trial.factor, algebra, environment), probe)
        jets[trial.field] = algebra.add(
            lower(trial.particular, algebra, environment), algebra.scale(amount * scale, moved)
        )
    return jets


def _sample(problem: Any, points: PointSetPlan) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Points (n, d) of a set and its columns: normals, measured values; for an integral, of which only the size is
    wanted, the point of its equation is another point of the domain, and the integral of an equation is one."""
    domain: Domain = problem.domain
    if points.observed is not None:
        found = problem.observations[points.observed]
        return found.coordinates, {MEASURED: found.values}
    coordinates = domain.sample(SAMPLES, points.part)
    if points.part is not None:
        return coordinates, {NORMAL + name: v for name, v in domain.normals(points.part, coordinates).items()}
    return coordinates, {OUTER + name: coordinates[::-1, axis] for axis, name in enumerate(domain.names)}


def _rms(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0
