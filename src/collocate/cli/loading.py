"""FILE or NAME → problem and settings. Reading a file trains nothing."""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import collocate
from collocate import problems, store
from collocate.cli import csv_file
from collocate.errors import CollocateError, StatementError
from collocate.statement import Problem

MODULE = "_collocate_file"
TEXT = '--equation "u_t = 0.1*u_xx" --domain "x: 0..1, t: 0..1" --initial "u = sin(pi*x)" --boundary "u = 0"'
_PLURALS = {"equation": "equations", "unknown": "unknowns"}
EXAMPLE = "problem = co.Problem(equations, domain=…, conditions=[…])"


@dataclass(frozen=True)
class Loaded:
    """What `collocate solve FILE|NAME` works on; `settings` are keyword arguments of `co.solve`."""

    problem: Problem
    settings: Mapping[str, Any]


def load(source: str | None, text: Mapping[str, Any] | None = None) -> Loaded:
    """The `problem` and the `settings` of a file, or of a problem of the zoo by its name; or the problem that `text`,
    the arguments of `Problem.from_text`, states.

    Raises StatementError for a file that cannot be read or run, or that holds no problem; what a file itself
    raises from collocate's error tree keeps its class and gets the line in front.
    """
    if text:
        return _stated(source, text)
    if source is None:
        raise StatementError(f"give a FILE, a NAME from `collocate problems`, or a statement: {TEXT}")
    path = Path(source)
    if source in problems.names():
        module: ModuleType = problems.load(source)
    elif path.suffix or path.exists() or len(path.parts) > 1:
        module = _run(path)
    else:
        module = problems.load(source)  # raises: it names those there are
    return Loaded(_problem(module, path), _settings(module, path))


def _stated(source: str | None, text: Mapping[str, Any]) -> Loaded:
    if source is not None:
        raise StatementError(f"{source!r} and --{next(iter(text))} are both given; the problem is one or the other")
    missing = [f"--{name}" for name in ("equation", "domain") if not text.get(name)]
    if missing:
        raise StatementError(f"{' and '.join(missing)} missing; a statement is {TEXT}")
    given = {_PLURALS.get(name, name): value for name, value in text.items()}
    if "data" in given:
        given["data"] = [csv_file.read(path, "--data") for path in given["data"]]
    return Loaded(Problem.from_text(**given, name="; ".join(text["equation"])), {})


def _problem(module: ModuleType, path: Path) -> Problem:
    problem = getattr(module, "problem", None)
    if problem is None:
        raise StatementError(f"{path} holds no `problem`; it must say {EXAMPLE}")
    if not isinstance(problem, Problem):
        raise StatementError(f"`problem` in {path} is of type {type(problem).__name__}; it must be a co.Problem")
    if problem.name is None:
        problem.name = path.stem
    return problem


def _settings(module: ModuleType, path: Path) -> Mapping[str, Any]:
    settings = getattr(module, "settings", {})
    if not isinstance(settings, Mapping):
        raise StatementError(
            f"`settings` in {path} is of type {type(settings).__name__}; it must be a dict of keyword arguments of "
            'co.solve, like {"network": (20, 20)}'
        )
    return settings


def _run(path: Path) -> ModuleType:
    """The module of the file: not `__main__`, and with its own folder on the path, as Python itself would have it."""
    code = _compiled(path)
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    sys.modules[MODULE] = module
    sys.path.insert(0, str(path.parent.absolute()))
    try:
        with _training_refused():
            exec(code, module.__dict__)
    except CollocateError as error:
        raise type(error)(f"{_where(path, error)}: {error}") from error
    except (Exception, SystemExit) as error:
        raise StatementError(f"{_where(path, error)}: {type(error).__name__}: {error}{_hint(error)}") from error
    return module


# What Python or SymPy itself refuses before collocate sees it, and what was meant.
_HINTS = {
    "truth value of Relational": "a chain of comparisons is written (x > 0) & (x < 1)",
    "object is not callable": "a field is written u once it is u = Function('u')(x, t); its value at a point is a "
    "condition: Dirichlet(u, g, on=Eq(x, 0)) or Initial(u, g)",
    "loop of ufunc does not support": "use SymPy's functions in a statement (from sympy import sin, pi), not NumPy's",
}


def _hint(error: BaseException) -> str:
    found = (hint for text, hint in _HINTS.items() if text in str(error))
    return next((f". Here {hint}" for hint in found), "")


def _compiled(path: Path) -> CodeType:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StatementError(f"cannot read {path}: {error.strerror or error}") from error
    _refuse_binary(path, content)
    try:
        return compile(content, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise StatementError(f"{path}, line {error.lineno}: {error.msg}{text}") from error
    except ValueError as error:
        raise StatementError(f"{path} is not a Python file: {error}") from error


def _refuse_binary(path: Path, content: bytes) -> None:
    kind = store.kind_of(content)
    if kind is not None:
        raise StatementError(
            f"{path} is a {kind} file; a problem file (Python) was expected. For a solution, `collocate info {path}` "
            f"shows what it holds, `collocate evaluate {path} --at …` its values"
        )
    if b"\0" in content:
        raise StatementError(f"{path} is not a Python file: it holds null bytes")


def _where(path: Path, error: BaseException) -> str:
    """The file and the line in it that led to the error."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path}, line {lines[-1]}" if lines else str(path)


@contextlib.contextmanager
def _training_refused() -> Iterator[None]:
    """`co.solve` outside `if __name__ == "__main__":` would train each time that the file is read."""
    public = collocate.__dict__
    before = public.get("solve")
    public["solve"] = _refuse
    try:
        yield
    finally:
        if before is None:
            del public["solve"]  # the lazy table finds it when it is next asked for
        else:
            public["solve"] = before


def _refuse(*arguments: Any, **settings: Any) -> None:
    raise StatementError(
        "co.solve is called while the file is read; the command solves the file's `problem` itself. "
        'Put the call under `if __name__ == "__main__":`, and its settings in a dict called `settings`'
    )
