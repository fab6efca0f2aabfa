"""Run after run, written down after each: what is measured stays, whatever comes after."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collocate.comparison import machine
from collocate.comparison.agreement import agreement
from collocate.comparison.settings import Settings, order
from collocate.errors import PlanError, StoreError
from collocate.store import write_text_atomic

SCHEMA, FILE = 1, "results.json"
DONE, INTERRUPTED = "done", "interrupted"
OF_THE_CASE = ("parameters", "points", "work", "native_lines")
# What a run that failed has of the others' figures.
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("import_seconds", "compile_seconds", "compiled_from_cache", "step_seconds", "points_per_second")),
    **dict.fromkeys(("first_loss", "first_gradient_norm", "final_residual", "steps", "train_seconds")),
    **dict.fromkeys(("stopped_because", "peak_rss_bytes", "device_bytes", "cpu_seconds")),
    "decades": {},
    "final_error": {},
    "curve": {"seconds": [], "steps": [], "loss": [], "error": {}},
    "inference_seconds": {},
}

Results = dict[str, Any]
# (case, request) -> what is kept of a run; "failed" is not None where there is nothing
Run = Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Progress:
    """What is told before a run, `run` None, and after it; `number` from 1 of `total`."""

    number: int
    total: int
    case: Mapping[str, Any]
    repeat: int
    run: Mapping[str, Any] | None = None


def begun(settings: Settings, command: str, speeds: Mapping[str, float]) -> Results:
    """The results of a comparison in which nothing has run."""
    measured = {name: speeds.get(name) for name in ("dgemm_flops", "sgemm_flops", "memory_bandwidth")}
    loads = {"load_before": machine.load(), "load_after": None}
    return {
        "schema": SCHEMA,
        "made": {
            "collocate": machine.versions()["collocate"],
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "command": command,
            "finished": False,
            "stopped_because": INTERRUPTED,
        },
        "machine": {**machine.describe(), **loads, **measured},
        "versions": machine.versions(),
        "settings": settings.to_json(),
        "agreement": [],
        "cases": settings.cases(),
    }


def resumed(folder: Path, settings: Settings) -> Results:
    """The results in the folder. Raises StoreError where there are none that can be read, PlanError where they are of
    other settings or versions."""
    path = folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        schema, before = found["schema"], {**found["settings"], "versions": found["versions"]}
        cases = [case["id"] for case in found["cases"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} holds no comparison to go on with ({error}); leave resume out to begin one") from None
    if schema != SCHEMA:
        raise StoreError(f"{path} has schema {schema!r}, this version reads {SCHEMA}; compare anew in another folder")
    now = {**settings.to_json(), "versions": machine.versions()}
    for name in now:
        if now[name] != before.get(name):
            raise PlanError(
                f"{path} was measured with {name} {before.get(name)!r}, and now {now[name]!r} is asked for: resume "
                "with the same, or compare anew in another folder"
            )
    if cases != [case["id"] for case in settings.cases()]:
        raise StoreError(f"the cases in {path} are not those of its settings; compare anew in another folder")
    return found


def measure(
    results: Results,
    settings: Settings,
    run: Run,
    keep: Callable[[Results], None],
    tell: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Fill the results with the runs that they lack, those that failed too. Ctrl-C ends it; `keep` is called after
    each."""
    cases = results["cases"]
    total = settings.repeats * len(cases)
    try:
        for number, (repeat, index) in enumerate(order(len(cases), settings.repeats)):
            case = cases[index]
            if any(each["repeat"] == repeat and each["failed"] is None for each in case["runs"]):
                continue
            tell(Progress(number + 1, total, case, repeat))
            found = run(case, settings.request(case))
            _add(case, repeat, number, found)
            results["agreement"] = agreement(cases)
            keep(results)
            tell(Progress(number + 1, total, case, repeat, case["runs"][-1]))
        results["made"] |= {"finished": True, "stopped_because": DONE}
    except KeyboardInterrupt:
        results["made"] |= {"finished": False, "stopped_because": INTERRUPTED}
    results["machine"]["load_after"] = machine.load()
    keep(results)


def _add(case: dict[str, Any], repeat: int, number: int, found: Mapping[str, Any]) -> None:
    """The run in place of one that failed before; what all runs of a case have in common goes to the case."""
    case |= {name: found[name] for name in OF_THE_CASE if name in found}
    own = {name: value for name, value in found.items() if name not in OF_THE_CASE}
    case["runs"] = [each for each in case["runs"] if each["repeat"] != repeat]
    case["runs"].append({"repeat": repeat, "order": number, **NOTHING, **own})


def write(results: Results, folder: Path) -> None:
    """Atomically: a reader sees the results of one moment."""
    write_text_atomic(folder / FILE, json.dumps(results, indent=1, allow_nan=False) + "\n")
