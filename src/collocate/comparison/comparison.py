"""`co.compare`, and the `Comparison` that it returns."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from collocate import tables
from collocate.comparison import loop, processes, report
from collocate.comparison.display import progress
from collocate.comparison.loop import Results
from collocate.comparison.recommend import recommend
from collocate.comparison.settings import Settings, Subject
from collocate.errors import PlanError


class Comparison:
    """What `co.compare` measured: `results`, a tree of plain data (the content of results.json), and with
    `recommendation` what follows from it. Printed, it is a table."""

    def __init__(self, results: Results):
        self.results = {**results, "recommendation": recommend(results)}

    @property
    def recommendation(self) -> dict[str, Any]:
        """{"overall": {"backend", "reasons"}, "problems": {name: …}, …}: which backend, and for each problem which case
        is best at what; None where several are tied."""
        return self.results["recommendation"]

    def save(self, folder: Any) -> None:
        """Write results.json and the report, report.html and report.md. Raises StoreError where that cannot be."""
        loop.write(self.results, Path(folder))
        report.write(self.results, Path(folder))

    def __rich__(self) -> RenderableType:
        return report.table(self.results)

    def __repr__(self) -> str:
        page = io.StringIO()
        tables.console(page).print(report.table(self.results))
        return page.getvalue().rstrip()


def compare(
    problems: Any,
    *,
    backends: Sequence[str] = ("torch", "tensorflow", "jax"),
    modes: Sequence[str] = ("compiled",),
    dtypes: Sequence[str] = ("float64",),
    derivatives: Sequence[str] = ("jets",),
    optimizers: Sequence[str] = ("auto",),
    repeats: int = 3,
    case_limit: float = 60.0,
    device: str = "auto",
    out: Any = None,
    resume: bool = False,
    quiet: bool | None = None,
) -> Comparison:
    """Train the same problems on several backends, each run in a fresh process, and measure.

    problems: a name of the zoo, a file that holds `problem` (and `settings`, which are taken over), a `Problem`, or a
    list of these. A problem whose reference is a function is better given as its file: other processes get no function.
    backends, modes, dtypes, optimizers: as in `solve`; every combination is a case. derivatives: "jets", or "nested",
    the same residuals by nested automatic differentiation.
    repeats: runs of each case, in alternating order. case_limit: seconds of training in a run.
    out: a folder for results.json, written after each run, and the report. resume: go on from the results there.
    quiet: without progress on standard error; left out, it is shown on a terminal or in a notebook.

    All cases of a problem start from the same parameters and points. Where their first loss or gradient differ by more
    than rounding, the comparison of that problem is void and says so. A run that fails is a row with its error. Ctrl-C
    ends the comparison and keeps what was measured.

    Raises PlanError and BackendError for settings that do not fit, StatementError for a problem that cannot be read,
    StoreError for `out`.
    """
    listed = problems if isinstance(problems, list | tuple) else [problems]
    settings = Settings(
        problems=tuple(Subject.of(given, number) for number, given in enumerate(listed, start=1)),
        backends=_several(backends), modes=_several(modes), dtypes=_several(dtypes),
        derivatives=_several(derivatives), optimizers=_several(optimizers),
        repeats=repeats, case_limit=case_limit, device=device,
    )  # fmt: skip
    return run(settings, _call(settings), None if out is None else Path(out), resume, quiet)


def run(settings: Settings, command: str, folder: Path | None, resume: bool, quiet: bool | None) -> Comparison:
    """Begin or go on, to the end or to Ctrl-C; `command` is kept with the results."""
    results = _results(settings, command, folder, resume)
    keep = (lambda found: None) if folder is None else (lambda found: loop.write(found, folder))
    with tempfile.TemporaryDirectory(prefix="collocate-compare-") as caches, progress(quiet) as tell:
        loop.measure(results, settings, processes.Runs(Path(caches)), keep, tell)
    comparison = Comparison(results)
    if folder is not None:
        comparison.save(folder)
    return comparison


def _results(settings: Settings, command: str, folder: Path | None, resume: bool) -> Results:
    """Raises PlanError where results are in the way, or none are there to go on with."""
    if resume and folder is None:
        raise PlanError("resume needs out, the folder that holds results.json")
    if folder is not None and resume:
        return loop.resumed(folder, settings)
    if folder is not None and (folder / loop.FILE).exists():
        raise PlanError(
            f"{folder} holds a comparison already: go on with it by resume (--resume), or choose another folder"
        )
    results = loop.begun(settings, command, processes.speeds())
    if folder is not None:
        loop.write(results, folder)  # tried before anything is measured
    return results


def _several(given: Any) -> tuple[Any, ...]:
    """One name is as good as a list of one."""
    return (given,) if isinstance(given, str) else tuple(given)


def _call(settings: Settings) -> str:
    said = settings.to_json()
    problems = said.pop("problems")
    said.pop("seed")
    return f"co.compare({problems!r}, {', '.join(f'{name}={value!r}' for name, value in said.items())})"
