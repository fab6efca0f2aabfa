"""`co.verify`: looks at a solution where training did not, trains it again, and says whether to trust it."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from collocate.errors import PlanError, StatementError
from collocate.solution import Solution
from collocate.statement import Problem
from collocate.statement.reference import Reference
from collocate.verification import judgement
from collocate.verification.misfit import Misfit
from collocate.verification.residual_map import Measured, ResidualMap
from collocate.verification.stability import Comparison, Trainings, compare
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
    usual = max(LEAST_BUDGET, BUDGET_FACTOR * float(solution.result.get("train_seconds") or 0.0))
    budget = usual if budget is None else float(budget)
    against = problem or solution.problem
    seen = _look(solution, against, reference_of(against, reference), tolerance, budget)
    # Of another statement training has reported nothing.
    reported = None if problem else solution.result.get("residual_heldout")
    reasons = [*_outside(solution, at or {}), *_against(seen, reported, tolerance)]
    remarks = [*seen.remarks, *judgement.noisy(seen.misfits, tolerance)]
    untold = judgement.untold(budget, 10.0 * math.ceil(0.2 * max(budget, usual)), seen.short)
    if reasons or seen.tells:
        remarks += [untold] if seen.short else []
        return _verdict(seen, against, reported, reasons, remarks, undecided=False)
    return _verdict(seen, against, reported, [untold], remarks, undecided=True)


@dataclass(frozen=True)
class _Seen:
    """What was looked at. errors: against the reference. told: the comparisons that say something of the error, their
    unknown numbers beyond what noise explains. short: those that time did not suffice for, in words."""

    residuals: ResidualMap
    measured: tuple[Measured, ...]
    level: float
    errors: dict[str, Error]
    comparisons: tuple[Comparison, ...]
    told: tuple[Comparison, ...]
    short: tuple[str, ...]
    remarks: tuple[str, ...]
    numbers: tuple[Found, ...]

    @property
    def misfits(self) -> tuple[Misfit, ...]:
        return self.residuals.misfits

    @property
    def estimate(self) -> float | None:
        return judgement.estimate(self.level, self.told)

    @property
    def tells(self) -> bool:
        """Whether anything tells how large the error is."""
        return bool(self.errors) or (self.estimate is not None and not self.short)


def _look(solution: Solution, against: Problem, truth: Reference, tolerance: float, budget: float) -> _Seen:
    """Residuals, the error where it is known, and other trainings; the last two only of what was solved to the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # remarks on the statement were made when it was stated
        residuals = ResidualMap(solution, against)
    level, finished = residuals.level(), solution.result.get("solved_until") is None
    trainings = compare(solution, residuals, budget) if finished and budget else Trainings()
    remarks = (*trainings.remarks, *judgement.lost(trainings.comparisons))
    if finished and not budget:
        remarks = ("it was not trained again",)
    converged = [each for each in trainings.comparisons if judgement.converged(each, level)]
    others = [each for each in trainings.comparisons if each not in converged]
    numbers = unknowns(solution, converged)
    judged = beyond_noise(converged, numbers)
    return _Seen(
        residuals=residuals,
        measured=residuals.measured(),
        level=level,
        errors=errors(solution, against, truth) if finished else {},
        comparisons=trainings.comparisons,
        told=tuple(each for each in judged if not judgement.is_short(each, level, tolerance)),
        short=(*trainings.short, *judgement.too_short([*others, *judged], level, tolerance)),
        remarks=remarks,
        numbers=numbers,
    )


def _against(seen: _Seen, reported: float | None, tolerance: float) -> list[str]:
    """What speaks against the solution."""
    found = [
        *judgement.broken(judgement.judged(seen.measured, seen.misfits), tolerance),
        *judgement.unfit(seen.misfits, tolerance),
        *open_ones(seen.numbers),
        *judgement.unseen(reported, seen.residuals.as_trained(), seen.measured),
        *judgement.wrong(seen.errors, tolerance),
    ]
    # A measured error is better than a guessed one.
    return found if seen.errors else [*found, *judgement.apart(seen.estimate, seen.told, seen.level, tolerance)]


def _verdict(
    seen: _Seen,
    against: Problem,
    reported: float | None,
    reasons: Sequence[str],
    remarks: Sequence[str],
    undecided: bool,
) -> Verdict:
    return Verdict(
        problem=against.name or str(against),
        trusted=not reasons,
        undecided=undecided,
        accuracy=None if reasons else _accuracy(seen),
        reasons=tuple(reasons),
        remarks=tuple(remarks),
        estimate=None if undecided else seen.estimate,
        errors={name: error.relative for name, error in seen.errors.items()} or None,
        worst=_worst(seen),
        measured=seen.measured,
        reported=reported,
        fresh=seen.residuals.as_trained(),
        comparisons=seen.comparisons,
        unknowns=seen.numbers,
        misfits=seen.misfits,
        map=_map(seen.residuals),
    )


def _accuracy(seen: _Seen) -> float:
    """The power of ten that is claimed: of the error where it is measured, else of the estimate and the noise."""
    if seen.errors:
        return judgement.power_of_ten(max(each.relative for each in seen.errors.values()))
    assert seen.estimate is not None, "without a reference or an estimate there is a reason against trust"
    return judgement.power_of_ten(claim(seen.estimate, seen.numbers, {each.name: each.rms for each in seen.misfits}))


def _worst(seen: _Seen) -> Measured:
    """The largest residual that is no noise; what is not finite is larger than all."""
    left = judgement.without_noise(seen.measured, seen.misfits)
    return max(left, key=lambda each: each.largest if math.isfinite(each.largest) else math.inf)


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
