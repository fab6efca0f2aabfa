"""docs/accuracy.md from rows of runs: tables of what was reached, on three frameworks, and of what each part buys."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import accuracy_figures
from variants import VARIANTS

from collocate import problems

Row = Mapping[str, Any]
Rows = Sequence[Row]

# Relative L2 error that has to be reached.
BARS = {
    "poisson2d": 1e-9, "poisson_disk": 1e-8, "heat1d": 1e-8, "advection": 1e-6, "reaction": 1e-7, "wave1d": 1e-6,
    "helmholtz2d": 1e-7, "burgers": 1e-6, "allen_cahn": 1e-5, "kdv_soliton": 1e-6, "plate": 1e-7, "kovasznay": 1e-7,
    "lotka_volterra": 1e-7, "klein_gordon": 1e-6, "sine_gordon": 1e-6, "nls": 1e-4, "taylor_green": 1e-6,
    "elasticity2d": 1e-6, "convection_diffusion": 1e-7, "kdv_zk": 1e-4, "poisson5d": 1e-5, "cavity": 1e-2,
}  # fmt: skip
APART = ("p",)  # pressures are shown, and not judged
# The best published error on the same equation, data and domain, and where it comes from.
BROYDEN = "self-scaled Broyden (Urbán, Stefanou & Pons, J. Comput. Phys. 523:113656; Kiyani et al., arXiv:2501.16371)"
DSGNAR = "DSGNAR on an H100, Webb, Jerad & Cartis, arXiv:2607.02194"
PUBLISHED = {
    "burgers": f"1.6e-8 in 2,878 s with 3,021 parameters: {BROYDEN}",
    "allen_cahn": f"9.4e-7 with a network 3 × 30: {BROYDEN}",
    "kdv_zk": f"8e-11 in 1,210 s: {DSGNAR}",
    "wave1d": f"1.2e-15 in 635 s: {DSGNAR}",
    "poisson2d": "1e-6 to 1e-8: energy natural gradient, Müller & Zeinhofer, ICML 2023",
    "nls": "2.0e-3: L-BFGS, Raissi, Perdikaris & Karniadakis, doi:10.1016/j.jcp.2018.10.045",
}
BACKENDS, COMPARED = ("jax", "torch", "tensorflow"), ("poisson2d", "burgers", "kovasznay", "plate")


def chosen(rows: Rows, problem: str, backend: str = "jax", variant: str | None = None) -> dict[int, Row]:
    """{seed: row} of the version and time limit that were measured last; those that gave no result are left out."""
    found = [
        row for row in rows if (row["problem"], row["backend"], row["variant"]) == (problem, backend, variant)
    ]  # fmt: skip
    found = sorted((row for row in found if "failed" not in row), key=lambda row: row["date"])
    return {row["seed"]: row for row in found if _setting(row) == _setting(found[-1])}


def _setting(row: Row) -> tuple[Any, Any]:
    return row["version"], row["time_limit"]


def error(row: Row) -> float:
    """Relative L2 of the worst of the judged fields; infinite where that is not known."""
    fields = {name: value for name, value in (row["relative_l2"] or {}).items() if name not in APART}
    return max((math.inf if value is None else value for value in fields.values()), default=math.inf)


def ablated(rows: Rows, problem: str) -> dict[str, dict[int, Row]]:
    """{variant: {seed: row}}, of the same version and time limit as the default's."""
    default = chosen(rows, problem, variant="default")
    found = {variant: chosen(rows, problem, variant=variant) for variant in VARIANTS} if default else {}
    settings = {_setting(row) for row in default.values()}
    return {variant: group for variant, group in found.items() if {_setting(row) for row in group.values()} == settings}


def taken_apart(rows: Rows) -> dict[str, dict[str, dict[int, Row]]]:
    """{problem: {variant: {seed: row}}} of the problems whose parts were turned off."""
    return {name: found for name in problems.names() if (found := ablated(rows, name))}


def results(rows: Rows) -> str:
    """What was reached on the default backend, problem by problem."""
    headings = (
        *("problem", "must", "median", "worst", "estimated", "seeds", "training, s", "in all, s", "parameters"),
        "points",
        "published",
    )
    return table(headings, (_result(name, chosen(rows, name)) for name in ordered(rows)))


