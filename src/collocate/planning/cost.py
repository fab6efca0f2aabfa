"""What one step of each optimizer's own algebra costs, in floating-point operations.

Counts leave out the residuals and their derivatives, which the plan adds from the network. N rows, P parameters.

    adam                   12 P
    lbfgs                  8 m P              m = 20 pairs, each read twice
    self_scaled_broyden    10 P²              two products with H, one scaled copy and its rank-two updates
    levenberg_marquardt    N P² + k (P³/3 + 8 N P)        N ≥ P, k = 3 dampings probed a step
                           N² P + k (N³/3 + 8 N P)        N < P, by the kernel
    natural_gradient       N² P + k (N³ + 8 N P)          N < P, k dampings tried; else with N and P exchanged

Sources: Golub & Van Loan, Matrix Computations, tables of chapter 4; the files of ``collocate.optimizers``.
"""

from __future__ import annotations

from collections.abc import Callable

from collocate.errors import PlanError

PROBES, PAIRS = 3, 20


def _adam(rows: int, parameters: int) -> float:
    return 12.0 * parameters


def _lbfgs(rows: int, parameters: int) -> float:
    return 8.0 * PAIRS * parameters


def _self_scaled_broyden(rows: int, parameters: int) -> float:
    return 10.0 * parameters**2


def _levenberg_marquardt(rows: int, parameters: int) -> float:
    small, large = sorted((rows, parameters))
    return float(large * small**2 + PROBES * (small**3 / 3 + 8 * rows * parameters))


def _natural_gradient(rows: int, parameters: int) -> float:
    small, large = sorted((rows, parameters))
    return float(large * small**2 + PROBES * (small**3 + 8 * rows * parameters))


COSTS: dict[str, Callable[[int, int], float]] = {
    "adam": _adam,
    "lbfgs": _lbfgs,
    "self_scaled_broyden": _self_scaled_broyden,
    "levenberg_marquardt": _levenberg_marquardt,
    "natural_gradient": _natural_gradient,
}


def step_cost(name: str, rows: int, parameters: int) -> float:
    """Operations of one step of the optimizer ``name`` on N = rows residuals and P = parameters."""
    if name not in COSTS:
        raise PlanError(f"No optimizer is called {name!r}. Expected one of: {', '.join(sorted(COSTS))}.")
    return COSTS[name](rows, parameters)
