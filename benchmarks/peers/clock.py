"""What every runner shares: the clock, the setting of table (a), and the truth of table (b). NumPy and the standard
library alone, since each runner lives in the virtual environment of its peer.

A runner is a program, `python by_PEER.py TABLE '{"steps": 250, …}'`, whose last line on standard output is JSON.
`step` trains one case for so many Adam steps; `burgers` and `poisson` follow the peer's own recipe to its end.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

VISCOSITY = 0.01 / np.pi
POINTS, WIDTHS, RATE = 10_000, (64, 64, 64, 64), 1e-3
# A turn is so many steps: collocate reports to callbacks once in a turn, and the others are read off as often.
TURN = 50


class Clock:
    """`tick(step)` after each step; what lies between two turns is all that the user waits for."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.first: tuple[int, float] | None = None
        self._marks: list[tuple[int, float, float]] = []

    def tick(self, step: int) -> None:
        if self.first is None:
            self.first = step, time.perf_counter() - self.begun
        if step % TURN == 0:
            self._marks.append((step, time.perf_counter(), time.process_time()))

    def found(self) -> dict[str, Any]:
        """Seconds of a step in each turn but the first, the same of processor time, over all cores, and seconds until
        the first step was done; where the first tick came later, less the steps between."""
        pairs = list(zip(self._marks, self._marks[1:], strict=False))
        per_step = [[(after[k] - before[k]) / (after[0] - before[0]) for before, after in pairs] for k in (1, 2)]
        assert self.first is not None
        later = (self.first[0] - 1) * float(np.median(per_step[0]))
        return {
            "first_seconds": self.first[1] - later,
            "turns": [round(seconds, 7) for seconds in per_step[0]],
            "processor": [round(seconds, 7) for seconds in per_step[1]],
        }


class Curve:
    """Error against time, the time of looking at the error left out."""

    def __init__(self, truth: np.ndarray) -> None:
        self.begun, self.truth = time.perf_counter(), truth
        self.seconds: list[float] = []
        self.errors: list[float] = []

    def look(self, values: Callable[[], np.ndarray]) -> None:
        now = time.perf_counter()
        found = np.asarray(values(), float).reshape(self.truth.shape)
        self.seconds.append(round(now - self.begun, 3))
        self.errors.append(float(f"{np.linalg.norm(found - self.truth) / np.linalg.norm(self.truth):.4g}"))
        self.begun += time.perf_counter() - now

    def found(self) -> dict[str, Any]:
        return {"error": self.errors[-1], "seconds": self.seconds[-1],
                "curve": {"seconds": self.seconds, "error": self.errors}}  # fmt: skip


def burgers_grid() -> tuple[np.ndarray, np.ndarray]:
    """Columns (x, t) of the 256 × 100 grid on [-1, 1] × [0, 0.99], as in the data set of Raissi et al., and u there.

    By Cole-Hopf: u(x, t) = ∫ u₀(x − z) w dz / ∫ w dz with w = exp(−cos(π (x − z)) / (2πν)) exp(−z²/(4νt)), each by 200
    Gauss-Hermite nodes. Written here anew, since the peers' environments hold no collocate; a test compares both.
    """
    x, t = np.meshgrid(np.linspace(-1, 1, 256), np.linspace(0, 0.99, 100), indexing="ij")
    nodes, weights = np.polynomial.hermite.hermgauss(200)
    at = x[..., None] - np.sqrt(4 * VISCOSITY * t)[..., None] * nodes
    exponent = -np.cos(np.pi * at) / (2 * np.pi * VISCOSITY)
    kernel = weights * np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    u = -(np.sin(np.pi * at) * kernel).sum(axis=-1) / kernel.sum(axis=-1)
    return np.stack([x.ravel(), t.ravel()], axis=1), u.ravel()


def poisson_grid() -> tuple[np.ndarray, np.ndarray]:
    """Columns (x, y) of a 101 × 101 grid of the unit square, and u = sin πx sin πy."""
    x, y = np.meshgrid(np.linspace(0, 1, 101), np.linspace(0, 1, 101), indexing="ij")
    return np.stack([x.ravel(), y.ravel()], axis=1), (np.sin(np.pi * x) * np.sin(np.pi * y)).ravel()


def peak_rss_bytes() -> int:
    """Without what the process was before it became this one, which getrusage counts on Linux."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
        return int(found[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def serve(tables: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]], *distributions: str) -> None:
    """Run what the command line asks for and print its row."""
    table, given = sys.argv[1], json.loads(sys.argv[2])
    row = tables[table](given)
    versions = {name: metadata.version(name) for name in distributions if _installed(name)}
    print(json.dumps(row | {"peak_rss_bytes": peak_rss_bytes(), "versions": versions}, allow_nan=False))


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True