def _result(name: str, group: Mapping[int, Row]) -> Iterable[str]:
    bar, measured = BARS.get(name), list(group.values())
    must = "–" if bar is None else f"{bar:.0e}".replace("e-0", "e-")
    if not measured:
        return (name, must, *["–"] * 8, PUBLISHED.get(name, "–"))
    errors = [error(row) for row in measured]
    typical, largest = statistics.median(errors), max(errors)
    # The median has to meet the bar, and the worst seed to stay within ten times.
    missed = bar is not None and (typical > bar or largest > 10 * bar)
    worst = figure(largest) + (" **missed**" if missed else "")
    estimates = [row["error_estimate"] for row in measured if row.get("error_estimate") is not None]
    estimated = figure(statistics.median(estimates)) if estimates else "–"
    train, total = (statistics.median(row[each] for row in measured) for each in ("train_seconds", "total_seconds"))
    parameters, points = measured[0]["parameters"], sum(measured[0]["points"].values())
    limit = measured[0]["time_limit"]
    took = f"{train:.0f}" + (f" (limit {limit:g})" if limit else "")
    of = (figure(typical), worst, estimated, str(len(errors)), took, f"{total:.0f}")
    return (name, must, *of, f"{parameters:,}", f"{points:,}", PUBLISHED.get(name, "–"))


def ordered(rows: Rows) -> list[str]:
    """The problems that have a bar, then the others of the zoo; of the latter only those that were measured."""
    known = problems.names()
    judged = [name for name in BARS if name in known]
    return judged + [name for name in known if name not in BARS and chosen(rows, name)]


def pressures(rows: Rows) -> str:
    """A sentence on the fields that are not judged; empty where there are none."""
    found = []
    for name in ordered(rows):
        for field in APART:
            values = [(row["relative_l2"] or {}).get(field) for row in chosen(rows, name).values()]
            if known := [value for value in values if value is not None]:
                found.append(f"{name} {figure(max(known))}")
    return (
        f"Pressures, compared after their means are removed, worst of the seeds: {', '.join(found)}." if found else ""
    )


def backends(rows: Rows) -> str:
    """Three frameworks side by side, the median over the seeds that all of those measured have."""
    headings = ("problem", "seeds", *(f"{name}: {what}" for name in BACKENDS for what in ("error", "digits", "s")))
    return table(headings, (_side_by_side(name, rows) for name in COMPARED))


def _side_by_side(name: str, rows: Rows) -> Iterable[str]:
    groups = {backend: chosen(rows, name, backend) for backend in BACKENDS}
    seeds = set.intersection(*(set(group) for group in groups.values() if group)) if any(groups.values()) else set()
    cells = [name, str(len(seeds)) if seeds else "–"]
    for group in groups.values():
        of = [group[seed] for seed in seeds if seed in group]
        if of:
            typical, train = (statistics.median(map(each, of)) for each in (error, lambda row: row["train_seconds"]))
            cells += [figure(typical), f"{digits(typical):.1f}", f"{train:.0f}"]
        else:
            cells += ["–"] * 3
    return cells


def ablation(rows: Rows) -> str:
    """What is lost when one part is turned off."""
    headings = ("problem", "turned off", "median", "worst", "digits lost", "seeds", "training, s", "steps", "stopped")
    lines = []
    for name, found in taken_apart(rows).items():
        groups = {variant: list(group.values()) for variant, group in found.items()}
        for variant, group in groups.items():
            typical, default = (statistics.median(map(error, of)) for of in (group, groups["default"]))
            lost = "" if variant == "default" else f"{round(digits(default) - digits(typical), 1) + 0.0:.1f}"
            train, steps = (statistics.median(row[each] for row in group) for each in ("train_seconds", "steps"))
            why = ", ".join(dict.fromkeys(row["stopped_because"] for row in group))
            of = (figure(typical), figure(max(map(error, group))), lost, str(len(group)))
            lines.append((name, VARIANTS[variant].story, *of, f"{train:.0f}", f"{steps:.0f}", why))
    return table(headings, lines) if lines else "Not measured yet."


def table(headings: Sequence[str], lines: Iterable[Iterable[str]]) -> str:
    """In Markdown."""
    rule = "|" + "---|" * len(headings)
    return "\n".join([f"| {' | '.join(headings)} |", rule, *(f"| {' | '.join(line)} |" for line in lines)])


def figure(value: float) -> str:
    return f"{value:.1e}".replace("e-0", "e-") if math.isfinite(value) else "no result"


