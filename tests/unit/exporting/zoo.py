"""Untrained solutions that between them use all that a writer meets, and their graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import collocate as co
from collocate import problems
from collocate.backends.protocol import DType
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record

from ...small import string
from .untrained import parametric, untrained

# What it is of, and what is asked of it.
SOLUTIONS: dict[str, tuple[Callable[[], co.Solution], str]] = {
    "burgers": (lambda: untrained(problems.load("burgers").problem), "u, u_x, u_t, u_xx, residual"),
    "three fields": (lambda: untrained(problems.load("kovasznay").problem), "u, v, p, vorticity=v.diff(x)-u.diff(y)"),
    "second derivatives": (lambda: untrained(problems.load("plate").problem), "u, u_xx, u_yy, u_xy"),
    "a condition exact by distance": (lambda: untrained(problems.load("poisson_disk").problem), "u, u_x, u_y"),
    "a parameter": (lambda: untrained(parametric()), "u, u_x, u_t, residual"),
    "periodic": (lambda: untrained(problems.load("advection").problem), "u, u_x"),
    "two slabs": (lambda: untrained(string(), slabs=2), "u, u_t, u_xx"),
}


@cache
def solution(name: str) -> co.Solution:
    return SOLUTIONS[name][0]()


@cache
def _recorded(name: str) -> Graph:
    return record(solution(name), read_outputs(solution(name).problem, SOLUTIONS[name][1]), "float64")


def graph(name: str, dtype: DType) -> Graph:
    return replace(_recorded(name), dtype=dtype)
