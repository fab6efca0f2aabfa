"""Differences in plain English: only those larger than the spread, each with its spread."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

from collocate.comparison.measures import Case, Measure, step
from collocate.comparison.statistics import Spread, differ
from collocate.comparison.units import memory, percent, times

NO_DIFFERENCE = "no difference larger than the spread"
PERCENT_BELOW = 1.095  # a factor that would round to 1.0 times


def listed(words: Iterable[str]) -> str:
    """a; a and b; a, b and c."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def against(one: Case, other: Case, table: list[Measure], names: Mapping[str, str]) -> str:
    """«torch against jax: 1.8 times faster a step (spread 5 %), equal digits; no difference … in memory.»"""
    said, same, alone = [], [], []
    for measure in table:
        mine, theirs = measure.of(one), measure.of(other)
        if mine is None or theirs is None or measure.key not in PHRASES:
            continue
        if measure.differ(mine, theirs):
            said.append(PHRASES[measure.key](mine, theirs, measure.name))
        elif min(mine.count, theirs.count) < 2:
            alone.append(measure.name)
        elif measure.key == "most_accurate":
            said.append("equal digits")
        else:
            same.append(measure.name)
    told = [", ".join(said)] if said else []
    told += [f"{NO_DIFFERENCE} in {listed(same)}"] if same else []
    told += [f"one value cannot tell in {listed(alone)}"] if alone else []
    return f"{names[one['id']]} against {names[other['id']]}: {'; '.join(told) or 'nothing to compare'}."


def over_problems(backend: str, rival: str, firsts: Mapping[str, Mapping[str, Case]]) -> Iterator[str]:
    """What the steps of two backends take, from problem to problem; ``firsts``: {problem: {backend: its best case}}."""
    both = [of for of in firsts.values() if backend in of and rival in of]
    pairs = [(mine, theirs) for of in both if (mine := step(of[backend])) and (theirs := step(of[rival]))]
    if not pairs:
        return
    ratios = sorted(theirs.middle / mine.middle for mine, theirs in pairs if differ(mine, theirs))
    if not ratios:
        yield f"{backend} against {rival}: {NO_DIFFERENCE} in the step."
        return
    low, high = (f"{each:.2g}" for each in (ratios[0], ratios[-1]))
    number = f"{low} times" if low == high else f"{low} to {high} times"
    alike = len(pairs) - len(ratios)
    more = f"; {NO_DIFFERENCE} on {alike} more" if alike else ""
    problems = f"{len(ratios)} problem{'s' * (len(ratios) > 1)}"
    yield f"{rival} takes {number} as long a step as {backend} on {problems}{more}."


def at_need(winners: Mapping[str, list[str]], everyone: Mapping[str, list[str]]) -> str:
    """Who is best at one need; both are {problem: labels}: of the best, and of all that count."""
    best = {problem: tied for problem, tied in winners.items() if tied}
    if not best:
        return "not measured"
    told = {
        problem: NO_DIFFERENCE if len(tied) > 1 and set(tied) == set(everyone[problem]) else listed(tied)
        for problem, tied in best.items()
    }
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return "; ".join(f"{problem}: {text}" for problem, text in told.items())


def _spread(one: Spread, other: Spread) -> str:
    widest = max((each.relative for each in (one, other) if each.count > 1), default=math.inf)
    return f" (spread {percent(widest)})" if math.isfinite(widest) else ""


def _compared(more: str, less: str) -> Callable[[Spread, Spread, str], str]:
    """«1.8 times MORE (spread 5 %)» where ours is the smaller, «… LESS» where it is the larger."""

    def phrase(mine: Spread, theirs: Spread, name: str) -> str:
        low, high = sorted((mine.middle, theirs.middle))
        said = f"{more if mine.middle < theirs.middle else less}{_spread(mine, theirs)}"
        said = said.replace("ERROR", name.removeprefix("time to "))
        if low <= 0:  # nothing to compile, say
            return said
        factor = high / low
        return f"{percent(factor - 1) if factor < PERCENT_BELOW else f'{times(factor)} times'} {said}"

    return phrase


def _digits(mine: Spread, theirs: Spread, name: str) -> str:
    more = "more" if mine.middle < theirs.middle else "fewer"
    if min(mine.middle, theirs.middle) <= 0:  # an error of exactly nothing
        return f"{more} digits"
    return f"{abs(math.log10(theirs.middle / mine.middle)):.1f} digits {more}"


def _bytes(mine: Spread, theirs: Spread, name: str) -> str:
    more = mine.middle - theirs.middle
    return f"{memory(abs(more))} {'more' if more > 0 else 'less'} memory{_spread(mine, theirs)}"


PHRASES: dict[str, Callable[[Spread, Spread, str], str]] = {
    "fastest_step": _compared("faster a step", "slower a step"),
    "fastest_to_accuracy": _compared("sooner at ERROR", "later at ERROR"),
    "most_accurate": _digits,
    "leanest": _bytes,
    "fastest_compile": _compared("faster to compile", "slower to compile"),
    "fastest_inference": _compared("faster to evaluate", "slower to evaluate"),
}
