"""`co.convergence`: how the error falls with points and width, and how far it spreads with the seed."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from collocate import planning, store
from collocate.errors import PlanError, StoreError
from collocate.networks import MLP
from collocate.planning.specification import INTERIOR
from collocate.solution import Solution, load, solve
from collocate.statement import Problem
from collocate.verification.stability import sizes

COMPARED_POINTS = 4096
OWN_NAMES = ("network", "points", "seed", "time_limit", "out", "resume", "init")


@dataclass(frozen=True)
class Run:
    """One training. `error`: relative L2, the worst of the fields, against what the study says; NaN where the fields
    are not finite."""

    points: int
    width: int
    seed: int
    parameters: int
    error: float
    heldout: float
    steps: int
    seconds: float


@dataclass(frozen=True)
class Study:
    """The runs of a convergence study. against: "the reference", or "the finest run", which has then no error."""

    problem: str
    against: str
    runs: tuple[Run, ...]

    def table(self) -> list[dict[str, Any]]:
        """For each (points, width): median and worst error over the seeds, the median held-out residual, and the rate.

        rate: −Δ log(median error) / Δ log(points), from the row before with the same width; where there is one number
        of points only, by width. None where there is none. A run without a finite error counts as infinitely wrong.
        """
        cells: dict[tuple[int, int], list[Run]] = {}
        for run in sorted(self.runs, key=lambda each: (each.width, each.points)):
            cells.setdefault((run.points, run.width), []).append(run)
        by_points = len({points for points, _ in cells}) > 1
        rows: list[dict[str, Any]] = []
        for (points, width), runs in cells.items():
            errors = [_or_infinite(run.error) for run in runs]
            row = {"points": points, "width": width, "seeds": len(runs), "median": median(errors)}
            row |= {"worst": max(errors), "heldout": median(run.heldout for run in runs)}
            before = rows[-1] if rows and (rows[-1]["width"] == width or not by_points) else None
            rows.append({**row, "rate": _rate(before, row, "points" if by_points else "width")})
        return rows

    def __str__(self) -> str:
        lines = [f"{self.problem}: relative L2 error against {self.against}"]
        lines.append("  points  width  seeds   median    worst  held-out   rate")
        for row in self.table():
            rate = "" if row["rate"] is None else f"{row['rate']:.1f}"
            figures = "  ".join(f"{row[name]:7.1e}" for name in ("median", "worst", "heldout"))
            lines.append(f"  {row['points']:6d}  {row['width']:5d}  {row['seeds']:5d}  {figures}  {rate:>5}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The runs as JSON data; None stands for what is not finite."""
        runs = [{name: _or_none(value) for name, value in asdict(run).items()} for run in self.runs]
        return {"problem": self.problem, "against": self.against, "runs": runs}

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """One row a run, floats exact; written to `path` if given."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([member.name for member in fields(Run)])
        writer.writerows(asdict(run).values() for run in self.runs)
        if path is not None:
            store.write_text_atomic(path, text.getvalue())
        return text.getvalue()

    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Errors of all runs, with the medians joined, over points (over widths where the points do not vary)."""
        figure = Figure(figsize=(5.6, 3.8), layout="constrained")
        axes = figure.subplots()
        rows = self.table()
        along, apart = ("points", "width") if len({row["points"] for row in rows}) > 1 else ("width", "points")
        for value in sorted({row[apart] for row in rows}):
            line = [(row[along], row["median"]) for row in rows if row[apart] == value]
            (drawn,) = axes.plot(*zip(*line, strict=True), marker="o", label=f"{apart} {value}")
            runs = [run for run in self.runs if getattr(run, apart) == value]
            where = [getattr(run, along) for run in runs]
            axes.plot(where, [run.error for run in runs], ".", color=drawn.get_color(), alpha=0.5)
        axes.set(xscale="log", yscale="log", xlabel=along, ylabel=f"relative L2 against {self.against}")
        axes.set_title(self.problem)
        axes.legend()
        if path is not None:
            figure.savefig(path, dpi=150)
        return figure


