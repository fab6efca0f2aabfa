"""One run of a comparison, in a process of its own: `python -m collocate.comparison.child PARENT`.

A request of JSON on standard input, an answer of one line of JSON on standard output; all else that is said goes to
standard error. It ends with the process PARENT.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

# What a comparison decides, or what belongs to one run of `collocate solve`: not taken from a file's `settings`.
DECIDED = (
    *("backend", "mode", "dtype", "device", "seed", "time_limit"),
    *("out", "resume", "callbacks", "log_dir", "init"),
)
INFERENCES = (1, 1_000, 100_000)
# An inference is repeated for so long, and not more often than that; the first is not counted.
INFERENCE_SECONDS, INFERENCE_CALLS = 0.5, 50


def main() -> None:
    _end_with(int(sys.argv[1]))
    with os.fdopen(os.dup(1), "w") as answer:
        os.dup2(2, 1)  # what frameworks print is no answer
        try:
            found = run(json.load(sys.stdin))
        except Exception as error:
            traceback.print_exc()
            found = {"failed": f"{type(error).__name__}: {error}"}
        answer.write(json.dumps(found, allow_nan=False) + "\n")


def _end_with(parent: int) -> None:
    """A comparison that was killed must not leave a run behind: it would disturb the next one."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run(request: dict[str, Any]) -> dict[str, Any]:
    """The figures of one run, and with them what its case computes: "parameters", "points", "work", and "native_lines".

    request: "source", a file or a name, or "statement", a problem's JSON; "backend", "mode", "dtype", "device",
    "derivatives", "optimizer", "seed", "case_limit".
    """
    from collocate.comparison.first import first_evaluation
    from collocate.solution import solve

    problem, own = _stated(request)
    import_seconds = _imported(request)
    seen: list[Any] = []
    options = {**_options(problem, own, request), "callbacks": [_recorder(seen)]}
    with first_evaluation() as first:
        solution = solve(problem, **options)
    cpu_seconds = sum(os.times()[:4])
    return _figures(solution, seen) | {
        "failed": None,
        "import_seconds": import_seconds,
        "cpu_seconds": cpu_seconds,
        "first_loss": first["loss"],
        "first_gradient_norm": first["gradient_norm"],
        "inference_seconds": _inferences(solution),
        "native_lines": _native_lines(problem, own, request),
    }


def _native_lines(problem: Any, own: dict[str, Any], request: dict[str, Any]) -> int | None:
    """Lines of code of the case's problem in the framework's own words; None where no script can hold it."""
    from collocate.ejection import lines_of_code, script
    from collocate.errors import CollocateError

    choices = {name: own[name] for name in ("network", "points", "conditions", "weighting", "sampling") if name in own}
    try:
        text = script(problem, backend=request["backend"], dtype=request["dtype"], **{**choices, "slabs": 1})
    except CollocateError:
        return None
    return lines_of_code(text)


def _stated(request: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The problem, and the arguments of `solve` that come with it."""
    from collocate.problems.reading import read
    from collocate.statement import Problem

    if request.get("statement") is not None:
        return Problem.from_json(request["statement"]), {}
    loaded = read(request["source"])
    return loaded.problem, {name: value for name, value in loaded.settings.items() if name not in DECIDED}


def _imported(request: dict[str, Any]) -> float:
    """Seconds of importing the framework, with what of collocate belongs to it."""
    from collocate.backends import select

    started = time.perf_counter()
    select.get(request["backend"], mode=request["mode"], dtype=request["dtype"], device=request["device"])
    return time.perf_counter() - started


def _options(problem: Any, own: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `solve`: those of the problem's file, and over them those of the case."""
    from inspect import signature

    from collocate import planning
    from collocate.comparison import by_values

    case = {name: request[name] for name in ("backend", "mode", "dtype", "device", "seed")}
    chosen = dict(own) if request["optimizer"] == "auto" else {**own, "optimizer": request["optimizer"]}
    if request["derivatives"] == "nested":
        wanted = {name: chosen[name] for name in signature(planning.plan).parameters if name in chosen}
        plan = planning.plan(problem, **{**wanted, "dtype": request["dtype"]})
        chosen |= by_values.settings(plan, request["backend"], request["seed"])
    return {**chosen, **case, "time_limit": request["case_limit"]}


def _recorder(seen: list[Any]) -> Callable[[Any], None]:
    from collocate.comparison.recorded import Seen

    return lambda event: seen.append(Seen(event.phase, event.step, event.seconds))


def _figures(solution: Any, seen: list[Any]) -> dict[str, Any]:
    from collocate.comparison import recorded
    from collocate.comparison.work import flops_per_step

    result, plan = solution.result, solution.plan
    pace = recorded.step_seconds(seen)
    points = sum(result["points"].values())
    # In slabs of time the residual and the error are those of one slab at a time.
    course = recorded.course(solution.history if result["slabs"] == 1 and result["solved_until"] is None else {})
    found = {
        "parameters": result["parameters"],
        "points": result["points"],
        "work": {"flops_per_step": flops_per_step(plan, result["parameters"]), "bytes_per_step": None},
        "compile_seconds": result["compile_seconds"],
        "step_seconds": pace,
        "points_per_second": points / pace["median"] if pace and pace["median"] else None,
        "decades": recorded.decades(course),
        "final_error": result["relative_l2"] or {},
        "final_residual": result["residual_heldout"],
        "steps": result["steps"],
        "train_seconds": result["train_seconds"],
        "stopped_because": result["stopped_because"],
        "curve": recorded.curve(course),
        "peak_rss_bytes": result["peak_rss_bytes"],
        "device_bytes": None,
    }
    return recorded.plain(found)


def _inferences(solution: Any) -> dict[str, float]:
    """Median seconds of evaluating all fields at so many points."""
    return {str(count): _inference(solution, count) for count in INFERENCES}


def _inference(solution: Any, count: int) -> float:
    import numpy as np

    points = solution.problem.domain.sample(count)
    evaluate = lambda: solution.table(solution.problem.fields, points)  # noqa: E731
    evaluate()
    seconds: list[float] = []
    while not seconds or (sum(seconds) < INFERENCE_SECONDS and len(seconds) < INFERENCE_CALLS):
        started = time.perf_counter()
        evaluate()
        seconds.append(time.perf_counter() - started)
    return float(np.median(seconds))


if __name__ == "__main__":
    main()
