"""A process for each run: nothing of one reaches the next but the files of a compiler's cache, and those are told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collocate import compilation_cache

RUN, SPEEDS = "collocate.comparison.child", "collocate.comparison.machine"
# They choose kernels that do not fit the processor (matrix products take 1.75 times as long on the machine of
# benchmarks/runs.py), and a user has neither.
SLOWING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
# Of a run beyond its training: import, compilation, a last step, figures. A compilation is known to take minutes.
GENEROUS = 900.0
TOLD = 600  # characters of what a process said before it died


class Runs:
    """`runs(case, request) -> run` with a compiler's cache for each case that starts empty."""

    def __init__(self, caches: Path):
        self.caches = caches

    def __call__(self, case: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
        """What the run's process answers; {"failed": why} where it gives no answer, or not in time."""
        home = {"XDG_CACHE_HOME": str(self.caches / case["id"].replace("/", "-"))}
        compilation_cache.use(home)
        places = {name: value for name, value in home.items() if name != "XDG_CACHE_HOME"}
        before = compilation_cache.entries(case["backend"], places)
        found = ask(RUN, request, 2 * request["case_limit"] + GENEROUS, places)
        added = compilation_cache.entries(case["backend"], places) != before
        return {**found, "compiled_from_cache": bool(before) and not added if case["mode"] == "compiled" else None}


def speeds() -> dict[str, float]:
    """See `machine.speeds`; {} where it could not be measured."""
    found = ask(SPEEDS, {}, GENEROUS)
    return {} if "failed" in found else found


def ask(
    module: str, request: Mapping[str, Any], limit: float, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer of `python -m module PID`, our own PID.

    Whatever ends the waiting, Ctrl-C too, ends that process and its children.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in SLOWING}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={**inherited, **(environment or {})},
            start_new_session=True,  # Ctrl-C is for this process, which decides what becomes of the other
        )
        try:
            answer, _ = process.communicate(json.dumps(request), timeout=limit)
        except subprocess.TimeoutExpired:
            _end(process)
            return {"failed": f"no answer after {limit:.0f} s, and ended"}
        except BaseException:
            _end(process)
            raise
        said.seek(0)
        return _answer(process.returncode, answer, said.read())


def _answer(code: int, answer: str, said: str) -> dict[str, Any]:
    try:
        found = json.loads(answer)
        if isinstance(found, dict):
            return found
    except json.JSONDecodeError:
        pass
    ended = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return {"failed": f"the process ended {ended} and without an answer: {said.strip()[-TOLD:]}"}


def _end(process: subprocess.Popen[str]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()
