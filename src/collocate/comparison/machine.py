"""The machine that a comparison is of: what it is, how busy, and how fast it multiplies and moves numbers.

`python -m collocate.comparison.machine` measures the last, in a process of its own: its environment chooses the same
kernels as those of the runs.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from collocate import __version__
from collocate.backends import select
from collocate.cores import usable_cores

SIZE = 1536  # of the matrices: 19 MB each in float64
ENTRIES = 2**23  # of the vectors, 64 MB each: no cache holds them
SECONDS = 0.5


def describe() -> dict[str, Any]:
    """Without what has to be measured."""
    return {
        "processor": _processor(),
        "cores": usable_cores(),
        "memory_bytes": _memory_bytes(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def load() -> list[float] | None:
    """Processes that wanted to run, on average over 1, 5 and 15 minutes; None where the system does not tell."""
    return [round(value, 2) for value in os.getloadavg()] if hasattr(os, "getloadavg") else None


def versions() -> dict[str, str]:
    return {"collocate": __version__, **select.installed(), "scipy": scipy.__version__}


def speeds() -> dict[str, float]:
    """Operations a second of matrix products, and bytes a second of a[i] = b[i] + c[i], on all cores; the best seen."""
    products = {name: _products(dtype) for name, dtype in (("dgemm_flops", "float64"), ("sgemm_flops", "float32"))}
    return {**products, "memory_bandwidth": _bandwidth()}


def _products(dtype: str) -> float:
    a = np.random.default_rng(0).random((SIZE, SIZE)).astype(dtype)
    out = np.empty_like(a)
    return 2.0 * SIZE**3 / _fastest(lambda: np.matmul(a, a, out=out))


def _bandwidth() -> float:
    cores = usable_cores()
    a, b, c = (np.ones(ENTRIES) for _ in range(3))
    parts = [slice(k * ENTRIES // cores, (k + 1) * ENTRIES // cores) for k in range(cores)]
    with ThreadPoolExecutor(cores) as pool:
        seconds = _fastest(lambda: list(pool.map(lambda part: np.add(b[part], c[part], out=a[part]), parts)))
    return 3.0 * a.nbytes / seconds


def _fastest(work: Callable[[], Any]) -> float:
    work()
    found, until = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < until or found == float("inf"):
        started = time.perf_counter()
        work()
        found = min(found, time.perf_counter() - started)
    return found


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", listed.read_text()) if listed.exists() else None
    return found.group(1) if found else platform.processor() or platform.machine()


def _memory_bytes() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(speeds()) + "\n")
