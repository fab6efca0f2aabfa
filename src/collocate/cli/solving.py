"""`collocate solve`: load, train under a progress display, say whether it was enough."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from collocate import tables
from collocate.backends import select
from collocate.cli import settings, streams
from collocate.cli.loading import Loaded
from collocate.errors import PlanError
from collocate.solution import Solution, solve
from collocate.solution.intervals import intervals, with_interval
from collocate.training.display import progress
from collocate.training.march import FINISHED


def run(loaded: Loaded, given: Mapping[str, Any], quiet: bool) -> tuple[Solution, dict[str, Any]]:
    """The solution, and the settings that it was asked for with."""
    asked = settings.merge(loaded.settings, given)
    if given.get("resume") and asked.get("out") is None:
        raise PlanError("--resume needs --out DIR, the folder that holds the checkpoint")
    backend = asked.get("backend", "jax")
    with streams.unheard():
        select.get(backend, mode="eager")  # imports the framework; eager, since only `solve` compiles
    title = f"{loaded.problem.name} on {backend}"
    with progress(title, quiet) as show:
        callbacks = (*(asked.get("callbacks") or ()), show)
        return solve(loaded.problem, **{**asked, "callbacks": callbacks}), asked


def shortfall(result: Mapping[str, Any], accuracy: float | None) -> str:
    """What to say where what `accuracy=` is judged by is above it, or not a number; else ""."""
    in_slabs = result["slabs"] > 1 or result["stopped_because"] == FINISHED
    estimated = result["error_estimate"] is not None and not in_slabs
    found = result["error_estimate" if estimated else "residual_heldout"]
    if accuracy is None or (found is not None and found <= accuracy):
        return ""
    name = "estimated error" if estimated else "held-out residual"
    measured = "not finite" if found is None else f"{found:.3g}"
    return (
        f"the accuracy {accuracy:g} was not reached: the {name} is {measured} "
        f"({result['stopped_because']}). More steps, more time or a larger network may do"
    )


def print_result(result: Mapping[str, Any], out: Any, as_json: bool) -> None:
    """The figures of training as one line of JSON, or a few lines to read."""
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
        return
    rows = {
        "stopped": f"{result['stopped_because']}, after {result['steps']} steps",
        "held-out residual": result["residual_heldout"],
        "estimated error": result["error_estimate"],
        "misfit, in sigma": result["misfits"] or None,
        "relative L2 error": result["relative_l2"],
        "largest error": result["max_error"],
        "unknowns": ", ".join(_found(result)) or None,
        "solved up to": result["solved_until"],
        "time": f"{result['train_seconds']:.1f} s of training, {result['total_seconds']:.1f} s in all",
        "files": None if out is None else f"solution.collocate, result.json and figure.png in {out}",
    }
    known = [(name, value) for name, value in rows.items() if value is not None]
    tables.print_sections([(f"{result['problem']} on {result['backend']}", known)])


def _found(result: Mapping[str, Any]) -> Iterator[str]:
    """Each unknown number with its 95 % interval: "D  0.0999 (0.0990 to 0.1007)"."""
    for name, value in result["unknowns"].items():
        yield f"{name}  {'not finite' if value is None else with_interval(value, intervals(result).get(name))}"
