"""Ten solutions, five right and five wrong, and what `co.verify` says of each when it is not shown the truth.

    python benchmarks/verdicts.py                       # train, judge, keep the rows, print the table
    python benchmarks/verdicts.py --only rod layer      # some of them; the other rows stay
    python benchmarks/verdicts.py --table               # the table of the rows that are kept

Seeds are fixed; the budget is in seconds, so a slower or busier machine compares with less training.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from fixed_points import solve_on_fixed_points
from sympy import Eq, Function, exp, pi, sin, symbols

import collocate as co
from collocate.problems import load

RESULTS = Path(__file__).parent / "results" / "verdicts.jsonl"
BUDGET = 60.0
x, t, nu = symbols("x t nu")


@dataclass(frozen=True)
class Case:
    """A solution by `train`, right or wrong; `options` of `co.verify` beside the budget."""

    name: str
    right: bool
    train: Callable[[], co.Solution]
    options: dict[str, Any]


def rod(sign: int = 1) -> co.Problem:
    """u_t = u_xx / 10, u = ± sin πx at first, 0 at both ends."""
    u = Function("u")(x, t)
    truth = sign * exp(-(pi**2) * t / 10) * sin(pi * x)
    domain = co.Interval(x, 0, 1) * co.Time(t, 0, 1)
    conditions = [co.Initial(u, sign * sin(pi * x)), co.Dirichlet(u, 0)]
    return co.Problem(Eq(u.diff(t), u.diff(x, 2) / 10), domain, conditions, reference=truth, name="rod")


def layer() -> co.Problem:
    """u′ = u″ / 200 + 1, u = 0 at both ends: u = x but for a layer of width 1/200 at x = 1."""
    u = Function("u")(x)
    truth = x - (exp(200 * (x - 1)) - exp(-200)) / (1 - exp(-200))
    return co.Problem(
        Eq(u.diff(x), u.diff(x, 2) / 200 + 1), co.Interval(x, 0, 1), [co.Dirichlet(u, 0)], reference=truth, name="layer"
    )


def family() -> co.Problem:
    """−ν u″ = 1, u = 0 at both ends, for ν from 0.05 to 0.1: u = x (1 − x) / (2 ν)."""
    u = Function("u")(x, nu)
    domain = co.Interval(x, 0, 1) * co.Interval(nu, 0.05, 0.1)
    conditions = [co.Dirichlet(u, 0, on=["left", "right"])]
    return co.Problem(Eq(-nu * u.diff(x, 2), 1), domain, conditions, reference=x * (1 - x) / (2 * nu), name="family")


def zoo(name: str, **more: Any) -> Callable[[], co.Solution]:
    """A problem of the zoo with its own settings, and further ones."""
    module = load(name)
    return lambda: co.solve(module.problem, **{**getattr(module, "settings", {}), "callbacks": (), **more})


def small(problem: co.Problem, **more: Any) -> Callable[[], co.Solution]:
    return lambda: co.solve(problem, **{"network": (12, 12), "callbacks": (), **more})


def few_points(problem: co.Problem, **more: Any) -> Callable[[], co.Solution]:
    return lambda: solve_on_fixed_points(problem, **more)


def cases() -> list[Case]:
    burgers = load("burgers").problem
    return [
        Case("poisson2d", True, zoo("poisson2d", steps=60), {}),
        Case("plate", True, zoo("plate", steps=60), {}),
        Case("lotka_volterra", True, zoo("lotka_volterra"), {}),
        Case("rod", True, small(rod(), steps=60), {}),
        Case("burgers", True, zoo("burgers"), {}),
        Case("too few points: Burgers", False, few_points(burgers, points=150, steps=200, network=(20, 20, 20)), {}),
        Case("a shock missed: Burgers", False, few_points(burgers, points=800, steps=150, network=(20, 20, 20)), {}),
        Case("a layer missed", False, few_points(layer(), points=30, steps=200, network=(16, 16)), {}),
        Case("stopped early: Burgers", False, zoo("burgers", steps=5), {}),
        Case("wrong sign in a condition", False, small(rod(-1), steps=60), {"problem": rod()}),
        Case("a parameter outside its range", False, small(family(), steps=60), {"at": {"nu": 0.2}}),
    ]


def row(case: Case, budget: float) -> dict[str, Any]:
    """What the verdict says without the reference, beside the true error."""
    solution = case.train()
    truth = case.options.get("problem", solution.problem).reference
    true = max(co.verify(solution, reference=truth, budget=0).errors.values())
    started = time.perf_counter()
    verdict = co.verify(solution, **case.options, reference={}, budget=budget)
    return {
        "case": case.name,
        "right": case.right,
        "trusted": verdict.trusted,
        "undecided": verdict.undecided,
        "error": true,
        "estimate": verdict.estimate,
        "accuracy": verdict.accuracy,
        "reported": verdict.reported,
        "fresh": verdict.fresh,
        "loss": solution.result.get("loss"),
        "worst": verdict.to_json()["worst"],
        "summary": verdict.summary,
        "comparisons": verdict.to_json()["comparisons"],
        "budget": budget,
        "seconds": time.perf_counter() - started,
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown, as in docs/why/verdict.md."""
    lines = [
        "| solution | true error | residual in training | on fresh points | estimated error | verdict |",
        "|---|---|---|---|---|---|",
    ]
    for each in rows:
        figures = (each[name] for name in ("error", "reported", "fresh", "estimate"))
        verdict = f"trust to about {each['accuracy']:.0e}" if each["trusted"] else each["summary"].partition(":")[0]
        shown = " | ".join("–" if figure is None else f"{figure:.1e}" for figure in figures)
        lines.append(f"| {each['case']} | {shown} | {verdict} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", nargs="*", default=[""], help="words of the cases to run; other rows stay as they are"
    )
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds of training again for each")
    parser.add_argument("--table", action="store_true", help="print the table of the rows that are kept, run nothing")
    given = parser.parse_args()
    kept = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    rows = {each["case"]: each for each in kept}
    for case in cases() if not given.table else ():
        if any(word in case.name for word in given.only):
            machine = {"machine": platform.processor() or platform.machine(), "date": str(date.today())}
            rows[case.name] = {**row(case, given.budget), **machine}
            print(case.name, "|", f"{rows[case.name]['error']:.1e}", "|", rows[case.name]["summary"], flush=True)
            RESULTS.write_text("".join(json.dumps(each) + "\n" for each in rows.values()))
    print(table([rows[case.name] for case in cases() if case.name in rows]))


if __name__ == "__main__":
    main()
