"""Measured values at points: the tables of `Data`, read once into arrays and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions.canonical import field_name
from collocate.geometry import Domain

MEASURED = "__measured"  # the column of a point set, and the symbol in a residual, that holds what was measured
_VALUE = "value"


@dataclass(frozen=True, eq=False)
class Observations:
    """`values` (n,) at `coordinates` (n, d) in the domain's order; `sigma` (n,), or None where no one said."""

    coordinates: np.ndarray
    values: np.ndarray
    sigma: np.ndarray | None = None

    @property
    def weight(self) -> np.ndarray:
        """(n,), adding up to one: proportional to 1/σ²."""
        if self.sigma is None:
            return np.full(len(self.values), 1.0 / len(self.values))
        relative = (np.min(self.sigma) / self.sigma) ** 2
        return relative / relative.sum()


def read(table: Any, sigma: Any, domain: Domain, name: str | None, where: str) -> Observations:
    """Observations from a mapping, a pandas frame or an array; `name` is that of the field, if it is a bare one.

    Raises StatementError for a column that is missing, that holds no finite numbers or has another length, for points
    outside the domain, and for a sigma that is not positive.
    """
    columns = _columns(table, domain, where)
    missing = [coordinate for coordinate in domain.names if coordinate not in columns]
    measured = next((key for key in (name, _VALUE) if key in columns), None)
    if missing or measured is None:
        wanted = [*domain.names, f"{name} (or {_VALUE})" if name else _VALUE]
        raise StatementError(f"{where}: the table has the columns {', '.join(columns)}; it needs {', '.join(wanted)}")
    arrays = {key: _numbers(columns[key], key, where) for key in (*domain.names, measured)}
    lengths = {key: len(array) for key, array in arrays.items()}
    if len(set(lengths.values())) > 1 or not lengths[measured]:
        counts = ", ".join(f"{key} {count}" for key, count in lengths.items())
        raise StatementError(f"{where}: the columns must be of one length, one row or more; they have {counts}")
    coordinates = np.stack([arrays[key] for key in domain.names], axis=1)
    _check_inside(coordinates, domain, where)
    return Observations(coordinates, arrays[measured], _sigma(sigma, columns, len(coordinates), where))


def _columns(table: Any, domain: Domain, where: str) -> dict[str, Any]:
    if isinstance(table, Mapping):
        return {_name(key): value for key, value in table.items()}
    if hasattr(table, "columns") and hasattr(table, "to_numpy"):
        return {str(key): table[key].to_numpy() for key in table.columns}
    array: Any
    try:
        array = np.asanyarray(table)  # read column by column, where masks and dtypes are looked at
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.ndim != 2 or array.shape[1] != len(domain.names) + 1:
        got = f"an array of shape {array.shape}" if isinstance(table, np.ndarray) else f"{type(table).__name__}"
        raise StatementError(
            f"{where}: the table is a mapping or a pandas frame with the columns {', '.join(domain.names)} and the "
            f"values, or an array (n, {len(domain.names) + 1}) in that order; got {got}"
        )
    return dict(zip((*domain.names, _VALUE), array.T, strict=True))


def _name(key: Any) -> str:
    """A column may be named by its symbol or field."""
    return field_name(key) if isinstance(key, AppliedUndef) else str(key)


def real_array(value: Any) -> np.ndarray:
    """A copy in float64. Raises TypeError or ValueError for what is no array of real numbers that are all there.

    NumPy alone would drop imaginary parts, and read what lies under a mask.
    """
    array = np.asanyarray(value)
    if array.dtype.kind == "c":
        raise ValueError("they are complex; give the real and the imaginary part apart")
    if np.ma.is_masked(array):
        raise ValueError(f"{np.ma.count_masked(array)} of them are masked; leave those rows out")
    return np.array(array, np.float64)


def _numbers(column: Any, name: str, where: str) -> np.ndarray:
    try:
        found = real_array(column).reshape(-1)
    except (TypeError, ValueError) as error:
        raise StatementError(f"{where}: the column {name} must hold real numbers: {error}") from None
    bad = np.flatnonzero(~np.isfinite(found))
    if bad.size:
        raise StatementError(
            f"{where}: the column {name} holds {found[bad[0]]} in row {bad[0]} ({bad.size} of {len(found)} rows are "
            "not finite); leave out the rows that were not measured"
        )
    return found


def _check_inside(coordinates: np.ndarray, domain: Domain, where: str) -> None:
    outside = np.flatnonzero(~domain.contains(coordinates, tolerance=1e-9))
    if outside.size:
        row = outside[0]
        place = ", ".join(f"{name} = {value:g}" for name, value in zip(domain.names, coordinates[row], strict=True))
        raise StatementError(f"{where}: row {row} ({place}) lies outside the domain {domain}")


def _sigma(sigma: Any, columns: Mapping[str, Any], count: int, where: str) -> np.ndarray | None:
    if sigma is None:
        return None
    if isinstance(sigma, str):
        if sigma not in columns:
            raise StatementError(f"{where}: sigma names the column {sigma!r}; the table has {', '.join(columns)}")
        sigma = columns[sigma]
    found = _numbers(sigma, "sigma", where)
    if found.size not in (1, count) or not (found > 0).all():
        raise StatementError(
            f"{where}: sigma is a positive standard deviation, one number or one a row; got "
            f"{f'{found.size} for {count} rows' if (found > 0).all() else f'{found.min():g}'}"
        )
    return np.broadcast_to(found, (count,)).copy()
