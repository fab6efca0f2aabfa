"""A problem as JSON data and back. What is stored is the statement; loading states it again, so it is checked again."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import sympy

from collocate.errors import CollocateError, StatementError
from collocate.expressions import canonicalise, from_tree, to_tree
from collocate.geometry import domain_from_json
from collocate.statement import conditions
from collocate.statement.declarations import Unknown

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
        conditions.Condition,
        conditions.Mean,
    )
}


def to_json(problem: Problem) -> dict[str, Any]:
    return {
        "version": VERSION,
        "name": problem.name,
        "domain": problem.domain.to_json(),
        "equations": [{"left": to_tree(e.left), "right": to_tree(e.right)} for e in problem.equations],
        "conditions": [_condition_to_json(stated) for stated in problem.stated],
        "unknowns": [{"name": unknown.name, "guess": repr(unknown.guess)} for unknown in problem.unknowns],
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
            "unknowns": [Unknown(sympy.Symbol(u["name"]), float(u["guess"])) for u in data["unknowns"]],
            "reference": {
                name: from_tree(value["expression"])
                for name, value in data["reference"].items()
                if "expression" in value
            },
            "scales": {name: float(value) for name, value in data["scales"].items()},
        }
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        if isinstance(error, CollocateError):
            raise
        raise StatementError(f"the stored statement is not well formed: {error!r}") from error


def _equation_from_json(data: dict[str, Any]) -> sympy.Basic:
    return sympy.Eq(from_tree(data["left"]), from_tree(data["right"]), evaluate=False)


def _condition_to_json(stated: conditions.Stated) -> dict[str, Any]:
    members = {member.name: getattr(stated, member.name) for member in fields(stated)}
    return {"kind": type(stated).__name__.lower(), **{name: _value_to_json(value) for name, value in members.items()}}


def _value_to_json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return sorted(value) if isinstance(value, (set, frozenset)) else list(value)
    if isinstance(value, sympy.Eq):
        return {"left": to_tree(canonicalise(value.lhs)), "right": to_tree(canonicalise(value.rhs))}
    return {"expression": to_tree(canonicalise(value))}


def _condition_from_json(data: dict[str, Any]) -> conditions.Stated:
    given = dict(data)
    kind = _KINDS.get(given.pop("kind"))
    if kind is None:
        raise StatementError(f"the stored condition {data.get('kind')!r} is unknown; known: {', '.join(_KINDS)}")
    return kind(**{name: _value_from_json(value) for name, value in given.items()})


def _value_from_json(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} stands where an expression, a name or a list of names is expected")
    return _equation_from_json(value) if "left" in value else from_tree(value["expression"])
