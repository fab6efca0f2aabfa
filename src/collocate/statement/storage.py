"""A problem as JSON data and back. What is stored is the statement; loading states it again, so it is checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ArgumentError, CollocateError, StatementError
from collocate.expressions import canonicalise, field, from_tree, symbol, to_tree
from collocate.expressions.canonical import field_name
from collocate.geometry import domain_from_json
from collocate.statement import conditions
from collocate.statement.declarations import Unknown
from collocate.statement.resolve import ResolvedCondition

if TYPE_CHECKING:
    from collocate.statement.problem import Problem

VERSION = 1
_KINDS: dict[str, type[conditions.Stated]] = {
    kind.__name__.lower(): kind
    for kind in (
        conditions.Dirichlet,
        conditions.Neumann,
        conditions.Robin,
        conditions.Periodic,
        conditions.Initial,
        conditions.Final,
        conditions.Condition,
        conditions.Mean,
        conditions.Point,
        conditions.Data,
    )
}


def to_json(problem: Problem) -> dict[str, Any]:
    written = {
        f: field(name, _seen(problem, name)) for name, f in zip(problem.field_names, problem.fields, strict=True)
    }
    return {
        "version": VERSION,
        "name": problem.name,
        "domain": problem.domain.to_json(),
        "equations": [
            {"left": to_tree(e.left.xreplace(written)), "right": to_tree(e.right.xreplace(written))}
            for e in problem.equations
        ],
        "conditions": [
            _condition_to_json(problem, stated, resolved)
            for stated, resolved in zip(problem.stated, problem.conditions, strict=True)
        ],
        "unknowns": [_unknown_to_json(unknown) for unknown in (*problem.unknowns, *problem.unknown_fields.values())],
        "reference": {
            name: {"expression": to_tree(value)} if isinstance(value, sympy.Basic) else {"function": True}
            for name, value in problem.reference.items()
        },
        "scales": {name: repr(value) for name, value in problem.scales.items()},
    }


def arguments(data: Any) -> dict[str, Any]:
    """The arguments of `Problem` that `to_json` recorded. Raises StatementError for data of another form."""
    try:
        if data["version"] != VERSION:
            raise StatementError(
                f"the stored statement has version {data['version']!r}; this collocate reads version {VERSION}"
            )
        return {
            "name": data["name"],
            "domain": domain_from_json(data["domain"]),
            "equations": [_equation_from_json(equation) for equation in data["equations"]],
            "conditions": [_condition_from_json(condition) for condition in data["conditions"]],
            "unknowns": [_unknown_from_json(unknown) for unknown in data["unknowns"]],
            "reference": {
                name: from_tree(value["expression"])
                for name, value in data["reference"].items()
                if "expression" in value
            },
            "scales": {name: float(value) for name, value in data["scales"].items()},
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, CollocateError) and not isinstance(error, ArgumentError):
            raise
        raise StatementError(f"the stored statement is not well formed: {error!r}") from error


def _seen(problem: Problem, name: str) -> tuple[sympy.Symbol, ...]:
    """The coordinates of a field as it is written: an unknown field may have fewer than the domain."""
    return tuple(coordinate for coordinate in problem.coordinates if coordinate.name in problem.sees[name])


def _unknown_to_json(unknown: Unknown) -> dict[str, Any]:
    common = {"name": unknown.name, "guess": repr(unknown.guess)}
    if unknown.is_field:
        return {**common, "coordinates": [argument.name for argument in unknown.quantity.args]}
    return {**common, "bounds": [None if bound is None else repr(bound) for bound in unknown.bounds]}


def _unknown_from_json(data: dict[str, Any]) -> Unknown:
    if "coordinates" in data:
        coordinates = tuple(symbol(str(name)) for name in data["coordinates"])
        return Unknown(field(str(data["name"]), coordinates), float(data["guess"]))
    low, high = (None if bound is None else float(bound) for bound in data.get("bounds", (None, None)))
    return Unknown(symbol(str(data["name"])), float(data["guess"]), (low, high))


def _equation_from_json(data: dict[str, Any]) -> sympy.Basic:
    return sympy.Eq(from_tree(data["left"]), from_tree(data["right"]), evaluate=False)


def _condition_to_json(problem: Problem, stated: conditions.Stated, resolved: ResolvedCondition) -> dict[str, Any]:
    members = {member.name: getattr(stated, member.name) for member in fields(stated)}
    if isinstance(stated, conditions.Data) and resolved.observations is not None:
        observed = resolved.observations
        columns = dict(zip(problem.domain.names, observed.coordinates.T.tolist(), strict=True))
        members["table"] = {**columns, "value": observed.values.tolist()}
        members["sigma"] = None if observed.sigma is None else observed.sigma.tolist()
    found = {name: _value_to_json(problem, value) for name, value in members.items()}
    return {"kind": type(stated).__name__.lower(), **found}


def _value_to_json(problem: Problem, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {"columns": {name: item if isinstance(item, list) else float(item) for name, item in value.items()}}
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    if isinstance(value, sympy.Eq):
        return {"left": _tree(problem, value.lhs), "right": _tree(problem, value.rhs)}
    return {"expression": _tree(problem, value)}


def _tree(problem: Problem, expression: Any) -> Any:
    """The tree of an expression, its fields written with the coordinates that the equations write them with."""
    found = canonicalise(expression)
    written = {f: field(field_name(f), _seen(problem, field_name(f))) for f in found.atoms(AppliedUndef)}
    return to_tree(found.xreplace(written))


def _condition_from_json(data: dict[str, Any]) -> conditions.Stated:
    given = dict(data)
    kind = _KINDS.get(given.pop("kind"))
    if kind is None:
        raise StatementError(f"the stored condition {data.get('kind')!r} is unknown; known: {', '.join(_KINDS)}")
    return kind(**{name: _value_from_json(value) for name, value in given.items()})


def _value_from_json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, (str, float, int)) for item in value):
        return value
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} stands where an expression, a name or a list of names is expected")
    if "columns" in value:
        return dict(value["columns"])
    return _equation_from_json(value) if "left" in value else from_tree(value["expression"])
