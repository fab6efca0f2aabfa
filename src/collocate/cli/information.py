"""What `collocate info` tells."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import scipy.linalg  # noqa: F401  (its BLAS must be loaded to be listed)
from threadpoolctl import threadpool_info

from collocate import __version__
from collocate.backends import select
from collocate.cli import streams
from collocate.cores import usable_cores
from collocate.errors import BackendError
from collocate.solution import load

Section = tuple[str, Sequence[tuple[str, Any]]]


def machine() -> list[Section]:
    """Versions, cores, backends with the device that "auto" takes, libraries of linear algebra."""
    here = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": f"{usable_cores()} of {os.cpu_count()}",
    }
    backends, libraries = list(_backends()), list(_libraries())
    return [(f"collocate {__version__}", list(here.items())), ("backends", backends), ("linear algebra", libraries)]


def _backends() -> Iterator[tuple[str, str]]:
    installed = select.installed()
    for name in select.names():
        try:
            with streams.unheard():
                backend = select.get(name)  # only an import tells that it works, and on which device
            yield name, f"{installed[name]} on {backend.device}"
        except BackendError as error:
            yield name, str(error)


def _libraries() -> Iterator[tuple[str, str]]:
    for found in threadpool_info():
        yield str(found["internal_api"]), f"{found['version'] or 'unknown version'}, {found['num_threads']} threads"


def held(file: Path) -> list[Section]:
    """What a solution file holds: the statement, how it was trained, its networks, what training reached."""
    with streams.unheard():
        solution = load(file)
    statement = [line.partition(" ") for line in solution.problem.describe().splitlines()]
    networks = {f"stage {number}": str(stage.network) for number, stage in enumerate(solution.plan.stages, start=1)}
    return [
        (str(file), [(title, text.strip()) for title, _, text in statement]),
        ("trained with", list(solution.settings.items())),
        ("networks", [*networks.items(), ("slabs in time", len(solution.slabs))]),
        ("result", list(solution.result.items())),
    ]