def convergence(
    problem: Problem,
    *,
    points: Sequence[int] | None = None,
    widths: Sequence[int] | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    budget: float | None = None,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> Study:
    """Train `problem` for every number of points, width and seed, and compare.

    points, widths: left out, the planner's own; the depth is the planner's. budget: seconds of training of each run.
    settings: further ones of `co.solve`. out: a folder that keeps each run's solution; runs that are there are not
    made again. The error is against the problem's reference, else against the run with the most points, the widest
    network and, of those, the lowest held-out residual.

    Raises PlanError for empty or unknown settings, StoreError where `out` holds runs of another problem or settings.
    """
    default = _check(problem, points, widths, seeds, settings)
    depth, width = len(default.widths), default.widths[0]
    folder = None if out is None else _folder(Path(out), problem, {**settings, "budget": budget})
    found = []
    for count in points or (planning.plan(problem, network=default).count(INTERIOR),):
        for wide in widths or (width,):
            for seed in seeds:
                chosen = {**settings, "network": (wide,) * depth, "points": count, "seed": seed, "time_limit": budget}
                file = None if folder is None else folder / f"points-{count}-width-{wide}-seed-{seed}.collocate"
                found.append(((count, wide, seed), _solution(problem, chosen, file)))
    known = bool(problem.reference)
    errors = [_worst(solution) for _, solution in found] if known else _apart(problem, found)
    runs = [
        _run(key, solution, error) for (key, solution), error in zip(found, errors, strict=True) if error is not None
    ]
    against = "the reference" if known else "the finest run"
    return Study(problem.name or "the problem", against, tuple(runs))


def _check(problem: Any, points: Any, widths: Any, seeds: Any, settings: Mapping[str, Any]) -> MLP:
    """Raises PlanError for bad input. Gives the network that the planner would take."""
    if not isinstance(problem, Problem):
        raise PlanError(f"convergence takes a problem, co.Problem(…); got {problem!r}")
    for name, given in (("points", points), ("widths", widths), ("seeds", seeds)):
        if given is not None and (not isinstance(given, Sequence) or isinstance(given, str) or not len(given)):
            raise PlanError(f"{name} takes a list of whole numbers, like [500, 1000, 2000]; got {given!r}")
    for name in settings:
        if name in OWN_NAMES:
            raise PlanError(f"convergence sets {name} of each run itself; it takes points, widths, seeds, budget, out")
    network = planning.plan(problem).stages[-1].network
    return network if isinstance(network, MLP) else MLP((20, 20, 20))


def _solution(problem: Problem, chosen: dict[str, Any], file: Path | None) -> Solution:
    """Trained, or from its file where that is there already."""
    if file is not None and file.exists():
        kept = load(file)
        kept.problem.reference = problem.reference  # a function is not stored
        return kept
    solution = solve(problem, **{"callbacks": (), **chosen})
    if file is not None:
        solution.save(file)
    return solution


def _folder(folder: Path, problem: Problem, settings: Mapping[str, Any]) -> Path:
    """The folder, with the statement and settings of its runs. Raises StoreError where it holds those of another."""
    statement = {name: value for name, value in problem.to_json().items() if name != "reference"}
    text = json.dumps({"problem": statement, "settings": {name: str(settings[name]) for name in sorted(settings)}})
    file = folder / "study.json"
    if file.exists() and file.read_text(encoding="utf-8") != text:
        raise StoreError(f"{folder} holds runs of another problem or other settings; choose another folder for out=")
    store.write_text_atomic(file, text)
    return folder


def _worst(solution: Solution) -> float:
    """The error of the worst field against the reference; NaN where any is."""
    return float(np.max(list(solution.errors().values())))


def _apart(problem: Problem, found: Sequence[tuple[Any, Solution]]) -> list[float | None]:
    """Relative L2 distances from the finest run with finite fields, of the worst field; None for that run."""
    unit = np.random.default_rng(0).random((COMPARED_POINTS, problem.domain.dimension))
    points = problem.domain.interior_points(unit)
    tables = [solution.table(solution.problem.fields, points) for _, solution in found]
    floating = np.array([name in problem.floating for name in problem.field_names])
    tables = [table - np.where(floating, table.mean(axis=0), 0.0) for table in tables]
    finite = [bool(np.isfinite(table).all()) for table in tables]
    fineness = [(known, *key[:2], -_heldout(run)) for known, (key, run) in zip(finite, found, strict=True)]
    finest = fineness.index(max(fineness))
    best = tables[finest]
    distances = [float((np.sqrt(((table - best) ** 2).mean(axis=0)) / sizes(best)).max()) for table in tables]
    return [None if number == finest else distance for number, distance in enumerate(distances)]


def _run(key: tuple[int, int, int], solution: Solution, error: float) -> Run:
    result = solution.result
    return Run(
        *key,
        parameters=int(result["parameters"]),
        error=error,
        heldout=_heldout(solution),
        steps=int(result["steps"]),
        seconds=float(result["train_seconds"]),
    )


def _heldout(solution: Solution) -> float:
    found = solution.result.get("residual_heldout")
    return math.inf if found is None else _or_infinite(float(found))


def _or_infinite(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _rate(before: Mapping[str, Any] | None, row: Mapping[str, Any], along: str) -> float | None:
    if before is None or row[along] == before[along]:
        return None
    if not all(0 < each["median"] < math.inf for each in (row, before)):
        return None
    return -math.log(row["median"] / before["median"]) / math.log(row[along] / before[along])
