"""`collocate report`: a solution file as one HTML page."""

from __future__ import annotations

from pathlib import Path

from collocate.cli import streams
from collocate.solution import load
from collocate.verification.examine import verify

NAME = "report.html"


def write(file: Path, out: Path | None, verified: bool) -> Path:
    """Where the page was written: to `out`, else beside the solution; with the verdict of `co.verify` if `verified`.

    Raises StoreError for either file.
    """
    with streams.unheard():
        solution = load(file)
    verdict = verify(solution) if verified else None
    path = out or file.parent / NAME
    solution.report(path, verdict)
    return path
