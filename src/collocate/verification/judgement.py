"""From evidence to a verdict: how large the error may be, and what speaks against trust.

The error of a solution is estimated from other trainings, each of which has residuals ρ_k (root mean square over
fresh points, relative) where the solution has ρ, and fields that differ by δ_k in relative L2:

    ε = MARGIN · max_k δ_k · min(1, SAFETY · ρ / √(ρ² + ρ_k²)),   and no less than FLOOR · ρ

If the other run is better, δ_k is the solution's own error. If it is worse, most of δ_k is its error; errors go with
residuals through the same operator, and SAFETY is what one allows for residuals of another shape. The verdict says the
next power of ten above ε. docs/why/verdict.md has the measurements.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from collocate.verification.misfit import Misfit
from collocate.verification.residual_map import Measured
from collocate.verification.stability import CONTINUED, Comparison
from collocate.verification.truth import Error

MARGIN, SAFETY, FLOOR = 2.0, 10.0, 0.03
# Another training whose residuals are so large has not converged: it says nothing.
CONVERGED = 0.1
# A residual on fresh points this many times the one that training reports was not seen by training's points.
UNSEEN, UNSEEN_LEAST = 10.0, 1e-4
# A misfit this small is one, whatever σ was said to be.
MISFIT_LEAST = 1e-4


def estimate(level: float, comparisons: Sequence[Comparison]) -> float | None:
    """ε above, for the worst of the fields and unknowns; None where no other training converged."""
    usable = [each for each in comparisons if converged(each, level)]
    if not usable:
        return None
    return max([FLOOR * level, *(MARGIN * _share(level, each) * _difference(each) for each in usable)])


def converged(comparison: Comparison, level: float) -> bool:
    """Whether another training says anything: continuing does wherever it ends in numbers."""
    return comparison.is_finite and (comparison.kind == CONTINUED or comparison.level <= max(CONVERGED, level))


def lost(comparisons: Sequence[Comparison]) -> list[str]:
    """Other trainings that ended in no numbers, as remarks."""
    return [
        f"trained again ({each.kind}, seed {each.seed}) it ended in values that are not finite: that says nothing"
        for each in comparisons
        if not each.is_finite
    ]


def _share(level: float, other: Comparison) -> float:
    both = math.hypot(level, other.level)
    return min(1.0, SAFETY * level / both) if both > 0 else 1.0


def _difference(other: Comparison) -> float:
    return max([*other.differences.values(), *other.unknowns.values()])


def unseen(reported: float | None, fresh: float, measured: Sequence[Measured]) -> list[str]:
    """Where the equation holds at training's points, and not between them."""
    if reported is None or fresh < UNSEEN_LEAST or fresh < UNSEEN * reported:
        return []
    worst = max((each for each in measured if each.kind == "equation"), key=lambda each: each.largest)
    return [
        f"training reports a residual of {reported:.1e}; on fresh points it is {fresh:.1e}, worst at "
        f"{where(worst.place)}: its points missed what happens there"
    ]


def wrong(found: Mapping[str, Error], tolerance: float) -> list[str]:
    """Fields that differ from the reference."""
    return [
        f"{name} differs from the reference by {error.relative:.1e}, most at {where(error.place)} "
        f"({error.largest:.1e} of its size)"
        for name, error in found.items()
        if not error.relative <= tolerance
    ]


def broken(measured: Sequence[Measured], tolerance: float) -> list[str]:
    """Equations and conditions that do not hold."""
    found = []
    for each in measured:
        if not math.isfinite(each.rms):
            found.append(f"{each.name}: the residual is not finite at {where(each.place)}")
        elif each.kind != "equation" and each.rms > tolerance:
            found.append(
                f"{each.name} does not hold: off by {each.rms:.1e} of its size, {each.largest:.1e} at "
                f"{where(each.place)}"
            )
        elif each.kind == "equation" and each.rms > 10 * tolerance:
            found.append(
                f"{each.name} does not hold: its terms leave {each.rms:.1e} of their size, {each.largest:.1e} at "
                f"{where(each.place)}"
            )
    return found


