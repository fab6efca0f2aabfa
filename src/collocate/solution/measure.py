"""What a run took and reached: the dictionary that `collocate solve --json` prints."""

from __future__ import annotations

import math
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from collocate import __version__
from collocate.backends import select
from collocate.planning import Plan
from collocate.solution.solution import Solution
from collocate.statement import Problem
from collocate.training import Trainer, TrainingState
from collocate.training.march import FINISHED

# One standard deviation of normal noise as a multiple of its median size.
BY_MEDIAN = 1.4826


def result(
    solution: Solution,
    plan: Plan,
    trainer: Trainer,
    state: TrainingState,
    started: float,
    accuracy: float | None,
    intervals: dict[str, tuple[float, float]],
) -> dict[str, Any]:
    """Times in seconds: training is all after compilation; total is everything since `started` (perf_counter).

    error_estimate: the relative L2 error as it is thought to be, by `training.calibration`; None with data.
    residual_heldout is the held-out residual relative to the size of the equation's own terms, without the noise of
    data that have a sigma; how those are met is in misfits: {data: √ mean (misfit/σ)²}, about one where noise is all
    that is left; told by the median where outliers are expected (`misfit=`). Errors are there only where the problem
    has a reference and was solved to the end. solved_until: the time up to which slabs were finished, where that is
    not the end; the held-out residual is then unknown (None).
    """
    installed = select.installed()
    residual, misfits = _apart(solution.problem, trainer, state)
    until = solved_until(solution, state)
    known = bool(solution.problem.reference) and until is None
    found = {
        "problem": solution.problem.name,
        **solution.settings,
        "network": plan.stages[-1].network.to_json(),
        "parameters": trainer.functions.size,
        "points": {points.name: points.count for points in plan.point_sets},
        "optimizer": [phase.algorithm for phase in plan.phases],
        "steps": state.step,
        "compile_seconds": trainer.functions.compile_seconds,
        "train_seconds": state.seconds,
        "total_seconds": time.perf_counter() - started,
        "relative_l2": solution.errors("relative_l2") if known else None,
        "max_error": solution.errors("max") if known else None,
        "trial_error": dict(plan.trial_error) or None,
        "solved_until": until,
        "residual_heldout": np.inf if until is not None else residual,
        "error_estimate": None if until is not None or solution.problem.observations else _estimate(state),
        "misfits": misfits,
        "slabs": len(solution.slabs),
        "stages": len(plan.stages),
        "accuracy": accuracy,
        "unknowns": solution.unknowns,
        "intervals": {name: {"lower": low, "upper": high} for name, (low, high) in intervals.items()},
        "peak_rss_bytes": peak_rss_bytes(),
        "stopped_because": state.stopped_because,
        "versions": {
            "collocate": __version__,
            "python": sys.version.split()[0],
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            solution.settings["backend"]: installed[solution.settings["backend"]],
        },
    }
    return {name: _finite(value) for name, value in found.items()}


def _apart(problem: Problem, trainer: Trainer, state: TrainingState) -> tuple[float, dict[str, float]]:
    """The held-out residual of what is to vanish, and the misfits of data with a sigma, in units of it.

    Training is judged by both together: equations alone hold as well with wrong numbers in them.
    """
    noisy = {name: each.sigma for name, each in problem.observations.items() if each.sigma is not None}
    if not noisy:
        return max([state.best_heldout, *(slab["heldout"] for slab in state.finished)]), {}
    rows = trainer.heldout_rows(state.best_vector)
    residual = math.sqrt(sum(square for name, square in trainer.judged(rows).items() if name not in noisy))
    misfits = {}
    for term in trainer.plan.terms:
        if term.name in noisy:  # √(w ω) r/s is held out, ω = σ⁻²/Σ σ⁻²
            sigma = noisy[term.name]
            size = np.abs(rows[term.name][: len(sigma)]) * term.scale * np.sqrt(np.sum(sigma**-2.0) / term.weight)
            robust = term.name in trainer.live.robust.misfits
            misfits[term.name] = float(BY_MEDIAN * np.median(size) if robust else np.sqrt(np.mean(size**2)))
    return residual, misfits


def _estimate(state: TrainingState) -> float:
    """Errors at the ends of slabs add up."""
    return sum((slab["error_estimate"] for slab in state.finished), start=state.error_estimate)


def solved_until(solution: Solution, state: TrainingState) -> float | None:
    """Where in time training ended too early, if it did: the start of the slab that was not finished."""
    if solution.plan.slabs == len(solution.slabs) or state.stopped_because == FINISHED:
        return None
    return solution.slabs[-1].start


def _finite(value: Any) -> Any:
    """None for a number that is not finite, inside dictionaries too: JSON has no NaN."""
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return None if isinstance(value, float) and not np.isfinite(value) else value


def peak_rss_bytes() -> int | None:
    """The largest resident set of this process so far; None where the system does not tell (Windows).

    On Linux getrusage would also count what the process was before it became this one: its starter's memory.
    """
    status = Path("/proc/self/status")
    if status.exists() and (peak := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
        return int(peak[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
