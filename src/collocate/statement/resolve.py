"""Conditions made canonical: each stated one becomes a record with its residual and the faces on which it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError, StatementError
from collocate.expressions import number, symbol
from collocate.expressions.canonical import field_name
from collocate.expressions.printing import to_text
from collocate.geometry import Domain
from collocate.statement import conditions, observations
from collocate.statement.conditions import normal
from collocate.statement.observations import MEASURED, Observations
from collocate.statement.regions import Selection, less, select
from collocate.statement.vocabulary import Vocabulary, sides


@dataclass(frozen=True)
class ResolvedCondition:
    """One condition: `residual` (canonical, normals as symbols) is zero on the `selections`.

    kind: "dirichlet", "neumann", "robin", "periodic", "initial", "final", "condition", "mean", "data"; `field` the
    first of `fields`.
    value: what a bare field or derivative is set to (g; the mean). order: of the derivative: in time for "initial" and
    "final", the number of agreeing derivatives for "periodic" (0 … order − 1), the highest in the residual else.
    coordinate: of "periodic". A "mean" has no selections: it is a reduced residual, the mean of `residual` over the
    domain. "data" hold at the points of its `observations`, with the symbol `MEASURED` for what was measured there.
    """

    kind: str
    fields: tuple[str, ...]
    residual: sympy.Expr
    value: sympy.Expr
    order: int
    selections: tuple[Selection, ...] = ()
    coordinate: str | None = None
    label: str = ""
    observations: Observations | None = None

    @property
    def field(self) -> str:
        return self.fields[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the faces."""
        return tuple(selection.part for selection in self.selections)


@dataclass(frozen=True)
class Words:
    """What resolving needs to know: the vocabulary and the highest derivative order of (field, coordinate)."""

    vocabulary: Vocabulary
    order: Callable[[str, str], int]

    @property
    def domain(self) -> Domain:
        return self.vocabulary.domain


def resolve(stated: Sequence[Any], words: Words) -> tuple[ResolvedCondition, ...]:
    """All conditions of a problem, in the order stated. Raises StatementError for what doesn't fit."""
    drafts = [_draft(condition, words) for condition in stated]
    claims = [(set(draft.fields), draft.selections) for draft, on in drafts if on is not None]
    resolved = [
        draft if on is not None else _remainder(draft, claims, words.domain, str(condition))
        for (draft, on), condition in zip(drafts, stated, strict=True)
    ]
    return _labelled(resolved)


def _draft(stated: Any, words: Words) -> tuple[ResolvedCondition, Any]:
    """The record and its `on`; `on` is None where the rest of the boundary is meant."""
    rule = _RULES.get(type(stated))
    if rule is None:
        kinds = ", ".join(kind.__name__ for kind in _RULES)
        hint = f"; write Condition({stated}, on=…)" if isinstance(stated, sympy.Basic) else ""
        raise StatementError(f"{stated!r} is no condition; conditions are {kinds}{hint}")
    draft = rule(stated, words, str(stated))
    if draft.kind in ("periodic", "initial", "final", "mean", "data"):
        return draft, draft.kind
    return replace(draft, selections=select(stated.on, words.domain, str(stated))), stated.on


def _remainder(
    draft: ResolvedCondition, claims: list[tuple[set[str], tuple[Selection, ...]]], domain: Domain, where: str
) -> ResolvedCondition:
    left = list(draft.selections)
    for fields, selections in claims:
        if fields & set(draft.fields):
            for claimed in selections:
                left = [rest for one in left if (rest := less(one, claimed, domain)) is not None]
    if not left:
        raise StatementError(
            f"{where} has no on=, so it holds on what other conditions on {', '.join(draft.fields)} leave of the "
            "boundary, and they leave nothing; say where it holds with on=, or remove it"
        )
    return replace(draft, selections=tuple(left))


def _dirichlet(stated: conditions.Dirichlet, words: Words, where: str) -> ResolvedCondition:
    u = words.vocabulary.field(stated.u, where)
    g = words.vocabulary.read(stated.g, where, fields=False)
    return ResolvedCondition("dirichlet", (field_name(u),), u - g, g, 0)


def _flux(u: AppliedUndef, words: Words) -> sympy.Expr:
    space = [symbol(name) for name in words.domain.space]
    return sympy.Add(*(normal(x) * sympy.diff(u, x) for x in space))


