"""Which backend to take, and why: from the numbers of a comparison alone.

A case counts where no repeat of it failed and where the backends were seen to compute the same thing. Of those that
count, a case leads a problem as follows, each time by more than the spread of the repeats:

    1. who ends a whole digit or more above the smallest error is out;
    2. then the fewest seconds to the smallest error that all reach;
    3. then the shortest step;
    4. then the least memory.

Where several lead, there is no choice between them, and the reasons say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from collocate.comparison.measures import (
    DIGIT,
    NEEDS,
    Case,
    Measure,
    backends,
    good_runs,
    labels,
    measures,
    problems,
    succeeded,
)
from collocate.comparison.statistics import smallest
from collocate.comparison.wording import NO_DIFFERENCE, against, at_need, listed, over_problems

IN_THIS_ORDER = ("fastest_to_accuracy", "fastest_step", "leanest")
REPEATS_FOR_ACCURACY = 3

Results = Mapping[str, Any]


def recommend(results: Results) -> dict[str, Any]:
    """Of ``results`` without their "recommendation"; pure, and plain JSON.

    ``overall``: the backend that leads the most problems, or None, with reasons. ``problems``: for each the ids of the
    cases that are best or tied at each of `NEEDS`, the ``leaders``, the ``choice`` among them if it is one, and
    reasons. ``needs``: who is best at each, in words. ``void``: comparisons that do not count; ``failed``: cases that
    did; ``cautions``: what makes the rest doubtful.
    """
    names = labels(results)
    cases_of = {name: counted(results, name) for name in problems(results)}
    found = {name: _of_problem(cases, names, _nothing(results, name)) for name, cases in cases_of.items()}
    return {
        "overall": _overall(results, found, cases_of),
        "problems": found,
        "needs": {key: _at_need(key, found, cases_of, names) for key in NEEDS},
        "void": list(_void(results)),
        "failed": list(_failed(results, names)),
        "cautions": list(_cautions(results)),
    }


# What counts


def void_reason(results: Results, problem: str, dtype: str) -> str | None:
    """Why cases of this problem and dtype are not compared; None where they are, or where none ran to its end."""
    for entry in results["agreement"]:
        if (entry["problem"], entry["dtype"]) == (problem, dtype):
            told = entry.get("reason") or "the cases do not compute the same"
            return None if entry.get("agrees") else told
    of_these = (case for case in results["cases"] if (case["problem"], case["dtype"]) == (problem, dtype))
    return "nobody checked that the cases compute the same" if any(map(good_runs, of_these)) else None


def counted(results: Results, problem: str) -> list[Case]:
    """Those of a problem that are ranked."""
    return [
        case
        for case in results["cases"]
        if case["problem"] == problem and succeeded(case) and void_reason(results, problem, case["dtype"]) is None
    ]


def _void(results: Results) -> Iterator[str]:
    for problem, dtype in dict.fromkeys((case["problem"], case["dtype"]) for case in results["cases"]):
        if reason := void_reason(results, problem, dtype):
            yield f"{problem} in {dtype} is not compared: {reason.rstrip('.')}."


def _failed(results: Results, names: Mapping[str, str]) -> Iterator[str]:
    for case in results["cases"]:
        told = [run["failed"] for run in case["runs"] if run.get("failed")]
        if told:
            yield (
                f"{names[case['id']]} failed on {case['problem']} in {len(told)} of {len(case['runs'])} repeats "
                f"and is not ranked there: {_ends(str(told[0]))}."
            )
        elif not case["runs"]:
            yield f"{names[case['id']]} did not run on {case['problem']}."


def _ends(text: str) -> str:
    """The first line and the last: what happened, and where a traceback says so."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return " … ".join(dict.fromkeys((lines[0], lines[-1]))).rstrip(".") if lines else "without a word"


def _cautions(results: Results) -> Iterator[str]:
    made, machine = results["made"], results["machine"]
    if not made.get("finished", True):
        yield f"The comparison was {made.get('stopped_because', 'stopped')} before its end: some repeats are missing."
    repeats = [len(case["runs"]) for case in results["cases"] if succeeded(case)]
    if repeats and min(repeats) < 2:
        yield (
            "With one repeat there is no spread: only steps are ranked, by their quartiles, errors a digit apart, and "
            "compiles apart by more than a factor of two."
        )
    elif repeats and min(repeats) < REPEATS_FOR_ACCURACY:
        yield f"With fewer than {REPEATS_FOR_ACCURACY} repeats, errors are examples rather than results."
    load, cores = (machine.get("load_before") or [0.0])[0], machine.get("cores")
    if cores and load > cores / 2:
        yield f"The machine was busy before the start (load {load:.1f} on {cores} cores): times may be too long."


# One problem


