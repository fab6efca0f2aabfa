"""The figures of one problem: which there are, what each says in words, and which cases are in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collocate.comparison import curves, figures
from collocate.comparison.figures import Axis, Dot, Line, Style
from collocate.comparison.measures import (
    SETTINGS,
    Case,
    backends,
    compiling,
    evaluation,
    inference,
    labels,
    largest_inference,
    memory_of,
    step,
)
from collocate.comparison.statistics import Spread
from collocate.comparison.units import digits, memory, percent, rate, seconds

TIME, STEPS = Axis("seconds of training", "s"), Axis("steps", "steps")
REFERENCE = 5  # the colour of what is no case
PEAKS = {"float64": ("dgemm_flops", "dgemm"), "float32": ("sgemm_flops", "sgemm")}

Panel = tuple[str, str]  # a caption, and the figure


def styles(results: Mapping[str, Any]) -> dict[str, Style]:
    """Case id → how it is drawn: a colour a backend, a dash for each choice of settings."""
    names, order = labels(results), backends(results)
    chosen = {case["id"]: tuple(str(case.get(name)) for name in SETTINGS) for case in results["cases"]}
    dashes = list(dict.fromkeys(chosen.values()))
    return {
        case["id"]: Style(names[case["id"]], order.index(case["backend"]), dashes.index(chosen[case["id"]]))
        for case in results["cases"]
    }


def of_problem(results: Mapping[str, Any], problem: str) -> Iterator[Panel]:
    """Those for which something was measured."""
    drawn = styles(results)
    cases = [case for case in results["cases"] if case["problem"] == problem]
    for up, title in (("error", "relative error"), ("loss", "loss")):
        for across, axis in (("seconds", TIME), ("steps", STEPS)):
            found = [curves.line(drawn[case["id"]], case, across, up) for case in cases]
            yield from _lines(f"{up.capitalize()} over {across}, {problem}", found, axis, Axis(title))
    found = [curves.to_decades(drawn[case["id"]], case) for case in cases]
    yield from _lines(f"Time to each error, {problem}", found, Axis("error reached", falling=True), TIME)
    yield from _roofline(results, problem, cases, drawn)
    points = largest_inference(cases)
    yield from _bars(f"A step, {problem}", cases, drawn, step, seconds)
    yield from _bars(f"Peak memory, {problem}", cases, drawn, memory_of(cases), memory)
    yield from _bars(f"The compile, {problem}", cases, drawn, compiling, seconds)
    yield from _bars(f"{evaluation(points).capitalize()}, {problem}", cases, drawn, inference(points), seconds)


def _lines(caption: str, found: list[Line | None], across: Axis, up: Axis) -> Iterator[Panel]:
    drawn = [line for line in found if line is not None]
    if drawn:
        ends = "; ".join(f"{line.style.name} ends at {digits(line.y[-1])}" for line in drawn)
        yield caption, figures.lines(drawn, across, up, f"{caption}: {ends}.")


def _bars(
    caption: str,
    cases: list[Case],
    drawn: Mapping[str, Style],
    of: Callable[[Case], Spread | None],
    say: Callable[[float], str],
) -> Iterator[Panel]:
    known = [(drawn[case["id"]], each) for case in cases if (each := of(case))]
    if known:
        rows = [(style, each, say(each.middle), ranged(each, say)) for style, each in known]
        told = "; ".join(f"{style.name} {text}" for style, _, _, text in rows)
        yield caption, figures.bars(rows, f"{caption}: {told}.")


def ranged(spread: Spread | None, say: Callable[[float], str]) -> str:
    """«10.0 (9.70 to 10.5) ms»; the middle alone where there is no interval; a dash for nothing."""
    if spread is None:
        return "–"
    low, middle, high = say(spread.low), say(spread.middle), say(spread.high)
    if low == high:
        return middle
    values, units = zip(*(each.partition(" ")[::2] for each in (low, middle, high)), strict=True)
    if len(set(units)) > 1:
        return f"{middle} ({low} to {high})"
    return f"{values[1]} ({values[0]} to {values[2]}) {units[0]}".rstrip()


def performance(case: Case) -> Spread | None:
    """Floating-point operations a second of the derivative step."""
    took, work = step(case), (case.get("work") or {}).get("flops_per_step")
    return Spread(work / took.middle, work / took.high, work / took.low, took.count) if took and work else None


def share_of_peak(results: Mapping[str, Any], case: Case) -> float | None:
    """Of the machine's own matrix product in the same dtype."""
    done, peak = performance(case), results["machine"].get(PEAKS.get(case["dtype"], ("", ""))[0])
    return done.middle / peak if done and peak else None


def _roofline(
    results: Mapping[str, Any], problem: str, cases: list[Case], drawn: Mapping[str, Style]
) -> Iterator[Panel]:
    """Under the roof where bytes and bandwidth are known; else beside the matrix product, as bars."""
    machine, dots = results["machine"], []
    dtypes = {case["dtype"] for case in cases}
    peaks = [(name, machine[key]) for dtype, (key, name) in PEAKS.items() if dtype in dtypes and machine.get(key)]
    measured = [(case, done) for case in cases if (done := performance(case))]
    for case, done in measured:
        if moved := case["work"].get("bytes_per_step"):
            told = _of_peak(results, case, done)
            dots.append(Dot(drawn[case["id"]], case["work"]["flops_per_step"] / moved, done, told))
    caption = f"Roofline of the derivative step, {problem}"
    if dots and peaks and machine.get("memory_bandwidth"):
        told = "; ".join(f"{dot.style.name} {dot.told}" for dot in dots)
        roofs = [(f"{name} {rate(peak)}", peak) for name, peak in peaks]
        yield caption, figures.roofline(dots, machine["memory_bandwidth"], roofs, f"{caption}: {told}.")
    elif measured:
        caption = f"Operations a second of the derivative step, {problem}"
        shares = [(drawn[case["id"]], done, _of_peak(results, case, done)) for case, done in measured]
        rows = [(style, done, text, text) for style, done, text in shares]
        told = "; ".join(f"{style.name} {text}" for style, _, text, _ in rows)
        roofs = [(Style(f"{name}, measured", REFERENCE), Spread(v, v, v, 1), rate(v), rate(v)) for name, v in peaks]
        yield caption, figures.bars([*rows, *roofs], f"{caption}: {told}.")


def _of_peak(results: Mapping[str, Any], case: Case, done: Spread) -> str:
    share = share_of_peak(results, case)
    return rate(done.middle) + (f", {percent(share)}" if share else "")