def _neumann(stated: conditions.Neumann, words: Words, where: str) -> ResolvedCondition:
    u = words.vocabulary.field(stated.u, where)
    g = words.vocabulary.read(stated.g, where, fields=False)
    return ResolvedCondition("neumann", (field_name(u),), _flux(u, words) - g, g, 1)


def _robin(stated: conditions.Robin, words: Words, where: str) -> ResolvedCondition:
    u = words.vocabulary.field(stated.u, where)
    a, b, g = (words.vocabulary.read(value, where, fields=False) for value in (stated.a, stated.b, stated.g))
    if a == b == 0:
        raise StatementError(f"{where}: a and b are both 0, so it says nothing about {u}; give one of them a value")
    if b == 0:
        raise StatementError(f"{where}: b is 0, so this is a value, not a flux: write Dirichlet({u}, {to_text(g / a)})")
    residual = a * u + b * _flux(u, words) - g
    return ResolvedCondition("robin", (field_name(u),), residual, g, 1)


def _periodic(stated: conditions.Periodic, words: Words, where: str) -> ResolvedCondition:
    u = words.vocabulary.field(stated.u, where)
    name = stated.x.name if isinstance(stated.x, sympy.Symbol) else stated.x
    if name not in words.domain.names:
        raise StatementError(f"{where}: {name} isn't a coordinate; those are {', '.join(words.domain.names)}")
    if name == words.domain.time:
        raise StatementError(
            f"{where}: {name} is a Time, which has Initial conditions. For a solution periodic in time declare "
            f"the coordinate as Interval({name}, a, b)"
        )
    faces = tuple(Selection(part.name) for part in words.domain.parts if part.coordinate == name)
    if len(faces) != 2:
        raise StatementError(f"{where}: the domain {words.domain} has no two whole ends in {name} to join")
    order = max(words.order(field_name(u), name), 1)
    return ResolvedCondition("periodic", (field_name(u),), u, sympy.Integer(0), order, faces, coordinate=name)


def _initial(stated: conditions.Initial, words: Words, where: str) -> ResolvedCondition:
    return _in_time("initial", stated, words, where)


def _final(stated: conditions.Final, words: Words, where: str) -> ResolvedCondition:
    return _in_time("final", stated, words, where)


def _in_time(kind: str, stated: conditions.Initial | conditions.Final, words: Words, where: str) -> ResolvedCondition:
    face = words.domain.initial if kind == "initial" else words.domain.final
    if face is None:
        end, side = ("lower", "left") if kind == "initial" else ("upper", "right")
        raise StatementError(
            f"{where}: the domain {words.domain} has no Time. Multiply it by Time(t, 0, 1) (an ODE in t has the domain "
            f"Time(t, 0, 1) alone), or write Dirichlet(u, g, on='{side}') for a value at the {end} end in space"
        )
    time = symbol(str(face.coordinate))
    left = words.vocabulary.read(stated.u, where)
    u = left.expr if isinstance(left, sympy.Derivative) else left
    if not isinstance(u, AppliedUndef) or (left != u and set(left.variables) != {time}):
        raise StatementError(
            f"{where}: {'an initial' if kind == 'initial' else 'a final'} condition is on a field or its derivative by "
            f"{time}; got {to_text(left)}"
        )
    order = left.derivative_count if left != u else 0
    g = words.vocabulary.read(stated.g, where, fields=False).xreplace({time: face.exact})
    selections = (Selection(face.name),)
    return ResolvedCondition(kind, (field_name(u),), left - g, g, order, selections, coordinate=face.coordinate)


def _condition(stated: conditions.Condition, words: Words, where: str) -> ResolvedCondition:
    left, right = sides(stated.equation, where)
    residual = words.vocabulary.read(left - right, where, normals=True)
    fields = tuple(sorted(map(field_name, residual.atoms(AppliedUndef))))
    if not fields:
        raise StatementError(f"{where}: the condition holds no field, so it says nothing about the solution")
    order = max((node.derivative_count for node in residual.atoms(sympy.Derivative)), default=0)
    return ResolvedCondition("condition", fields, residual, sympy.Integer(0), order)


