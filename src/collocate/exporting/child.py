"""Other processes that exports start: for what must not run in this one, and for programs that are no Python.

A Python process finds the packages that this one finds, a user's own (`pip install --user`, PYTHONPATH) among them, and
nothing that happens to lie in the working folder.
"""

from __future__ import annotations

import inspect
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from collocate.errors import ExportError
from collocate.exporting import packing

PYTHON = (sys.executable, "-P", "-B")
SECONDS = 1800.0  # no export takes so long: what does has stopped for good

# After `packing` and a runner's `load(path) -> run(batch)`.
_CALL = """
import json, os, sys, time
given = json.load(sys.stdin)
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what libraries print must not come among the numbers
batches = [{name: unpacked(*each) for name, each in batch.items()} for batch in given["batches"]]
run = load(given["path"])
found = [run(batch) for batch in batches]
seconds = []
for _ in range(given["repeats"]):
    begun = time.perf_counter()
    run(batches[-1])
    seconds.append(time.perf_counter() - begun)
outputs = [{name: (packed(array), array.dtype.name) for name, array in each.items()} for each in found]
json.dump({"outputs": outputs, "seconds": seconds}, answers)
answers.close()
"""


def run(command: Sequence[Any], failure: str, **options: Any) -> subprocess.CompletedProcess[Any]:
    """A program to its end, with all that it wrote.

    failure: what an error begins with. Raises ExportError where it takes longer than SECONDS.
    """
    try:
        return subprocess.run(command, capture_output=True, timeout=SECONDS, **options)
    except subprocess.TimeoutExpired:
        raise _late(failure) from None


@contextmanager
def limited(process: subprocess.Popen[bytes], failure: str) -> Iterator[None]:
    """The process is ended, and ExportError raised, where the block takes longer than SECONDS."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if late.is_set():
            raise _late(failure)


def evaluated(
    runner: str, path: Path, batches: Sequence[Mapping[str, np.ndarray]], failure: str, repeats: int = 0
) -> tuple[list[dict[str, np.ndarray]], list[float]]:
    """({output: (N,)} of each batch, the seconds of `repeats` more runs of the last) of a file, by one Python process.

    runner: the text of a function `load(path) -> run(batch)`. Raises ExportError with the last line of what it says.
    """
    inputs = [{name: (packing.packed(array), array.dtype.name) for name, array in batch.items()} for batch in batches]
    given = json.dumps({"path": str(path), "batches": inputs, "repeats": repeats})
    code = f"{inspect.getsource(packing)}\n{runner}\n{_CALL}"
    done = run([*PYTHON, "-c", code], failure, input=given, encoding="utf-8", errors="replace")
    if done.returncode:
        said = done.stderr.strip() or f"it {ending(done.returncode)}"
        raise ExportError(f"{failure}: {said.splitlines()[-1]}")
    answer = json.loads(done.stdout)
    found = [{name: packing.unpacked(*one) for name, one in each.items()} for each in answer["outputs"]]
    return found, answer["seconds"]


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"


def _late(failure: str) -> ExportError:
    return ExportError(f"{failure}: it was ended after {SECONDS:g} s")
