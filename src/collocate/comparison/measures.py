"""What is read off the runs of a case: one spread over the repeats for each thing that a user may care about."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collocate.comparison.statistics import SMALLEST_FACTOR, Spread, differ, smallest, spread, spread_of_quartiles
from collocate.comparison.units import count, errors, memory, power, seconds

Case = Mapping[str, Any]
Run = Mapping[str, Any]

# Two errors within this factor are equal: the last rounding moves where training ends by as much.
FACTOR_OF_ERRORS = 2.0
DIGIT = 10.0
# Where a backend keeps what it compiled, only one compile of a case starts from nothing, and has no spread.
FACTOR_OF_ONE_COMPILE = 2.0
THOUSANDTH = "1e-3"
SETTINGS = ("mode", "dtype", "derivatives", "optimizer")

# What users may want first, by its key in the recommendation; each problem says it with its own numbers.
NEEDS = {
    "fastest_step": "shortest step",
    "fastest_to_thousandth": "fewest seconds to an error of 10⁻³",
    "fastest_to_accuracy": "fewest seconds to the smallest error that all reach",
    "most_accurate": "smallest error",
    "leanest": "least memory",
    "fastest_compile": "shortest compile",
    "fastest_inference": "fastest evaluation",
}


@dataclass(frozen=True)
class Measure:
    """What one of `NEEDS` asks for: its name, how it is read and written, and the factors that make a difference."""

    key: str
    name: str
    of: Callable[[Case], Spread | None]
    say: Callable[[float], str]
    factor: float = SMALLEST_FACTOR
    alone: float = math.inf

    def differ(self, one: Spread, other: Spread) -> bool:
        return differ(one, other, self.factor, self.alone)

    def best(self, cases: Iterable[Case]) -> list[str]:
        """Ids of those that no other is below."""
        return smallest({case["id"]: self.of(case) for case in cases}, self.factor, self.alone)


def measures(cases: list[Case]) -> list[Measure]:
    """Those of one problem: the smallest error that all reach, and the size of an inference, hang on its cases."""
    decade, points = common_decade(cases), largest_inference(cases)
    everywhere = written(decade) if decade else "an error that all reach"
    return [
        Measure("fastest_step", "step", step, seconds),
        Measure("fastest_to_thousandth", f"time to {written(THOUSANDTH)}", reaching(THOUSANDTH), seconds),
        Measure("fastest_to_accuracy", f"time to {everywhere}", reaching(decade), seconds),
        Measure("most_accurate", "error", final_error, errors, FACTOR_OF_ERRORS, DIGIT),
        Measure("leanest", "memory", memory_of(cases), memory),
        Measure("fastest_compile", "compile", compiling, seconds, alone=FACTOR_OF_ONE_COMPILE),
        Measure("fastest_inference", evaluation(points), inference(points), seconds),
    ]


def written(decade: str) -> str:
    """«10⁻³» for "1e-3"."""
    return power(round(math.log10(float(decade))))


def evaluation(points: int | None) -> str:
    return "evaluation" if points is None else f"evaluation of {count(points)} points"


def succeeded(case: Case) -> bool:
    """Whether it ran, and no repeat of it failed."""
    return bool(case["runs"]) and not any(run.get("failed") for run in case["runs"])


def good_runs(case: Case) -> list[Run]:
    return [run for run in case["runs"] if not run.get("failed")]


def over(case: Case, read: Callable[[Run], float | None]) -> Spread | None:
    return spread(read(run) for run in good_runs(case))


def step(case: Case) -> Spread | None:
    """Seconds of a steady step, from the lowest to the highest quartile of all repeats."""
    return spread_of_quartiles(run.get("step_seconds") for run in good_runs(case))


def final_error(case: Case) -> Spread | None:
    """Of the field that is worst; the held-out residual where no reference tells an error."""
    return over(case, lambda run: max((run.get("final_error") or {}).values(), default=run.get("final_residual")))


def compiling(case: Case) -> Spread | None:
    """Seconds of a compile that found nothing in a cache."""
    return over(case, lambda run: None if run.get("compiled_from_cache") else run.get("compile_seconds"))


def compiling_again(case: Case) -> Spread | None:
    """Seconds of a compile that found what another process had left."""
    return over(case, lambda run: run.get("compile_seconds") if run.get("compiled_from_cache") else None)


def memory_of(cases: Iterable[Case]) -> Callable[[Case], Spread | None]:
    """Peak bytes: of the device where every run has one of its own, else of the process."""
    runs = [run for case in cases for run in good_runs(case)]
    key = "device_bytes" if runs and all(run.get("device_bytes") is not None for run in runs) else "peak_rss_bytes"
    return lambda case: over(case, lambda run: run.get(key))


def inference(points: int | None) -> Callable[[Case], Spread | None]:
    return lambda case: over(case, lambda run: (run.get("inference_seconds") or {}).get(str(points)))


def largest_inference(cases: Iterable[Case]) -> int | None:
    """The largest number of points that every run was timed on."""
    sizes = [set(run.get("inference_seconds") or {}) for case in cases for run in good_runs(case)]
    return max(map(int, set.intersection(*sizes)), default=None) if sizes else None


def reaching(decade: str | None) -> Callable[[Case], Spread | None]:
    """Seconds of training until every field's error stays below ``decade``; infinite for a repeat that never does."""

    def of(case: Case) -> Spread | None:
        found = spread(_reached(run, decade) for run in good_runs(case))
        return None if found is None or math.isinf(found.low) else found

    return of


def _reached(run: Run, decade: str | None) -> float:
    fields = (run.get("decades") or {}).values()
    times = [field.get(decade) for field in fields]
    return max(times) if times and None not in times else math.inf


def decades(cases: Iterable[Case]) -> list[str]:
    """All that any run reached in any field, the largest first."""
    runs = [run for case in cases for run in good_runs(case)]
    found = {key for run in runs for field in (run.get("decades") or {}).values() for key in field}
    return sorted(found, key=float, reverse=True)


def common_decade(cases: list[Case]) -> str | None:
    """The smallest error that every run of every case reached."""
    runs = [run for case in cases for run in good_runs(case)]
    common = [each for each in decades(cases) if all(math.isfinite(_reached(run, each)) for run in runs)]
    return common[-1] if common else None


def problems(results: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(case["problem"] for case in results["cases"]))


def backends(results: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(case["backend"] for case in results["cases"]))


def labels(results: Mapping[str, Any]) -> dict[str, str]:
    """Case id → its backend, and those of its settings that are not the same in all cases."""
    cases = results["cases"]
    varied = [name for name in SETTINGS if len({case.get(name) for case in cases}) > 1]
    return {case["id"]: " ".join([case["backend"], *(str(case.get(name)) for name in varied)]) for case in cases}
