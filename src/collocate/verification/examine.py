"""`co.verify`: looks at a solution where training did not, trains it again, and says whether to trust it."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from collocate.errors import PlanError, StatementError
from collocate.solution import Solution
from collocate.statement import Problem
from collocate.verification import judgement
from collocate.verification.misfit import Misfit
from collocate.verification.residual_map import ResidualMap
from collocate.verification.stability import compare
from collocate.verification.truth import Error, errors, reference_of
from collocate.verification.unknowns import Found, beyond_noise, claim, open_ones, unknowns
from collocate.verification.verdict import Verdict

TOLERANCE = 1e-2
# Seconds for training again, where none are given: at least these, and this many times what the solution took.
LEAST_BUDGET, BUDGET_FACTOR = 60.0, 2.0
MAP_POINTS = 8192


def verify(
    solution: Solution,
    problem: Problem | None = None,
    *,
    reference: Any = None,
    at: Mapping[str, Any] | None = None,
    tolerance: float = TOLERANCE,
    budget: float | None = None,
) -> Verdict:
    """Whether to trust a solution, and to what relative error.

    problem: an independent statement to hold the solution against, in place of its own: only so can a mistake in its
    statement be seen. reference: an expression, {field: expression} or a function of arrays, in place of the
    problem's own. at: {coordinate: number or array}, where the solution is meant to be used. tolerance: the relative
    error up to which it is worth trusting. budget: seconds of training for the comparisons; left out, a minute, or
    twice what the solution took if that is more; 0 makes none, and then only a reference tells how large the error is.

    Raises StatementError where problem, reference or `at` do not fit the solution, PlanError for other bad input.
    """
    _check(solution, problem, tolerance, budget)
    if budget is None:
        budget = max(LEAST_BUDGET, BUDGET_FACTOR * float(solution.result.get("train_seconds") or 0.0))
    against = problem or solution.problem
    truth = reference_of(against, reference)
    reasons = _outside(solution, at or {})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on the statement were made when it was stated
        residuals = ResidualMap(solution, against)
    measured, misfits, level = residuals.measured(), residuals.misfits, residuals.level()
    # Of another statement training has reported nothing.
    reported = None if problem else solution.result.get("residual_heldout")
    finished = solution.result.get("solved_until") is None
    found, comparisons, remarks = {}, [], []
    if finished:
        found = errors(solution, against, truth)
        comparisons, remarks = compare(solution, residuals, budget) if budget else ([], ["it was not trained again"])
    converged = [each for each in comparisons if judgement.converged(each, level)]
    numbers_found = unknowns(solution, converged)
    judged = beyond_noise(converged, numbers_found)
    estimate = judgement.estimate(level, judged)
    remarks += judgement.lost(comparisons)
    remarks += judgement.noisy(misfits, tolerance)
    reasons += judgement.broken(judgement.judged(measured, misfits), tolerance)
    reasons += judgement.unfit(misfits, tolerance)
    reasons += open_ones(numbers_found)
    reasons += judgement.unseen(reported, residuals.as_trained(), measured)
    reasons += judgement.wrong(found, tolerance)
    if finished and not found:
        reasons += judgement.apart(estimate, judged, level, tolerance)
    return Verdict(
        problem=against.name or str(against),
        trusted=not reasons,
        accuracy=None if reasons else _accuracy(found, estimate, numbers_found, misfits),
        reasons=tuple(reasons),
        remarks=tuple(remarks),
        estimate=estimate,
        errors={name: error.relative for name, error in found.items()} or None,
        worst=max(
            judgement.without_noise(measured, misfits),
            key=lambda each: each.largest if math.isfinite(each.largest) else math.inf,
        ),
        measured=measured,
        reported=reported,
        fresh=residuals.as_trained(),
        comparisons=tuple(comparisons),
        unknowns=numbers_found,
        misfits=misfits,
        map=_map(residuals),
    )


def _accuracy(
    found: Mapping[str, Error], estimate: float | None, numbers_found: Sequence[Found], misfits: Sequence[Misfit]
) -> float:
    """The power of ten that is claimed: of the error where it is measured, else of the estimate and the noise."""
    if found:
        return judgement.power_of_ten(max(each.relative for each in found.values()))
    assert estimate is not None, "without a reference or an estimate there is a reason against trust"
    return judgement.power_of_ten(claim(estimate, numbers_found, {each.name: each.rms for each in misfits}))


def _check(solution: Any, problem: Any, tolerance: Any, budget: Any) -> None:
    """Raises PlanError for what is not of the kind that `verify` takes."""
    if not isinstance(solution, Solution):
        raise PlanError(f"verify takes a solution, such as co.load(path); got {solution!r}")
    if problem is not None and not isinstance(problem, Problem):
        raise PlanError(f"verify holds a solution against a problem, co.Problem(…); got {problem!r}")
    for name, value, least in (("tolerance", tolerance, "positive"), ("budget", budget, "zero or more")):
        fits = (value is None and name == "budget") or (
            isinstance(value, numbers.Real) and 0 <= float(value) < math.inf
        )
        if not fits or (name == "tolerance" and value == 0):
            raise PlanError(f"{name} must be a number, {least}; got {value!r}")


def _outside(solution: Solution, at: Mapping[str, Any]) -> list[str]:
    """Where the solution is to be used and was not trained: a coordinate or a parameter outside its range."""
    domain, found = solution.problem.domain, []
    for name, value in at.items():
        if name not in domain.names:
            raise StatementError(f"at names {name!r}; the solution takes {', '.join(domain.names)}")
        try:
            values = np.asarray(value, np.float64)
        except (TypeError, ValueError):
            raise StatementError(f"at takes numbers; {name} is {value!r}") from None
        low, high = domain.bounds[name]
        slack = 1e-9 * (high - low)
        beyond = values[~((values >= low - slack) & (values <= high + slack))]
        if beyond.size:
            found.append(
                f"{name} = {beyond.flat[0]:.6g} lies outside [{low:.6g}, {high:.6g}], where nothing was trained"
            )
    until = solution.result.get("solved_until")
    if until is not None:
        reason = solution.result.get("stopped_because")
        found.append(f"it was solved up to {domain.time} = {until:.6g} only ({reason}); there are no values beyond")
    if set(at) == set(domain.names) and not found:
        points = np.stack([array.ravel() for array in np.broadcast_arrays(*(at[name] for name in domain.names))], 1)
        if not domain.contains(points, tolerance=1e-9).all():
            found.append(f"at lies outside {domain}, where nothing was trained")
    return found


def _map(residuals: ResidualMap) -> dict[str, np.ndarray]:
    points = residuals.interior[:MAP_POINTS]
    columns = dict(zip(residuals.problem.domain.names, points.T, strict=True))
    return {**columns, "residual": residuals.of_equations()[:MAP_POINTS]}
