"""docs/problems/: a page with a figure for each problem of the zoo, from its statement and its measured run.

    python benchmarks/accuracy.py run --seeds 0 --keep out/zoo   # measure; leaves each solution in out/zoo/NAME
    python benchmarks/zoo_pages.py --keep out/zoo [NAME …]       # write the pages, and the table of all in index.md

A page without a kept solution keeps the figure it has. Rows are taken from benchmarks/results/accuracy-*.jsonl and
zoo-*.jsonl (of an earlier benchmark, without versions of the solver), or --result; a page shows the latest of seed 0.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from runs import RESULTS, ROOT, held

import collocate as co
from collocate import problems
from collocate.solution import plotting
from collocate.solution.grids import verification_points
from collocate.statement import reference_values

PAGES = ROOT / "docs" / "problems"
LARGEST = 80_000  # bytes of a figure
COLORS = 96
HEADINGS = ("problem", "relative L2 error", "largest error", "held-out residual", "steps", "training, s", "stopped")


def page(name: str, row: Mapping[str, Any] | None, drawn: bool, regions: Mapping[str, float] | None = None) -> str:
    """The page in Markdown: what the file says, the statement as `describe` prints it, settings, and the run."""
    module = problems.load(name)
    title, _, story = module.__doc__.partition("\n")
    lines = [f"# {name}", "", title, story.rstrip(), "", f"File: `src/collocate/problems/{name}.py`."]
    lines += ["", f"![{name}: solution, reference, error and course of training](figures/{name}.png)"] if drawn else []
    lines += ["", "## Statement", "", "```text", module.problem.describe(), "```", ""]
    lines += ["## Settings", "", settings(module), "", "## Measured", "", measured(row), ""]
    lines += [f"- relative L2 error {place}: {error:.1e}" for place, error in (regions or {}).items()]
    return "\n".join(lines)


def settings(module: Any) -> str:
    """What the file asks for beside the defaults."""
    own = getattr(module, "settings", {})
    if not own:
        return "The defaults."
    return "The defaults, but for " + ", ".join(f"{name} = {value!r}" for name, value in own.items()) + "."


def measured(row: Mapping[str, Any] | None) -> str:
    """The run's table, and where it was made."""
    if row is None:
        return "Not measured yet."
    where = row["machine"]
    limit = f"; training was stopped after {row['time_limit']:g} s at the latest" if row["time_limit"] else ""
    found = "".join(f"\n\nFound: {name} = {value:.8g}." for name, value in (row.get("unknowns") or {}).items())
    said = f"Seed {row['seed']}, {row['parameters']} parameters, {where['processor']}, {where['cores']} cores (load"
    return f"{table([row])}\n\n{said} {where['load']:.1f} before), {row['date'][:10]}, {row['commit']}{limit}.{found}"


def table(rows: Iterable[Mapping[str, Any]]) -> str:
    """In Markdown, a line a row."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    return "\n".join([*lines, *(f"| {' | '.join(_cells(row))} |" for row in rows)])


def _cells(row: Mapping[str, Any]) -> Iterable[str]:
    error, largest = (_by_name(row[measure]) for measure in ("relative_l2", "max_error"))
    called, heldout = f"{row['problem']} ({row['backend']})", _number(row["residual_heldout"])
    return called, error, largest, heldout, str(row["steps"]), f"{row['train_seconds']:.0f}", row["stopped_because"]


def _by_name(values: Mapping[str, float] | None) -> str:
    return ", ".join(f"{name} {_number(value)}" for name, value in (values or {}).items())


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1e}"


def kept(folder: Path) -> co.Solution:
    """The solution in a folder, with its problem's reference where that is a function: a file does not hold it."""
    solution = co.load(folder / "solution.collocate")
    solution.problem.reference = problems.load(folder.name).problem.reference
    return solution


