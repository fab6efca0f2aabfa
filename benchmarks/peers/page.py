"""docs/performance.md from rows of runs: step time and memory, error against time, beside others."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import figure
import numpy as np
from cases import ACCURACY, BACKENDS, STEP, Case

Row = Mapping[str, Any]
Rows = Sequence[Row]

NAMES = {"collocate": "collocate", "deepxde": "DeepXDE", "pina": "PINA", "jinns": "jinns", "hand": "written by hand"}
TITLES = {"torch": "PyTorch", "tensorflow": "TensorFlow", "jax": "JAX"}
# Our step has to be so many times as fast, and we have to reach the other's last error so many times as soon.
FASTER = {
    ("deepxde", "torch"): 2.0, ("deepxde", "tensorflow"): 1.6, ("deepxde", "jax"): 3.0, ("pina", "torch"): 2.8,
    ("jinns", "jax"): 5.5,
}  # fmt: skip
SOONER = {("deepxde", "poisson"): 50.0, ("deepxde", "burgers"): 5.0, ("jinns", "burgers"): 2.0}
QUIET = 1.0  # load above the number of cores that a row may have: the runs before it leave as much
LEAN = 1.1  # times the memory of the leanest other
# Of one step: products of matrices, forward and twice that in reverse, for u, u_x, u_t and u_xx.
WIDTHS, POINTS, ENTRIES = (2, 64, 64, 64, 64, 1), 10_000, 4
OPERATIONS = 3 * 2 * ENTRIES * POINTS * sum(a * b for a, b in itertools.pairwise(WIDTHS))


def chosen(rows: Rows, case: Case) -> list[Row]:
    """Those of the version and number of cores that were measured last, the last of each repeat; without what
    failed."""
    wanted = (case.peer, case.backend, case.table, case.variant)
    found = [row for row in rows if _case(row) == wanted and "failed" not in row]
    found.sort(key=lambda row: row["date"])
    return list({row["repeat"]: row for row in found if _setting(row) == _setting(found[-1])}.values())


def quiet(row: Row) -> bool:
    """Whether nothing else used the machine, by its load before and after."""
    return max(row["machine"]["load"], row["load_after"]) <= row["machine"]["cores"] + QUIET


def _setting(row: Row) -> tuple[Any, Any]:
    return row["version"], row["cores_used"]


def _case(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("peer", "backend", "table", "variant"))


def quartiles(group: Rows, name: str = "turns") -> tuple[float, float, float]:
    """Lower quartile, median, upper quartile in milliseconds over the turns of all repeats."""
    values = 1e3 * np.concatenate([row[name] for row in group])
    lower, middle, upper = np.percentile(values, (25, 50, 75))
    return float(lower), float(middle), float(upper)


def median(group: Rows, name: str) -> float:
    return statistics.median(row[name] for row in group)


def title(case: Case) -> str:
    return NAMES[case.peer] + (f", {case.variant}" if case.variant else "")


def steps(rows: Rows) -> str:
    """Table (a), framework by framework."""
    lines = []
    for backend in BACKENDS:
        groups = {case: group for case in STEP if case.backend == backend and (group := chosen(rows, case))}
        ours = next((group for case, group in groups.items() if case.peer == "collocate"), None)
        lines += [_step(case, group, ours) for case, group in groups.items()]
    headings = ("framework", "what", "ms a step", "quartiles", "ms of processors", "first step, s", "import, s",
                "peak, MB", "collocate is faster by")  # fmt: skip
    return table(headings, lines)


def _step(case: Case, group: Rows, ours: Rows | None) -> list[str]:
    lower, middle, upper = quartiles(group)
    ratio = ""
    if case.peer != "collocate" and ours:
        ratio = _ratio(middle / quartiles(ours)[1], FASTER.get((case.peer, case.backend)))
    return [
        TITLES[case.backend], title(case), f"{middle:.1f}", f"{lower:.1f} to {upper:.1f}",
        f"{quartiles(group, 'processor')[1]:.1f}", f"{median(group, 'first_seconds'):.1f}",
        f"{median(group, 'import_seconds'):.1f}", f"{median(group, 'peak_rss_bytes') / 1e6:,.0f}", ratio,
    ]  # fmt: skip


def _ratio(found: float, wanted: float | None) -> str:
    shown = f"{found:.1f} ×" if found < 100 else f"{found:.0f} ×"
    if wanted is None:
        return shown
    return f"{shown} (must {wanted:g})" + ("" if found >= wanted else " **missed**")


def memory(rows: Rows) -> str:
    """Ours beside the leanest other on the same framework."""
    lines = []
    for backend in BACKENDS:
        peaks = {case: median(group, "peak_rss_bytes") for case in STEP
                 if case.backend == backend and (group := chosen(rows, case))}  # fmt: skip
        ours = next((peak for case, peak in peaks.items() if case.peer == "collocate"), None)
        others = {case: peak for case, peak in peaks.items() if case.peer not in ("collocate", "hand")}
        if ours is None or not others:
            continue
        leanest = min(others, key=lambda case: others[case])
        share = ours / others[leanest]
        lines.append([
            TITLES[backend], f"{ours / 1e6:,.0f}", f"{title(leanest)} {others[leanest] / 1e6:,.0f}",
            f"{share:.2f}" + ("" if share <= LEAN else f" **above {LEAN}**"),
        ])  # fmt: skip
    return table(("framework", "collocate, MB", "the leanest other, MB", "share"), lines)


def reached(row: Row, error: float) -> float | None:
    """Seconds until the error was first at most that; None if it never was."""
    pairs = zip(row["curve"]["seconds"], row["curve"]["error"], strict=True)
    return next((seconds for seconds, found in pairs if found <= error), None)


def times(rows: Rows) -> str:
    """Table (b): each one's last error, its time, and ours to the same error."""
    lines = []
    for case in ACCURACY:
        group = chosen(rows, case)
        if case.peer == "collocate" or not group:
            continue
        error, seconds = median(group, "error"), median(group, "seconds")
        line = [_problem(case), f"{title(case)} ({TITLES[case.backend]})", f"{len(group)}", f"{error:.1e}"]
        line += [f"{seconds:.0f}"]
        found = {backend: _ours(rows, case.table, backend, error) for backend in BACKENDS}
        line += ["–" if found[backend] is None else f"{found[backend]:.1f}" for backend in BACKENDS]
        default = found["jax"]
        wanted = SOONER.get((case.peer, case.table))
        lines.append([*line, "–" if default is None else _ratio(seconds / default, wanted)])
    headings = ("problem", "what", "seeds", "its last error", "its seconds", "collocate to that error: PyTorch, s",
                "TensorFlow, s", "JAX, s", "JAX is sooner by")  # fmt: skip
    return table(headings, lines)