def digits(value: float) -> float:
    """−log₁₀ of an error."""
    return -math.log10(max(value, 1e-300)) if math.isfinite(value) else -math.inf


def origin(rows: Rows) -> str:
    """Where, when and of which source the rows are."""
    if not rows:
        return "Nothing is measured yet."
    where = sorted({f"{row['machine']['processor']}, {row['machine']['cores']} cores" for row in rows})
    loads, dates = [row["machine"]["load"] for row in rows], sorted(row["date"][:10] for row in rows)
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    versions = sorted({f"{name} {told}" for row in rows for name, told in row["versions"].items()})
    return (
        f"Measured on {' and '.join(where)}, load before a run {min(loads):.1f} to {max(loads):.1f}, {dates[0]} to "
        f"{dates[-1]}, commits {commits}; {', '.join(versions)}."
    )


def shown(rows: Rows) -> Rows:
    """The rows that the page is made of."""
    names = problems.names()
    found = [row for name in names for backend in BACKENDS for row in chosen(rows, name, backend).values()]
    return found + [row for found in taken_apart(rows).values() for group in found.values() for row in group.values()]


def limits(rows: Rows) -> str:
    """The time limits of the ablation's runs."""
    found = sorted({row["time_limit"] for parts in taken_apart(rows).values() for row in parts["default"].values()})
    return " and ".join(f"{limit:g} s" for limit in found)


def page(rows: Rows) -> str:
    """docs/accuracy.md; the same rows give the same text."""
    parts = [INTRODUCTION, results(rows), pressures(rows)]
    if accuracy_figures.curves({name: chosen(rows, name) for name in ordered(rows)}):
        parts += [
            TIME,
            "![Relative L2 error against seconds of training, a panel a problem](figures/accuracy-time.png)",
        ]
    parts += [FRAMEWORKS, backends(rows), ABLATION, ablation(rows)]
    if limit := limits(rows):
        parts += [f"Time limit of each run: {limit}.", "![Digits without each part](figures/accuracy-ablation.png)"]
    return "\n\n".join([*filter(None, parts), MADE + origin(shown(rows))]) + "\n"


def write(rows: Rows, path: Path) -> None:
    """The page, and its figures in the folder beside it."""
    path.parent.joinpath("figures").mkdir(parents=True, exist_ok=True)
    groups = {name: chosen(rows, name) for name in ordered(rows)}
    if accuracy_figures.curves(groups):
        accuracy_figures.against_time(groups, BARS, error, path.parent / "figures" / "accuracy-time.png")
    if without := taken_apart(rows):
        accuracy_figures.ablation(without, VARIANTS, error, path.parent / "figures" / "accuracy-ablation.png")
    path.write_text(page(rows), encoding="utf-8")


INTRODUCTION = """# Accuracy

`collocate solve NAME` with default settings (those of [the problem's page](problems/index.md)), against the problem's
own truth: relative L2 error on a fixed grid that training never sees, of the worst field. «must» is the error that
the median of the seeds has to reach, and the worst within ten times; a row that misses it says so. «estimated» is what
the run itself thought of its error, without the truth ([how](why/calibration.md)). Where the last column names no
error, we know of none for the same equation, data and domain. Times and networks of others are as published, on their
machines. Ours were taken while the machine did other work too (the load stands at the end): they are upper bounds."""

TIME = """## Error against time

Thin: one seed; thick: the median; dashed: «must»; dot: the result, on the fixed grid. A curve is on 1,024 other
points, and shows at each time what training would have returned, had it been stopped there: the network with the
lowest held-out residual so far, not the lowest error. Compilation is not counted. What is solved in slabs of time has
no curve."""

FRAMEWORKS = """## Three frameworks

The same plan, the same first parameters and points; medians over the seeds that all have. Digits are −log₁₀ of the
error, seconds those of training."""

ABLATION = """## What each part buys

The default, and the default with one part turned off; the same network, points inside, seed and time limit. L-BFGS goes
on until the time is up; all else may stop earlier, where nothing improves any more."""

MADE = """## How it was made

`python benchmarks/accuracy.py run`, `python benchmarks/accuracy.py ablation`, `python benchmarks/accuracy.py write`.
Each run is a process of its own; rows lie in `benchmarks/results`, and are measured anew when the solver's sources or
the problem's file change. The variables OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE, where set, are taken out of the
environment of a run: they make matrix products 1.75 times as slow here.

"""