def _mean(stated: conditions.Mean, words: Words, where: str) -> ResolvedCondition:
    expression = words.vocabulary.read(stated.expression, where)
    value = words.vocabulary.read(stated.value, where, fields=False)
    fields = tuple(sorted(map(field_name, expression.atoms(AppliedUndef))))
    if not fields:
        raise StatementError(f"{where}: {to_text(expression)} holds no field; write Mean(u, 0) with a field u")
    if not value.is_number:
        raise StatementError(f"{where}: the mean is a number; got {to_text(value)}")
    if words.domain.parameters:
        held = ", ".join(words.domain.parameters)
        raise StatementError(
            f"{where}: a mean is over the whole domain, the parameters ({held}) too, and would leave each of their "
            "values a mean of its own; fix the field at a place instead: Condition(Eq(…, …), on=…) or Dirichlet(…)"
        )
    order = max((node.derivative_count for node in expression.atoms(sympy.Derivative)), default=0)
    return ResolvedCondition("mean", fields, expression - value, value, order)


def _point(stated: conditions.Point, words: Words, where: str) -> ResolvedCondition:
    value = words.vocabulary.read(stated.value, where, fields=False)
    strangers = {symbol.name for symbol in value.free_symbols} - set(words.vocabulary.unknowns)
    if strangers:
        raise StatementError(f"{where}: the value at a point is a number; got {to_text(value)}")
    if set(stated.at) != set(words.domain.names):
        wanted = ", ".join(f"{name}=…" for name in words.domain.names)
        raise StatementError(
            f"{where}: a point has one number for each coordinate ({wanted}); got {', '.join(stated.at) or 'none'}. "
            "A value along a whole line or face is a Dirichlet, Initial or Condition with on="
        )
    table = {name: [_coordinate(stated.at[name], f"{where}: {name}")] for name in words.domain.names}
    observed = observations.read({**table, "value": [0.0]}, None, words.domain, None, where)
    expression, fields, order = _observed(stated.expression, words, where)
    return ResolvedCondition("data", fields, expression - value, value, order, observations=observed)


def _coordinate(value: Any, where: str) -> float:
    try:
        return float(number(value, where))
    except ExpressionError as error:
        raise StatementError(str(error)) from error


def _data(stated: conditions.Data, words: Words, where: str) -> ResolvedCondition:
    expression, fields, order = _observed(stated.expression, words, where)
    name = fields[0] if isinstance(expression, AppliedUndef) else None
    observed = observations.read(stated.table, stated.sigma, words.domain, name, where)
    residual = expression - symbol(MEASURED)
    return ResolvedCondition("data", fields, residual, sympy.Integer(0), order, observations=observed)


def _observed(given: Any, words: Words, where: str) -> tuple[sympy.Expr, tuple[str, ...], int]:
    """What is measured, its fields, and the highest derivative in it."""
    expression = words.vocabulary.read(given, where)
    fields = tuple(sorted(map(field_name, expression.atoms(AppliedUndef))))
    if not fields:
        raise StatementError(f"{where}: {to_text(expression)} holds no field, so nothing is said about the solution")
    return expression, fields, max((d.derivative_count for d in expression.atoms(sympy.Derivative)), default=0)


_RULES: dict[type, Callable[[Any, Words, str], ResolvedCondition]] = {
    conditions.Dirichlet: _dirichlet,
    conditions.Neumann: _neumann,
    conditions.Robin: _robin,
    conditions.Periodic: _periodic,
    conditions.Initial: _initial,
    conditions.Final: _final,
    conditions.Condition: _condition,
    conditions.Mean: _mean,
    conditions.Point: _point,
    conditions.Data: _data,
}


def _labelled(resolved: list[ResolvedCondition]) -> tuple[ResolvedCondition, ...]:
    """Readable labels, each once: they name the residuals."""
    seen: Counter[str] = Counter()
    found = []
    for condition in resolved:
        label = _label(condition)
        seen[label] += 1
        found.append(replace(condition, label=label if seen[label] == 1 else f"{label} ({seen[label]})"))
    return tuple(found)


def _label(condition: ResolvedCondition) -> str:
    fields = ", ".join(condition.fields)
    if condition.kind in ("initial", "final"):
        suffix = "_" + str(condition.coordinate) * condition.order if condition.order else ""
        return f"{condition.kind} {fields}{suffix}"
    if condition.kind == "periodic":
        return f"periodic {fields} in {condition.coordinate}"
    if condition.kind in ("mean", "data"):
        return f"{condition.kind} {fields}"
    return f"{condition.kind} {fields} on {', '.join(map(str, condition.selections))}"
