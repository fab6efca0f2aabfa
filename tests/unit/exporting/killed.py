"""Exports over an earlier one, each killed at another moment: `python killed.py FOLDER` leaves FOLDER/MOMENT/fake.

Prints {moment: the signal that ended it}. Its children are forked, so that all of them cost one start of Python.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import fake

from collocate.exporting import manifest
from collocate.exporting.export import make
from collocate.store import atomic


def kill(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def and_killed(function: Any) -> Any:
    return lambda *given: (function(*given), kill())


# A place in the code, and what stands there then.
MOMENTS = {
    "written": (fake, "write", and_killed(fake.write)),
    "proven": (manifest, "write", kill),
    "before the exchange": (atomic, "_exchanged", kill),
    "after the exchange": (atomic, "_exchanged", and_killed(atomic._exchanged)),
    "moved aside": (atomic, "_moved_aside", None),
}


def export(place: Path, factor: float) -> None:
    make(fake.REGISTERED, fake.graph(factor), fake.batches(), fake.about(), place)


def killed(place: Path, moment: str) -> int:
    """The signal that ended an export over another."""
    export(place, 2.0)
    child = os.fork()
    if child == 0:
        module, name, what = MOMENTS[moment]
        if what is None:  # where names cannot be exchanged: once the old one has been moved
            atomic._exchanged = lambda *names: False
            atomic.os.rename = and_killed(os.rename)
        else:
            setattr(module, name, what)
        export(place, 3.0)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    fake.register()
    print(json.dumps({moment: killed(Path(sys.argv[1], moment, "fake"), moment) for moment in MOMENTS}))