def _nothing(results: Results, problem: str) -> str:
    """Why there may be nothing to say of a problem."""
    dtypes = dict.fromkeys(case["dtype"] for case in results["cases"] if case["problem"] == problem)
    void = [reason for dtype in dtypes if (reason := void_reason(results, problem, dtype))]
    told = void[0].rstrip(".") if void else "no case ran without a failure"
    return f"Nothing here counts: {told}."


def _of_problem(cases: list[Case], names: Mapping[str, str], nothing: str) -> dict[str, Any]:
    table = measures(cases)
    best = {measure.key: measure.best(cases) for measure in table}
    leaders = _leaders(cases, table)
    return {
        **best,
        "leaders": leaders,
        "choice": leaders[0] if len(leaders) == 1 else None,
        "reasons": _reasons(cases, leaders, table, names) if cases else [nothing],
    }


def _leaders(cases: list[Case], table: list[Measure]) -> list[str]:
    by_key = {measure.key: measure for measure in table}
    accurate = smallest({case["id"]: by_key["most_accurate"].of(case) for case in cases}, DIGIT, DIGIT)
    left = [case for case in cases if case["id"] in accurate] or cases
    for key in IN_THIS_ORDER:
        tied = by_key[key].best(left)
        left = [case for case in left if case["id"] in tied] or left
    return [case["id"] for case in left]


def _reasons(cases: list[Case], leaders: list[str], table: list[Measure], names: Mapping[str, str]) -> list[str]:
    if len(cases) == 1:
        return [f"{names[cases[0]['id']]}: nothing else counts that it could be compared with."]
    first = next(case for case in cases if case["id"] == leaders[0])
    tie = [] if len(leaders) == 1 else [f"{listed(names[each] for each in leaders)}: {NO_DIFFERENCE} that decides."]
    return tie + [against(first, rival, table, names) for rival in _rivals(first, cases, table)]


def _rivals(first: Case, cases: list[Case], table: list[Measure]) -> list[Case]:
    """The best case of every other backend, and the best other one of its own."""
    others = [case for case in cases if case is not first]
    groups = {case["backend"]: [each for each in others if each["backend"] == case["backend"]] for case in others}
    return [_first_leader(group, table) for group in groups.values()]


def _first_leader(cases: list[Case], table: list[Measure]) -> Case:
    leader = _leaders(cases, table)[0]
    return next(case for case in cases if case["id"] == leader)


# All problems


def _overall(results: Results, found: Mapping[str, Any], cases_of: Mapping[str, list[Case]]) -> dict[str, Any]:
    backend_of = {case["id"]: case["backend"] for case in results["cases"]}
    leading = {
        problem: list(dict.fromkeys(backend_of[each] for each in found[problem]["leaders"]))
        for problem, cases in cases_of.items()
        if len({case["backend"] for case in cases}) > 1
    }
    if not leading:
        return {"backend": None, "reasons": ["No problem was measured on two backends in a way that counts."]}
    wins = {name: sum(name in tied for tied in leading.values()) for name in backends(results)}
    most = [name for name, number in wins.items() if number == max(wins.values())]
    if len(most) > 1:
        return {"backend": None, "reasons": [_undecided(most, leading)]}
    (backend,) = most
    led = [problem for problem, tied in leading.items() if backend in tied]
    whole = f"{len(led)} of {len(leading)} problems that count" if len(leading) > 1 else "the one problem that counts"
    firsts = {problem: _first_of_each(cases_of[problem]) for problem in leading}
    rivals = (over_problems(backend, rival, firsts) for rival in wins if rival != backend)
    return {"backend": backend, "reasons": [f"{backend} leads on {listed(led)}: {whole}.", *chain(*rivals)]}


def _undecided(most: list[str], leading: Mapping[str, list[str]]) -> str:
    if all(set(most) <= set(tied) for tied in leading.values()):
        return f"{listed(most)}: {NO_DIFFERENCE} that decides."
    return f"It depends on the problem: {'; '.join(f'{listed(tied)} on {name}' for name, tied in leading.items())}."


def _first_of_each(cases: list[Case]) -> dict[str, Case]:
    """{backend: its best case}"""
    table = measures(cases)
    groups = {case["backend"]: [each for each in cases if each["backend"] == case["backend"]] for case in cases}
    return {name: _first_leader(group, table) for name, group in groups.items()}


def _at_need(
    key: str, found: Mapping[str, Any], cases_of: Mapping[str, list[Case]], names: Mapping[str, str]
) -> dict[str, str]:
    winners = {problem: [names[each] for each in entry[key]] for problem, entry in found.items()}
    everyone = {problem: [names[case["id"]] for case in cases] for problem, cases in cases_of.items()}
    return {"need": NEEDS[key], "text": at_need(winners, everyone)}
