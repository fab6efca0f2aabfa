"""How far noise in the measurements may have moved the unknown numbers: 95 % intervals.

At the minimum θ of ½‖r(θ)‖² errors ε_n of the measured values move it, to first order, by

    δθ = Σ_n H⁻¹ J_nᵀ f_n ε_n,        H = JᵀJ,  f_n = √(w ω_n) μ_n / s,

so that the variance of one unknown is Σ_n c_n² σ_n² with c_n the factor of ε_n, and the interval z ± 1.96 √variance. It
is right for whatever weights the equation and the data were given, and takes the equation itself to be true. σ_n is
what `Data` was told, else it is estimated from the misfit of its n rows, σ² = n/(n − k) Σ f_n² (u_n − d_n)² / Σ f_n²
with k unknown numbers. Source: G. A. F. Seber, C. J. Wild, Nonlinear Regression, section 2.1 (delta method).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import scipy.linalg

from collocate.backends import select
from collocate.errors import warn
from collocate.expressions import symbol
from collocate.planning import Plan
from collocate.residuals import unknown_values
from collocate.statement import MEASURED
from collocate.training import PointObjective

QUANTILE = 1.959963984540054
# Relative to columns of length one: what lies below is rounding, and an unknown seen only there is undetermined.
SMALLEST = 1e-12
# A dense Jacobian of more columns takes gigabytes.
MOST_PARAMETERS = 6000


def unknown_intervals(
    objective: PointObjective, plan: Plan, vector: np.ndarray, observations: dict[str, Any]
) -> dict[str, tuple[float, float]]:
    """{unknown: (lower, upper)}; infinite where the data do not determine it.

    {} with a warning where they cannot be computed: what was trained is never lost to them.
    """
    observed = {p.name: observations[p.observed] for p in plan.point_sets if p.observed is not None}
    if len(vector) > MOST_PARAMETERS:
        warn(f"no intervals of unknown numbers: {len(vector)} parameters are too many for them")
        return {}
    try:
        deviations = _deviations(objective, plan, vector, observed)
    except (ArithmeticError, MemoryError, np.linalg.LinAlgError) as error:
        warn(f"no intervals of unknown numbers: {error}")
        return {}
    return _bounds(plan, vector, deviations)


def _deviations(
    objective: PointObjective, plan: Plan, vector: np.ndarray, observed: dict[str, Any]
) -> dict[str, float]:
    """The standard deviation of each unknown's free number."""
    found, single = objective.jacobian(vector)
    rows, matrix = np.asarray(found, np.float64), np.asarray(single, np.float64)
    ridge = max(SMALLEST, float(np.finfo(single.dtype).eps))
    names = sorted(unknown.name for unknown in plan.unknowns)
    length = np.linalg.norm(matrix, axis=0)
    scaled = matrix / np.where(length > 0, length, 1.0)
    normal = scaled.T @ scaled + ridge * np.eye(len(length))
    inverse = scipy.linalg.cho_solve(scipy.linalg.cho_factor(normal), np.eye(len(length))[:, -len(names) :])
    factors, pieces = objective.row_factors(), objective.split(rows)
    parts = dict(zip(pieces, _slices(pieces), strict=True))
    deviations = {}
    for k, name in enumerate(names):
        column = len(length) - len(names) + k
        variance = np.inf if length[column] == 0 or inverse[column, k] > 1e-2 / ridge else 0.0
        for term in plan.terms if np.isfinite(variance) else ():
            if term.sets[0] in observed and term.expressions[0].has(symbol(MEASURED)):
                given = observed[term.sets[0]]
                part = parts[term.name]
                own = slice(part.start, part.start + len(given.values))  # what follows only fills up a block
                factor = factors[term.name][: len(given.values)] / term.scale
                change = scaled[own] @ inverse[:, k] / length[column] * factor
                variance += float(np.sum((change * _sigma(rows[own], factor, given, len(names))) ** 2))
        deviations[name] = float(np.sqrt(variance))
    return deviations


def _sigma(rows: np.ndarray, factor: np.ndarray, given: Any, unknowns: int) -> np.ndarray | float:
    """The standard deviation of each row; infinite where no one said and there are too few rows to tell."""
    if given.sigma is not None:
        return given.sigma
    count = len(rows)
    if count <= unknowns:
        return np.inf
    return float(np.sqrt(np.sum(rows**2) / np.sum(factor**2) * count / (count - unknowns)))


def _slices(pieces: dict[str, np.ndarray]) -> list[slice]:
    ends = np.cumsum([len(piece) for piece in pieces.values()])
    return [slice(end - len(piece), end) for end, piece in zip(ends, pieces.values(), strict=True)]


def _bounds(plan: Plan, vector: np.ndarray, deviations: dict[str, float]) -> dict[str, tuple[float, float]]:
    """The interval of the free number, mapped to that of the unknown."""
    names = sorted(deviations)
    free = dict(zip(names, vector[-len(names) :], strict=True))
    bk = select.get("numpy")
    with np.errstate(all="ignore"):
        ends = [
            unknown_values(bk, plan, {name: np.float64(z + side * deviations[name]) for name, z in free.items()})
            for side in (-QUANTILE, QUANTILE)
        ]
    return {name: (min(low, high), max(low, high)) for name in names for low, high in [[float(e[name]) for e in ends]]}


def intervals(result: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """{unknown: (lower, upper)} of a `Solution.result`, in which None stands for an infinite end."""
    return {
        name: (
            -np.inf if ends["lower"] is None else ends["lower"],
            np.inf if ends["upper"] is None else ends["upper"],
        )
        for name, ends in (result.get("intervals") or {}).items()
    }


def with_interval(value: float, interval: tuple[float, float] | None) -> str:
    """ "0.0999 (0.0990 to 0.1007)": to two digits of the interval's width; without one, to ten digits."""
    if interval is None or not np.isfinite(value):
        return f"{value:.10g}"
    low, high = interval
    if not np.isfinite(low) and not np.isfinite(high):
        return f"{value:.10g} (the data do not determine it)"
    width = (high if np.isfinite(high) else value) - (low if np.isfinite(low) else value)
    if not width > 0:
        return f"{value:.10g}"
    decimals = 1 - math.floor(math.log10(width))
    form = f".{max(decimals, 0)}f"
    if value and not 1e-4 <= abs(value) < 1e6:
        form = f".{max(decimals + math.floor(math.log10(abs(value))), 1)}e"
    shown = (f"{end:{form}}" if np.isfinite(end) else f"{end}".replace("inf", "∞") for end in interval)
    return f"{value:{form}} ({' to '.join(shown)})"
