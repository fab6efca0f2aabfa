"""FILE or NAME → problem and settings. Reading a file trains nothing."""

from __future__ import annotations

import contextlib
import functools
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import collocate
from collocate import problems, store
from collocate.errors import CollocateError, StatementError
from collocate.statement import Problem

MODULE = "_collocate_file"
_REFUSED = ("solve", "compare")
EXAMPLE = "problem = co.Problem(equations, domain=…, conditions=[…])"


@dataclass(frozen=True)
class Loaded:
    """A problem, and `settings`: keyword arguments of `co.solve`."""

    problem: Problem
    settings: Mapping[str, Any]


def read(source: str) -> Loaded:
    """The `problem` and the `settings` of a file, or of a problem of the zoo by its name.

    Raises StatementError for a file that cannot be read or run, or that holds no problem; what a file itself
    raises from collocate's error tree keeps its class and gets the line in front.
    """
    path = Path(source)
    if source in problems.names():
        module: ModuleType = problems.load(source)
    elif path.suffix or path.exists() or len(path.parts) > 1:
        module = _run(path)
    else:
        module = problems.load(source)  # raises: it names those there are
    return Loaded(_problem(module, path), _settings(module, path))


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
    """`co.solve` outside `if __name__ == "__main__":` would train each time that the file is read, and `co.compare`
    would start processes that read it again.
    """
    public = collocate.__dict__
    before = {name: public[name] for name in _REFUSED if name in public}
    public.update({name: functools.partial(_refuse, name) for name in _REFUSED})
    try:
        yield
    finally:
        for name in _REFUSED:
            del public[name]  # the lazy table finds it when it is next asked for
        public.update(before)


def _refuse(name: str, *arguments: Any, **settings: Any) -> None:
    raise StatementError(
        f"co.{name} is called while the file is read; the command works on the file's `problem` itself. "
        'Put the call under `if __name__ == "__main__":`, and its settings in a dict called `settings`'
    )