def _problem(case: Case) -> str:
    return "Burgers" if case.table == "burgers" else "Poisson"


def _ours(rows: Rows, problem: str, backend: str, error: float) -> float | None:
    """Seconds to that error, the median over seeds; None where one did not get there, or none was run."""
    group = chosen(rows, Case("collocate", backend, problem))
    found = [reached(row, error) for row in group]
    return None if not found or None in found else statistics.median(found)  # type: ignore[type-var]


def lasts(rows: Rows) -> str:
    """What ours had reached where it stopped."""
    lines = []
    for case in ACCURACY:
        if case.peer == "collocate" and (group := chosen(rows, case)):
            stopped = ", ".join(sorted({row["stopped_because"] for row in group}))
            lines.append([_problem(case), TITLES[case.backend], f"{len(group)}", f"{median(group, 'error'):.1e}",
                          f"{median(group, 'seconds'):.0f}", stopped])  # fmt: skip
    return table(("problem", "framework", "seeds", "last error", "seconds", "stopped because"), lines)


def table(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown; nothing where there are no lines."""
    if not lines:
        return ""
    made = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in made)


def origin(rows: Rows) -> str:
    """Versions, machine, load and rates of what is shown."""
    shown = [row for case in (*STEP, *ACCURACY) for row in chosen(rows, case)]
    if not shown:
        return ""
    versions: dict[str, set[str]] = {}
    for row in shown:
        for name, version in row["versions"].items():
            versions.setdefault(name, set()).add(version)
    told = ", ".join(f"{name} {' / '.join(sorted(found))}" for name, found in sorted(versions.items()))
    loads = [row["machine"]["load"] for row in shown]
    machines = sorted({f"{row['machine']['processor']}, {row['machine']['cores']} cores" for row in shown})
    dates = sorted(row["date"][:10] for row in shown)
    cores = " or ".join(str(number) for number in sorted({row["cores_used"] for row in shown}))
    text = f"{' / '.join(machines)}, of which each process may use {cores}; {dates[0]} to {dates[-1]}; {told}. "
    text += f"Load before a run: {min(loads):.1f} to {max(loads):.1f}, median {statistics.median(loads):.1f}."
    if not all(map(quiet, shown)):
        text += BUSY
    rates = [row["rates"] for row in rows if row["table"] == "machine"]
    if rates:
        sgemm, dgemm = (max(rate[name] for rate in rates) for name in ("sgemm", "dgemm"))
        text += f" Matrix products: {sgemm / 1e9:.0f} GFLOP/s in float32, {dgemm / 1e9:.0f} in float64. A step's own "
        text += f"are {OPERATIONS / 1e9:.1f} GFLOP for u, u_x, u_t and u_xx, so {1e3 * OPERATIONS / sgemm:.1f} ms at "
        text += "that rate."
    return text


def page(rows: Rows) -> str:
    """docs/performance.md; the same rows give the same text."""
    picture = "![Milliseconds a step](figures/performance-step.png)"
    parts = [INTRODUCTION, origin(rows)]
    for text, found, *more in ((STEPS, steps(rows), picture), (MEMORY, memory(rows)), (TIMES, times(rows)),
                               (LASTS, lasts(rows))):  # fmt: skip
        parts += [text, found, *more] if found else []
    return "\n\n".join([*parts, MADE]) + "\n"


def write(rows: Rows, path: Path) -> None:
    """The page, and its figure in the folder beside it."""
    bars = {TITLES[backend]: {title(case): quartiles(group) for case in STEP
                              if case.backend == backend and (group := chosen(rows, case))}
            for backend in BACKENDS}  # fmt: skip
    figure.bars(bars, path.parent / "figures" / "performance-step.png")
    path.write_text(page(rows), encoding="utf-8")


INTRODUCTION = """# Performance

collocate beside DeepXDE, PINA, jinns, and loops written by hand, on the same machine in one run. Each program is a
process of its own, in a virtual environment of its own; the programs take turns, every second round backwards."""

BUSY = " **Other programs had the machine's cores as well: times and their ratios below are void.**"

STEPS = """## A step

Burgers' equation u_t + u u_x = (0.01/π) u_xx on (−1, 1) × (0, 1), a tanh network 2-64×4-1, 10,000 points, float32,
one step of Adam: loss, gradient, update, and whatever else the program does between two steps. Medians and quartiles
over turns of 50 steps, the first turn left out; «ms of processors» is the time of all cores together, waits that spin
included. «First step» is all from the statement to the end of the first step, compilation included and import not;
«peak» is the largest resident memory of the process.

- The same for all: the trial function −sin πx + t (1 − x²) N, so no point on the boundary is needed anywhere, the
  number of points, the network, the precision, and a learning rate of the same kind.
- Each as its users run it: PyTorch eagerly in DeepXDE, PINA and by hand (torch.compile fails on nested graphs), the
  rest compiled; DeepXDE on TensorFlow also with XLA, which it leaves off. Threads are as each framework sets them.
- For us: collocate's step also draws new points each 100 steps, and judges the network on held-out points each 50.
  Its optimizer keeps float64 on the host. The others keep their first points.
- Against the others: points are theirs (pseudo-random, or Sobol), which changes nothing in time. jinns is timed
  between what it prints, since its loop takes no callbacks: what `solve` does besides is not counted."""

MEMORY = """## Memory

The largest resident memory of the process, the frameworks' own code included (TensorFlow's is half a gigabyte)."""

TIMES = """## Error against time

