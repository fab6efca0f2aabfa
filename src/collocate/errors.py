"""Every error that collocate raises on purpose.

    CollocateError
    ├── StatementError     the problem as stated: a missing condition, an unknown symbol, a condition off the domain
    ├── ExpressionError    text or an expression that cannot be read or evaluated
    ├── PlanError          a choice (network, activation, optimizer, points) that does not fit the problem
    ├── BackendError       a framework that is missing, a device that is not there, a transform it does not have
    ├── StoreError         a file that cannot be read, trusted or written
    ├── ExportError        a solution that cannot be exported, or an artifact that is not its solution
    ├── ServeError         a server that cannot be started: no model, a port that is taken
    ├── TrainingError      training that cannot go on: a residual that is not finite
    ├── ArgumentError      a keyword that is not there, or an argument that is missing
    └── NotYetError        a documented name that a later release fills

Each message says what was given, what was expected, and how to mend it. Each also derives from the built-in
error that a caller would expect, so ``except ValueError`` works as usual.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
import warnings
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

_HERE = f"{Path(__file__).parent}{os.sep}"
# What others call it, and what it may be called here.
_ELSEWHERE = {
    "epochs": "steps", "iterations": "steps", "max_steps": "steps", "tolerance": "accuracy", "tol": "accuracy",
    "timeout": "time_limit", "max_time": "time_limit", "layers": "network", "model": "network", "framework": "backend",
    "bcs": "conditions", "boundary": "conditions", "exact": "reference", "truth": "reference", "lr": "learning_rate",
    "where": "on", "value": "g", "hidden": "widths",
}  # fmt: skip


class CollocateError(Exception):
    """Root of the tree: ``except co.errors.CollocateError`` catches all that is raised on purpose."""


class StatementError(CollocateError, ValueError):
    """The problem as stated cannot be solved."""


class ExpressionError(CollocateError, ValueError):
    """An expression or its text cannot be read or evaluated."""


class PlanError(CollocateError, ValueError):
    """A choice does not fit the problem."""


class BackendError(CollocateError, RuntimeError):
    """A framework, device or transform is not available."""


class StoreError(CollocateError, OSError):
    """A file cannot be read, trusted or written."""


class ExportError(CollocateError, RuntimeError):
    """A solution cannot be exported, or an artifact is not its solution."""


class ServeError(CollocateError, RuntimeError):
    """A server cannot be started."""


class TrainingError(CollocateError, ArithmeticError):
    """Training cannot go on."""


class ArgumentError(CollocateError, TypeError):
    """A function is called with a keyword that it does not have, or without an argument that it needs."""


class NotYetError(CollocateError, NotImplementedError):
    """The name is documented and reserved; a later release fills it."""


def warn(message: str) -> None:
    """A UserWarning at the line outside of this package that led here."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)


def checked_arguments(function: _Function) -> _Function:
    """The function or constructor, with ArgumentError in place of TypeError for a call that does not fit it."""
    signature = inspect.signature(function)
    name = function.__qualname__.removesuffix(".__init__").rpartition(".")[2]

    @functools.wraps(function)
    def checked(*arguments: Any, **keywords: Any) -> Any:
        try:
            signature.bind(*arguments, **keywords)
        except TypeError:
            raise ArgumentError(_misfit(name, signature, arguments, keywords)) from None
        return function(*arguments, **keywords)

    return checked  # type: ignore[return-value]


def public(value: Any) -> Any:
    """A public name's function or class with its calls checked; as it is where it is neither, or checked already."""
    if isinstance(value, type):
        if not hasattr(value.__init__, "__wrapped__"):
            value.__init__ = checked_arguments(value.__init__)  # type: ignore[misc]
        return value
    if not inspect.isfunction(value) or hasattr(value, "__wrapped__"):
        return value
    found = checked_arguments(value)
    found.__module__ = __package__ or ""  # where pickle finds this very function
    return found


def _misfit(name: str, signature: inspect.Signature, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
    """What of a call does not fit: an unknown keyword, too many arguments, one given twice, or one that is missing."""
    takes = {key: parameter for key, parameter in signature.parameters.items() if key != "self"}
    shown = ", ".join(key if p.default is p.empty else f"{key}=…" for key, p in takes.items())
    for keyword in keywords:
        if keyword not in takes:
            close = get_close_matches(keyword, takes, n=1, cutoff=0.5)
            meant = _ELSEWHERE[keyword] if _ELSEWHERE.get(keyword) in takes else close[0] if close else ""
            asked = f"; did you mean {meant!r}?" if meant else "."
            return f"{name} has no argument {keyword!r}{asked} It is called as {name}({shown})"
    given = arguments[len(signature.parameters) - len(takes) :]
    by_place = [key for key, p in takes.items() if p.kind is not p.KEYWORD_ONLY]
    if len(given) > len(by_place):
        named = "; the others are given by name" if len(by_place) < len(takes) else ""
        return f"{name} takes by place at most {len(by_place)}, {len(given)} were given{named}: {name}({shown})"
    for key in by_place[: len(given)]:
        if key in keywords:
            return f"{name} is given {key} twice, by its place and by its name: {name}({shown})"
    missing = [key for key, p in takes.items() if p.default is p.empty and key not in keywords]
    lacking = ", ".join(key for key in missing if key not in by_place[: len(given)])
    return f"{name} lacks {lacking}; it is called as {name}({shown})"