def by_region(solution: co.Solution, name: str) -> dict[str, float]:
    """Relative L2 error on each of the `regions` that the problem's file sets apart."""
    found, domain = {}, solution.problem.domain
    points = dict(zip(domain.names, verification_points(domain).T, strict=True))
    for place, inside in getattr(problems.load(name), "regions", {}).items():
        here = {coordinate: column[inside(**points)] for coordinate, column in points.items()}
        (field,) = solution.problem.field_names
        truth = reference_values(solution.problem.reference, field, here)
        found[place] = float(np.linalg.norm(solution.at(field, **here) - truth) / np.linalg.norm(truth))
    return found


def draw(solution: co.Solution, path: Path) -> None:
    """The solution as a PNG of at most LARGEST bytes. Raises ValueError where it does not fit."""
    name, domain = solution.problem.name, solution.problem.domain
    figure = solution.plot() if domain.dimension <= 2 else _cut(solution)
    for dpi in (90, 75, 60, 50, 40):
        data = _png(figure, dpi)
        if len(data) <= LARGEST:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            return
    raise ValueError(f"the figure of {name} takes {len(data)} bytes at {dpi} dots per inch; at most {LARGEST}")


def _cut(solution: co.Solution) -> Figure:
    """The first two coordinates; the others stay in the middle of their range."""
    domain = solution.problem.domain
    middle = {name: sum(domain.bounds[name]) / 2 for name in domain.names[2:]}

    def filled(points: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        shape = next(iter(points.values())).shape
        return {name: points[name] if name in points else np.full(shape, middle[name]) for name in domain.names}

    def field(name: str) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        return lambda points: solution.at(name, **filled(points))

    def truth(name: str) -> Callable[[dict[str, np.ndarray]], np.ndarray]:
        return lambda points: reference_values(solution.problem.reference, name, filled(points))

    names = solution.problem.field_names
    return plotting.draw(
        {name: field(name) for name in names},
        [(name, *domain.bounds[name], False) for name in domain.names[:2]],
        {name: truth(name) for name in names},
        title=f"{solution.problem.name}: {', '.join(f'{name} = {value:g}' for name, value in middle.items())}",
    )


def _png(figure: Figure, dpi: int) -> bytes:
    """In few colours: a map of a field needs no more."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=dpi)
    Image.open(full).convert("RGB").quantize(COLORS).save(small, format="png", optimize=True)
    return small.getvalue()


def latest(paths: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """The last row of each problem that gave a result on the default backend, of seed 0 and with nothing turned off."""
    rows = [row for path in paths for row in held(path)]
    plain = [row for row in rows if (row["backend"], row["seed"], row.get("variant")) == ("jax", 0, None)]
    kept = [row for row in plain if "failed" not in row]
    return {row["problem"]: row for row in sorted(kept, key=lambda row: row["date"])}


def index(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The list of all problems and the table of the runs."""
    lines = ["# The zoo", "", "Problems with an independent truth: `collocate solve NAME` solves one.", ""]
    lines += [
        f"- [{name}]({name}.md): {problems.load(name).__doc__.partition(chr(10))[0]}" for name in problems.names()
    ]
    return "\n".join([*lines, "", table(rows[name] for name in problems.names() if name in rows), ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all, where none is given")
    parser.add_argument("--keep", type=Path, help="the folder with the solutions")
    parser.add_argument("--result", type=Path, nargs="+", help="the files of rows")
    given = parser.parse_args()
    rows = latest(given.result or [*RESULTS.glob("zoo-*.jsonl"), *RESULTS.glob("accuracy-*.jsonl")])
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in given.names or problems.names():
        figure, regions = PAGES / "figures" / f"{name}.png", None
        if given.keep and (given.keep / name / "solution.collocate").exists():
            solution = kept(given.keep / name)
            draw(solution, figure)
            regions = by_region(solution, name)
        (PAGES / f"{name}.md").write_text(page(name, rows.get(name), figure.exists(), regions), encoding="utf-8")
        print(PAGES / f"{name}.md", flush=True)
    (PAGES / "index.md").write_text(index(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
