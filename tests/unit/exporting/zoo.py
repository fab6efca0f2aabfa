"""Graphs of untrained solutions that between them use all that a writer meets, and the proof that exports run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

import collocate as co
from collocate import problems
from collocate.backends.protocol import DType
from collocate.exporting import parity
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record
from collocate.exporting.targets import Batch

from ...small import string
from .untrained import parametric, untrained


def _two_slabs() -> co.Solution:
    return untrained(string(), slabs=2)


# What it is of, and what is asked of it.
SOLUTIONS: dict[str, tuple[Callable[[], co.Solution], str | None]] = {
    "burgers": (lambda: untrained(problems.load("burgers").problem), "u, u_x, u_t, u_xx, residual"),
    "kovasznay": (lambda: untrained(problems.load("kovasznay").problem), None),
    "plate": (lambda: untrained(problems.load("plate").problem), "u, u_xx, u_yy, u_xy"),
    "poisson_disk": (lambda: untrained(problems.load("poisson_disk").problem), "u, u_x"),
    "parametric": (lambda: untrained(parametric()), "u, u_x"),
    "periodic": (lambda: untrained(problems.load("advection").problem), "u, u_x"),
    "two slabs": (_two_slabs, "u, u_t"),
}


@cache
def solution(name: str) -> co.Solution:
    return SOLUTIONS[name][0]()


@cache
def _recorded(name: str) -> Graph:
    return record(solution(name), read_outputs(solution(name).problem, SOLUTIONS[name][1]), "float64")


def graph(name: str, dtype: DType) -> Graph:
    return replace(_recorded(name), dtype=dtype)


def prove(name: str, dtype: DType, target: ModuleType, folder: Path) -> None:
    """Export by a writer, and hold what its runtime computes against the oracle, as `co.export` does."""
    written = graph(name, dtype)
    target.write(written, folder)
    loaded = target.load(folder) if hasattr(target, "load") else lambda batch: target.run(folder, batch)
    counts = []

    def run(batch: Batch) -> Batch:
        counts.append(len(next(iter(batch.values()))))
        found = loaded(batch)
        assert {array.dtype for array in found.values()} == {np.dtype(dtype)}
        return found

    given = parity.batches(solution(name).problem.domain, dtype)
    parity.check(parity.measure(run, written, given), parity.TOLERANCES[dtype])
    assert counts == [1, 7, 1000]
