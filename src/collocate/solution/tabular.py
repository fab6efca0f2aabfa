"""A solution as a labelled table: `xarray.Dataset`."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from collocate.errors import StatementError, StoreError
from collocate.statement import reference_values

if TYPE_CHECKING:
    from collocate.solution.solution import Solution

COUNT = 101
MOST_VALUES = 10_000_000


def to_xarray(solution: Solution, counts: Any, given: Mapping[str, Any]) -> Any:
    """See `Solution.to_xarray`."""
    if importlib.util.find_spec("xarray") is None:
        raise StoreError('to_xarray needs xarray, which is not installed: pip install "collocate[xarray]"')
    xarray = import_module("xarray")
    problem = solution.problem
    lines = _lines(solution, counts, given)
    grid = np.meshgrid(*lines.values(), indexing="ij")
    points = np.stack([axis.ravel() for axis in grid], axis=1)
    inside = problem.domain.contains(points, tolerance=1e-9)
    table = solution.table(problem.fields, points)
    columns = dict(zip(problem.field_names, table.T, strict=True))
    arrays = dict(zip(problem.domain.names, points.T, strict=True))
    for name in problem.reference:
        columns[f"{name}_reference"] = reference_values(problem.reference, name, arrays)
    variables = {
        name: (problem.domain.names, np.where(inside, column, np.nan).reshape(grid[0].shape))
        for name, column in columns.items()
    }
    return xarray.Dataset(variables, coords=dict(lines), attrs=_attributes(solution))


def _lines(solution: Solution, counts: Any, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """{coordinate: (n,)}: as given, else `counts` even points over the domain."""
    domain = solution.problem.domain
    strangers = sorted(set(given) - set(domain.names))
    if strangers:
        raise StatementError(f"{strangers[0]} is no coordinate; they are {', '.join(domain.names)}")
    numbers = _counts(domain.names, counts)
    lines = {
        name: _line(name, given[name]) if name in given else np.linspace(*domain.bounds[name], numbers[name])
        for name in domain.names
    }
    total = int(np.prod([float(len(line)) for line in lines.values()]))
    if total > MOST_VALUES:
        raise StatementError(
            f"the table would have {total} points, more than {MOST_VALUES}: give fewer, like counts=21, or fix "
            f"coordinates, like {domain.names[-1]}=0.5"
        )
    return lines


def _counts(names: tuple[str, ...], counts: Any) -> dict[str, int]:
    found: dict[Any, Any] = (
        {**dict.fromkeys(names, COUNT), **counts} if isinstance(counts, Mapping) else dict.fromkeys(names, counts)
    )
    if isinstance(counts, list | tuple):
        found = dict(zip(names, counts, strict=False)) if len(counts) == len(names) else {}
    right = set(found) == set(names) and all(isinstance(each, int | np.integer) and each > 0 for each in found.values())
    if not right:
        raise StatementError(
            f"counts is {counts!r}; it takes a positive whole number, one for each of {', '.join(names)}, or "
            f"{{{names[0]!r}: 101}}"
        )
    return {name: int(each) for name, each in found.items()}


def _line(name: str, given: Any) -> np.ndarray:
    try:
        line = np.atleast_1d(np.asarray(given, np.float64))
    except (TypeError, ValueError):
        line = np.empty((0, 0))
    if line.ndim != 1 or not line.size:
        raise StatementError(f"{name} takes a number or a list of numbers; got {given!r}")
    return line


def _attributes(solution: Solution) -> dict[str, Any]:
    """What xarray can also write to a file: text and numbers only."""
    shown = {"problem": solution.problem.name, "statement": solution.problem.describe()}
    shown |= {name: solution.settings[name] for name in ("backend", "mode", "dtype", "seed")}
    shown |= {name: solution.result.get(name) for name in ("steps", "residual_heldout", "solved_until")}
    shown |= {f"unknown {name}": value for name, value in solution.unknowns.items()}
    return {name: value for name, value in shown.items() if value is not None}
