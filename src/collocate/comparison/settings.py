"""What is compared: the settings of a comparison, checked, and the cases and runs that they give."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from collocate.backends import select
from collocate.errors import PlanError, StatementError, warn
from collocate.planning.schedule import schedule
from collocate.problems.reading import read
from collocate.statement import Problem

DERIVATIVES = ("jets", "nested")
AXES = ("problem", "backend", "mode", "dtype", "derivatives", "optimizer")
SEED = 0


@dataclass(frozen=True)
class Subject:
    """A problem as a run's own process finds it again: by `source`, a file or a name, or by its `statement` in JSON."""

    name: str
    source: str | None = None
    statement: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, given: Any, number: int) -> Subject:
        """Raises StatementError for what is no problem, and for a file that cannot be read."""
        if isinstance(given, Problem):
            if any(callable(value) for value in given.reference.values() if not hasattr(value, "free_symbols")):
                warn(
                    f"the reference of {given.name or 'the problem'} is a function, which other processes do not get: "
                    "nothing is said about errors. Give the problem's file in place of the problem, or an expression"
                )
            return cls(given.name or f"problem {number}", statement=given.to_json())
        return cls(str(read(str(given)).problem.name), source=str(given))


@dataclass(frozen=True)
class Settings:
    """Raises PlanError, BackendError or StatementError for what cannot be compared."""

    problems: tuple[Subject, ...]
    backends: tuple[str, ...]
    modes: tuple[str, ...]
    dtypes: tuple[str, ...]
    derivatives: tuple[str, ...]
    optimizers: tuple[str, ...]
    repeats: int
    case_limit: float
    device: str

    def __post_init__(self) -> None:
        for axis in ("problems", "backends", "modes", "dtypes", "derivatives", "optimizers"):
            _check_axis(axis, [getattr(each, "name", each) for each in getattr(self, axis)])
        for backend, mode, dtype in product(self.backends, self.modes, self.dtypes):
            select.check(backend, mode, dtype)
        for derivatives in self.derivatives:
            if derivatives not in DERIVATIVES:
                raise PlanError(f"derivatives {derivatives!r} are not known; choose 'jets' or 'nested'")
        for optimizer in self.optimizers:
            schedule(optimizer, rows=1, parameters=1, steps=None)
        if not isinstance(self.repeats, numbers.Integral) or self.repeats < 1:
            raise PlanError(f"repeats must be a whole number, one or more; got {self.repeats!r}")
        if not isinstance(self.case_limit, numbers.Real) or not 0 < self.case_limit < math.inf:
            raise PlanError(f"case_limit must be a positive number of seconds; got {self.case_limit!r}")

    def to_json(self) -> dict[str, Any]:
        axes = {name: list(getattr(self, name)) for name in ("backends", "modes", "dtypes", "derivatives")}
        return {
            "problems": [subject.source or subject.name for subject in self.problems],
            **axes,
            "optimizers": list(self.optimizers),
            "repeats": self.repeats,
            "case_limit": self.case_limit,
            "device": self.device,
            "seed": SEED,
        }

    def cases(self) -> list[dict[str, Any]]:
        """Rows without runs: one for each problem × backend × mode × dtype × derivatives × optimizer."""
        names = [subject.name for subject in self.problems]
        values = product(names, self.backends, self.modes, self.dtypes, self.derivatives, self.optimizers)
        blank = {"parameters": None, "points": {}, "native_lines": None}
        blank |= {"work": {"flops_per_step": None, "bytes_per_step": None}}
        return [{"id": "/".join(each), **dict(zip(AXES, each, strict=True)), **blank, "runs": []} for each in values]

    def request(self, case: Mapping[str, Any]) -> dict[str, Any]:
        """What the process of a run is asked (see `child.run`)."""
        subject = next(subject for subject in self.problems if subject.name == case["problem"])
        asked = {name: case[name] for name in AXES[1:]}
        where = {"source": subject.source, "statement": subject.statement}
        return {**where, **asked, "device": self.device, "seed": SEED, "case_limit": self.case_limit}


def order(count: int, repeats: int) -> Iterator[tuple[int, int]]:
    """(repeat, index of the case): forwards, backwards, forwards …, so that no case always has the warmer machine."""
    for repeat in range(repeats):
        indices = range(count) if repeat % 2 == 0 else reversed(range(count))
        yield from ((repeat, index) for index in indices)


def _check_axis(axis: str, names: Sequence[str]) -> None:
    if not names:
        raise PlanError(f"{axis}: give one or more to compare")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        error = StatementError if axis == "problems" else PlanError
        raise error(f"{axis}: {twice!r} is given twice; each needs a name of its own, and once is enough")
