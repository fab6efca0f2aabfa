"""Standard output is for results; everything else that a run says goes to standard error."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def results_only() -> Iterator[None]:
    """Until the end, all that is written to standard output goes to standard error: also by the user's file and by
    the frameworks' C++ code.
    """
    with _output_to_error(), contextlib.redirect_stdout(sys.stderr), warnings_in_lines():
        yield


@contextlib.contextmanager
def warnings_in_lines() -> Iterator[None]:
    """Warnings for the user become one line each; others are dropped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", UserWarning)
        warnings.showwarning = _show
        yield


@contextlib.contextmanager
def _output_to_error() -> Iterator[None]:
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        if os.name == "posix":  # what C code has buffered must leave before standard output is what it was
            ctypes.CDLL(None).fflush(None)
        os.dup2(saved, 1)
        os.close(saved)


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Drop what is written to standard error: for the notes with which a framework's C++ code starts, below the level
    of any setting. What goes wrong there comes as an exception.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def _show(message: Warning | str, *where: Any, **more: Any) -> None:
    print(f"warning: {message}", file=sys.stderr)
