"""The tables of a comparison, as text: the page, the Markdown and the terminal show the same ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from collocate.comparison.measures import NEEDS, Case, compiling_again, good_runs, labels, measures, over, problems
from collocate.comparison.panels import performance, ranged, share_of_peak
from collocate.comparison.recommend import counted
from collocate.comparison.statistics import Spread
from collocate.comparison.units import count, digits, memory, percent, rate, seconds
from collocate.comparison.wording import at_need

Results = Mapping[str, Any]
CURVE = ("seconds", "steps", "loss")


@dataclass(frozen=True)
class Sheet:
    """A caption, headings, and rows whose first cell names them."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def of_needs(results: Results, recommendation: Mapping[str, Any]) -> Sheet:
    """Who is best at what, problem by problem; several names: no difference larger than the spread."""
    names = labels(results)
    found = recommendation["problems"]
    rows = [(need, *(_winners(results, key, of, names) for of in found.items())) for key, need in NEEDS.items()]
    choices = [entry["choice"] for entry in found.values()]
    rows.append(("choice by all of these", *("none" if each is None else names[each] for each in choices)))
    return Sheet("Who is best at what, where the difference is larger than the spread", ("", *found), rows)


def _winners(results: Results, key: str, of: tuple[str, Mapping[str, Any]], names: Mapping[str, str]) -> str:
    problem, entry = of
    if not entry[key]:
        return "–"
    everyone = [names[case["id"]] for case in counted(results, problem)]
    return at_need({problem: [names[each] for each in entry[key]]}, {problem: everyone})


def of_cases(results: Results, problem: str) -> Sheet:
    """The median of the repeats of each case, and their interval: a row a measure, a column a case."""
    names = labels(results)
    cases = [case for case in results["cases"] if case["problem"] == problem]
    rows = [
        (each.name, *(ranged(each.of(case), each.say) for case in cases))
        for each in measures(counted(results, problem) or cases)
    ]
    rows.append(("compile from a cache", *(ranged(compiling_again(case), seconds) for case in cases)))
    more = {"seconds of training": ("train_seconds", seconds), "seconds of the import": ("import_seconds", seconds)}
    more |= {"steps": ("steps", count), "points a second": ("points_per_second", digits)}
    for name, (key, say) in more.items():
        rows.append((name, *(ranged(over(case, partial(_read, key)), say) for case in cases)))
    rows.append(("parameters", *(plain(case.get("parameters")) for case in cases)))
    rows.append(("repeats that failed", *(_failures(case) for case in cases)))
    headings = ("", *(names[case["id"]] for case in cases))
    return Sheet(f"{problem}: median over the repeats (smallest to largest)", headings, rows)


def _read(key: str, run: Mapping[str, Any]) -> float | None:
    return run.get(key)


def _failures(case: Case) -> str:
    failed = len(case["runs"]) - len(good_runs(case))
    return f"{failed} of {len(case['runs'])}"


def of_work(results: Results) -> Sheet:
    """What the derivative step does, against what the machine was measured to do."""
    names = labels(results)
    rows = []
    for case in results["cases"]:
        work, share = case.get("work") or {}, share_of_peak(results, case)
        rows.append(
            (
                f"{case['problem']}, {names[case['id']]}",
                plain(work.get("flops_per_step")),
                plain(work.get("bytes_per_step")),
                ranged(performance(case), rate),
                "–" if share is None else percent(share),
                plain(case.get("native_lines")),
            )
        )
    headings = ("", "operations a step", "bytes a step", "done", "of the matrix product", "lines of native code")
    return Sheet("Work of the derivative step", headings, rows)


def of_agreement(results: Results) -> Sheet:
    headings = ("", "largest difference", "allowed", "agrees", "")
    rows = [
        (
            f"{entry['problem']}, {entry['dtype']}",
            plain(entry.get("largest_difference")),
            plain(entry.get("tolerance")),
            "yes" if entry.get("agrees") else "NO",
            plain(entry.get("reason") or ""),
        )
        for entry in results["agreement"]
    ]
    return Sheet("First loss and gradient of all cases, relative", headings, rows)


def of_environment(results: Results) -> Iterator[Sheet]:
    for caption, part in (("Machine", "machine"), ("Versions", "versions"), ("Settings", "settings"), ("Made", "made")):
        rows = [(name.replace("_", " "), _readable(name, value)) for name, value in results[part].items()]
        yield Sheet(caption, ("", ""), rows)


def _readable(name: str, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name.endswith("bytes"):
            return memory(value)
        if name.endswith("flops"):
            return rate(value)
        if name.endswith("bandwidth"):
            return f"{digits(value / 1e9)} GB/s"
    return plain(value)


def of_runs(results: Results, problem: str) -> Iterator[Sheet]:
    """Every number of every run but its curve, as measured: a row a number, a column a repeat."""
    names = labels(results)
    for case in results["cases"]:
        if case["problem"] == problem:
            columns = [dict(_flat(run)) for run in case["runs"]]
            keys = dict.fromkeys(key for column in columns for key in column)
            rows = [(key, *(plain(column.get(key)) for column in columns)) for key in keys]
            headings = ("", *(f"repeat {run['repeat']}" for run in case["runs"]))
            yield Sheet(f"{problem}, {names[case['id']]}: {case['id']}", headings, rows)


def of_curves(results: Results, problem: str) -> Iterator[Sheet]:
    """The curve of every run."""
    names = labels(results)
    for case in results["cases"]:
        for run in case["runs"] if case["problem"] == problem else ():
            curve = run.get("curve") or {}
            columns = {name: curve.get(name) or [] for name in CURVE}
            columns |= {f"error of {name}": values for name, values in (curve.get("error") or {}).items()}
            columns = {name: values for name, values in columns.items() if values}
            if columns:
                rows = [tuple(map(plain, row)) for row in zip(*columns.values(), strict=True)]
                yield Sheet(f"{problem}, {names[case['id']]}, repeat {run['repeat']}", tuple(columns), rows)


def in_short(results: Results) -> Sheet:
    """What fits a terminal."""
    names = labels(results)
    rows = []
    for problem in problems(results):
        cases = [case for case in results["cases"] if case["problem"] == problem]
        by_key = {each.key: each for each in measures(counted(results, problem) or cases)}
        shown = [by_key[key] for key in ("fastest_step", "fastest_to_accuracy", "most_accurate", "leanest")]
        for case in cases:
            rows.append((problem, names[case["id"]], *(_middle(each.of(case), each.say) for each in shown)))
    return Sheet("", ("problem", "case", "step", "to the error that all reach", "error", "memory"), rows)


def _middle(spread: Spread | None, say: Any) -> str:
    if spread is None:
        return "–"
    interval = f" ± {percent(spread.relative / 2)}" if spread.count > 1 and math.isfinite(spread.relative) else ""
    return say(spread.middle) + interval


def _flat(run: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """{"a": {"b": 1}} → ("a b", 1)"""
    for key, value in run.items():
        name = f"{before}{key.replace('_', ' ')}"
        if key == "curve" and not before:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name} ")
        else:
            yield name, value


def plain(value: Any) -> str:
    """As it was measured; nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {plain(each)}" for name, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return str(value)
