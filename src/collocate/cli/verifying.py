"""`collocate verify`: the verdict on a solution file, printed or as one line of JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from collocate.cli import streams
from collocate.cli.evaluation import coordinates
from collocate.cli.loading import load as load_problem
from collocate.solution import load
from collocate.verification.examine import verify
from collocate.verification.verdict import Verdict


def run(file: Path, backend: str | None, against: str | None, at: str | None, options: dict[str, Any]) -> Verdict:
    """The verdict. `against`: a file or name whose problem the solution is held against; `at`: text like "nu=0.2".

    A reference that is a function is not in a solution's file; the problem that `against` names brings its own.
    """
    with streams.unheard():
        solution = load(file, backend=backend)
    problem = None if against is None else load_problem(against).problem
    places = {} if at is None else coordinates(at, solution.problem.domain.names)
    return verify(solution, problem, at=places, **options)


def show(verdict: Verdict, as_json: bool) -> None:
    """The verdict on standard output."""
    sys.stdout.write((json.dumps(verdict.to_json()) if as_json else str(verdict)) + "\n")
