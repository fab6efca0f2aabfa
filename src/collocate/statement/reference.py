"""The truth a solution is compared with: per field an expression of the coordinates or a function of arrays."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions import evaluate
from collocate.expressions.canonical import field_name
from collocate.statement.vocabulary import Vocabulary

Reference = dict[str, sympy.Expr | Callable[..., Any]]


@dataclass(frozen=True)
class Component:
    """One field of a reference function that returns a mapping {name: array}."""

    function: Callable[..., Any]
    name: str

    def __call__(self, **arrays: np.ndarray) -> Any:
        found = self.function(**arrays)
        if not isinstance(found, Mapping) or self.name not in found:
            raise StatementError(
                f"the reference of several fields must return a mapping with {self.name!r}; got {type(found).__name__}"
            )
        return found[self.name]


def read_reference(given: Any, vocabulary: Vocabulary) -> Reference:
    """{field name: canonical expression of the coordinates | callable(**coordinate arrays)}; {} for None.

    Raises StatementError for fields that aren't there and for expressions with anything but coordinates.
    """
    names = vocabulary.names
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {_known_name(key, names): _one(value, str(key), vocabulary) for key, value in given.items()}
    if len(names) == 1:
        return {names[0]: _one(given, names[0], vocabulary)}
    if _is_function(given):
        return {name: Component(given, name) for name in names}
    raise StatementError(
        f"the problem has the fields {', '.join(names)}: give the reference as a mapping like "
        f"{{{names[0]}: …, {names[1]}: …}} or a function that returns one"
    )


def _known_name(key: Any, names: tuple[str, ...]) -> str:
    name = field_name(key) if isinstance(key, AppliedUndef) else key
    if name not in names:
        raise StatementError(f"the reference names the field {key}; the problem has {', '.join(names)}")
    return name


def _is_function(value: Any) -> bool:
    return callable(value) and not isinstance(value, sympy.Basic)


def _one(value: Any, name: str, vocabulary: Vocabulary) -> Any:
    where = f"the reference of {name}"
    if _is_function(value):
        _check_arguments(value, vocabulary.domain.names, where)
        return value
    found = vocabulary.read(value, where)
    if found.atoms(AppliedUndef):
        raise StatementError(f"{where} holds a field; it must be an expression of the coordinates alone")
    strangers = sorted({symbol.name for symbol in found.free_symbols} - set(vocabulary.domain.names))
    if strangers:
        raise StatementError(f"{where} holds the unknown {strangers[0]}; put its true value there")
    return found


def _check_arguments(function: Callable[..., Any], names: tuple[str, ...], where: str) -> None:
    """Raises StatementError where the function does not take the coordinates by name."""
    try:
        inspect.signature(function).bind(**dict.fromkeys(names))
    except TypeError as error:
        called = ", ".join(f"{name}=…" for name in names)
        raise StatementError(f"{where} is called with the coordinates by name, as f({called}): {error}") from None
    except ValueError:
        return  # a builtin that tells nothing of its arguments


def reference_values(reference: Reference, field: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The truth of one field at coordinates of one shape: float64 of that shape.

    Raises StatementError where the reference gives another shape or no real numbers.
    """
    truth = reference[field]
    found = (
        evaluate(truth, arrays)
        if isinstance(truth, sympy.Basic)
        else truth(**{name: np.array(array) for name, array in arrays.items()})
    )
    shape = np.broadcast_shapes(*(np.shape(array) for array in arrays.values()))
    try:
        return np.broadcast_to(np.asarray(found, np.float64), shape)
    except (TypeError, ValueError) as error:
        raise StatementError(
            f"the reference of {field} must give real numbers of shape {shape}; got {np.shape(found)} ({error})"
        ) from None