def unfit(misfits: Sequence[Misfit], tolerance: float) -> list[str]:
    """Measured values that are not met as well as their noise allows."""
    found = []
    for each in misfits:
        off = f"the misfit of {each.name} is {each.rms:.1e} of its size"
        if each.too_large and each.rms > MISFIT_LEAST:
            found.append(f"{off}, {math.sqrt(each.chi_squared or 0.0):.1f} times the sigma that was given")
        elif each.has_trend and each.rms > tolerance:
            found.append(f"{off} and has a trend: neighbours are off to the same side, as noise is not")
    return found


def noisy(misfits: Sequence[Misfit], tolerance: float) -> list[str]:
    """What is taken for noise though nobody said so, as remarks."""
    return [
        f"the misfit of {each.name}, {each.rms:.1e} of its size, has no trend and is taken for noise; sigma= would tell"
        for each in misfits
        if each.is_noise and each.chi_squared is None and each.rms > tolerance
    ]


def without_noise(measured: Sequence[Measured], misfits: Sequence[Misfit]) -> list[Measured]:
    """The residuals without those of data whose misfit is noise."""
    noise = {each.name for each in misfits if each.is_noise}
    return [each for each in measured if each.name not in noise]


def judged(measured: Sequence[Measured], misfits: Sequence[Misfit]) -> list[Measured]:
    """The residuals that must vanish: not those of data whose misfit is noise, or a reason by itself."""
    told = {each.name for each in misfits if each.is_noise or each.too_large or each.has_trend}
    return [each for each in measured if each.name not in told]


def apart(error: float | None, comparisons: Sequence[Comparison], level: float, tolerance: float) -> list[str]:
    """What the other trainings say against the solution."""
    if error is None or error <= tolerance:
        return []
    worst = max((each for each in comparisons if converged(each, level)), key=_difference)
    return [
        f"trained again ({worst.kind}, {worst.points} points, seed {worst.seed}) the fields differ by "
        f"{_difference(worst):.1e}, most at {where(worst.place)} ({worst.largest:.1e} of the field's size): the error "
        f"may be {error:.1e}"
    ]


def is_short(comparison: Comparison, level: float, tolerance: float) -> bool:
    """Whether its time ended before it could say anything: still worse than the solution, and far from it, it may be
    its own error that one sees."""
    error = estimate(level, [comparison])
    far = error is None or error > tolerance
    return far and comparison.is_cut and comparison.is_finite and comparison.level > level


def too_short(comparisons: Sequence[Comparison], level: float, tolerance: float) -> list[str]:
    """How far those got that time did not suffice for."""
    return [
        f"{each.kind} it was at a residual of {each.level:.1e} after {each.steps} step{'s' * (each.steps != 1)}, "
        f"where the solution has {level:.1e}"
        for each in comparisons
        if is_short(each, level, tolerance)
    ]


def untold(budget: float, advised: float, short: Sequence[str]) -> str:
    """Why nothing tells how large the error is, where there is no reference either."""
    if short:
        return (
            f"the budget of {budget:g} s was too short to train again: {'; '.join(short)}; give budget={advised:g}, on "
            f"the command line --budget {advised:g}"
        )
    trained = "no other training converged" if budget else "with budget=0 it was not trained again"
    return f"there is no reference, and {trained}: nothing tells how large the error is"


def power_of_ten(error: float) -> float:
    """The next power of ten above, and not below the rounding of a double."""
    return 10.0 ** math.ceil(math.log10(max(error, 1e-15)) - 1e-9)


def where(place: dict[str, float]) -> str:
    """A place as text."""
    return ", ".join(f"{name} = {value:.4g}" for name, value in place.items()) or "the mean over the domain"