Each one's own recipe, and how long collocate takes with its defaults to be as accurate: `collocate solve burgers`,
`collocate solve poisson2d`. Relative L2 error, all on the same grid (256 × 100 for Burgers, by Cole-Hopf; 101 × 101
for Poisson); collocate's times are read from the curve of what training would have returned, on 1,024 points of its
own. Seconds from the statement, compilation included and import not; others' time of looking at the error is left out,
ours is counted. Medians over seeds.

- Burgers, DeepXDE: its examples/pinn_forward/Burgers.py, 15,000 steps of Adam, then L-BFGS, in float32 on PyTorch.
- Burgers, jinns: natural gradient (200 steps) and self-scaled Broyden (1,500 steps) in float64 on 10,000 points,
  2-20×3-1, soft conditions. jinns has no recipe for this problem with these optimizers; the settings are ours.
- Poisson, −Δu = 2π² sin πx sin πy on the unit square. DeepXDE: the recipe of its Poisson_Lshape.py, 50,000 steps of
  Adam, then L-BFGS, with soft conditions as there, or exact ones as in its Helmholtz_Dirichlet_2d.py. PINA: its
  tutorial on this equation, 1,000 epochs of Adam."""

LASTS = """## What collocate had reached

Training is cut off after 45 seconds here; [accuracy](accuracy.md) has whole runs."""

MADE = """## How it was made

`python benchmarks/peers/measure.py`, then `python benchmarks/peers/measure.py write`. Rows lie in `benchmarks/results`,
and are measured anew when a runner, a requirement or the solver's sources change. The environments of the others are
made in the user's cache folder, never in ours."""
