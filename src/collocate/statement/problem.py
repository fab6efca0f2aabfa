"""A problem: equations on a domain with conditions, validated when it is built, as canonical data for the planner."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import NotYetError, StatementError, checked_arguments, warn
from collocate.expressions import number, symbol
from collocate.expressions.canonical import field_name
from collocate.expressions.printing import to_text
from collocate.geometry import Domain, as_domain
from collocate.geometry.naming import shortened
from collocate.statement import storage, text
from collocate.statement.checks import (
    check_conflicts,
    check_time_order,
    derivative_warnings,
    equation_warnings,
    jump_warnings,
    level_warnings,
    mean_warnings,
    space_warnings,
)
from collocate.statement.complex_pairs import split_conditions, split_equations
from collocate.statement.conditions import Stated
from collocate.statement.declarations import Parameter, Unknown
from collocate.statement.integrals import check_bounds, without_integrals
from collocate.statement.observations import Observations
from collocate.statement.reference import Reference, read_reference
from collocate.statement.resolve import ResolvedCondition, Words, resolve
from collocate.statement.vocabulary import Equation, Vocabulary, read_equations


class Problem:
    """Equations (one `Eq` or a list) on a domain, with conditions.

    unknowns: numbers and fields to be found. parameters: numbers that become coordinates of every field, each over its
    range. A complex field is written u + I*v; an equation and a condition with I become two.
    reference: an expression, {u: expression}, or a callable on arrays by keyword; shown and recorded, never trained on.
    scales: {coordinate or field or unknown: typical magnitude}. name: what reports call it.

    domain: Domain. coordinates: its canonical symbols. fields: canonical applied functions, sorted by name.
    equations: tuple of `Equation`. conditions: tuple of `ResolvedCondition`. unknowns: the unknown numbers, a tuple of
    `Unknown`; unknown_fields: {name: `Unknown`}. sees: {field: the coordinates that it depends on}. The domain has the
    parameters among its coordinates.
    warnings: remarks on the number of equations and of conditions in space.

    Raises StatementError (or ExpressionError, NotYetError) for whatever doesn't fit together.
    """

    @checked_arguments
    def __init__(
        self,
        equations: Any,
        domain: Any,
        conditions: Sequence[Any] = (),
        unknowns: Sequence[Unknown] = (),
        parameters: Sequence[Parameter] = (),
        reference: Any = None,
        scales: Mapping[Any, Any] | None = None,
        *,
        name: str | None = None,
    ):
        self.name = name
        self.domain: Domain = _with_parameters(as_domain(domain), parameters)
        declared = _unknowns(unknowns)
        self.unknowns = tuple(unknown for unknown in declared if not unknown.is_field)
        self.unknown_fields = {unknown.name: unknown for unknown in declared if unknown.is_field}
        read = read_equations(split_equations(equations))
        names = tuple(unknown.name for unknown in self.unknowns)
        vocabulary = Vocabulary.of(self.domain, names, read, tuple(self.unknown_fields))
        self.sees: Mapping[str, tuple[str, ...]] = vocabulary.sees
        self.fields: tuple[AppliedUndef, ...] = tuple(sorted(set(vocabulary.fields.values()), key=field_name))
        self.equations: tuple[Equation, ...] = tuple(
            Equation(where, *(vocabulary.read(side, where, integrals=True) for side in sides)) for where, *sides in read
        )
        for equation in self.equations:
            check_bounds(equation.residual, self.domain, equation.name)
        self.stated: tuple[Stated, ...] = _as_tuple(split_conditions(conditions), "conditions", Stated)
        self.conditions: tuple[ResolvedCondition, ...] = resolve(self.stated, Words(vocabulary, self.order))
        self._check_unknowns_used()
        check_time_order(self.fields, self.order, self.conditions, self.domain, bool(declared))
        check_conflicts(self.conditions, self.domain)
        self.reference: Reference = read_reference(reference, vocabulary)
        self.scales = _scales(scales, self.field_names, {*self.domain.names, *self.field_names, *vocabulary.unknowns})
        self.warnings: tuple[str, ...] = (
            *equation_warnings(
                [u for u in self.fields if field_name(u) not in self.unknown_fields], len(self.equations)
            ),
            *space_warnings(
                [u for u in self.fields if field_name(u) not in self.unknown_fields],
                self.order,
                self.conditions,
                self.domain,
                [unknown.name for unknown in self.unknowns],
            ),
            *mean_warnings(sorted(self.floating), self.sees, self.order, self.domain),
            *level_warnings(self._unlevelled()),
            *jump_warnings([equation.residual for equation in self.equations]),
            *derivative_warnings([equation.residual for equation in self.equations], self.fields),
        )
        for message in self.warnings:
            warn(message)

    @property
    def coordinates(self) -> tuple[sympy.Symbol, ...]:
        return self.domain.coordinates

    @property
    def field_names(self) -> tuple[str, ...]:
        return tuple(map(field_name, self.fields))

    def field(self, name: str) -> AppliedUndef:
        """The canonical field of that name."""
        return dict(zip(self.field_names, self.fields, strict=True))[name]

    def order(self, field: str | AppliedUndef, coordinate: str | sympy.Symbol) -> int:
        """The highest order to which the equations differentiate a field by a coordinate."""
        wanted = field if isinstance(field, str) else field_name(field)
        by = coordinate if isinstance(coordinate, str) else coordinate.name
        derivatives = {node for equation in self.equations for node in _derivatives(equation)}
        return max(
            (
                sum(int(count) for variable, count in node.variable_count if variable.name == by)
                for node in derivatives
                if field_name(node.expr) == wanted
            ),
            default=0,
        )

    @property
    def floating(self) -> frozenset[str]:
        """Fields that all but a `Mean` fixes up to a constant: they are compared after removing the means."""
        return frozenset(name for name, field in zip(self.field_names, self.fields, strict=True) if self._floats(field))

    def _floats(self, field: AppliedUndef) -> bool:
        has_mean = any(c.kind == "mean" and c.residual + c.value == field for c in self.conditions)
        return has_mean and self._only_differentiated(field)

    def _only_differentiated(self, field: AppliedUndef) -> bool:
        """Whether nothing but means tells one field from the same field plus a constant."""
        if any(c.kind == "data" and field_name(field) in c.fields for c in self.conditions):
            return False
        told = [c.residual for c in self.conditions if c.kind not in ("mean", "periodic")]
        told += [equation.residual for equation in self.equations]
        return not any(_undifferentiated(residual).has(field) for residual in told)

    def _unlevelled(self) -> list[AppliedUndef]:
        """Fields that nothing at all fixes up to a constant."""
        held = {name for c in self.conditions if c.kind == "mean" for name in c.fields}
        return [u for u in self.fields if self._only_differentiated(u) and field_name(u) not in held]

    def describe(self) -> str:
        """The statement as text, one line an item."""
        lines = [("problem", self.name)] if self.name else []
        lines += [("fields", ", ".join(map(str, self.fields))), ("domain", str(self.domain))]
        lines += [(equation.name, str(equation)) for equation in self.equations]
        lines += [("condition", _described(condition)) for condition in self.conditions]
        lines += [("unknown", _described_unknown(unknown)) for unknown in self.unknowns]
        lines += [("unknown", f"the field {unknown.quantity}") for unknown in self.unknown_fields.values()]
        lines += [
            ("reference", f"{name} = {to_text(value) if isinstance(value, sympy.Basic) else 'a function of arrays'}")
            for name, value in self.reference.items()
        ]
        lines += [("warning", message) for message in self.warnings]
        width = max(len(title) for title, _ in lines)
        return "\n".join(f"{title:<{width}}  {text}" for title, text in lines)

    def __repr__(self) -> str:
        equations = "; ".join(map(str, self.equations))
        return f"<Problem {self.name + ': ' if self.name else ''}{equations} on {self.domain}>"

    def to_json(self) -> dict[str, Any]:
        """The statement as JSON data; a reference function is recorded as present, not stored."""
        return storage.to_json(self)

    @classmethod
    def from_json(cls, data: Any) -> Problem:
        """The problem that `to_json` wrote, validated anew. Raises StatementError or ExpressionError."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they were shown when it was stated; `warnings` keeps them
            return cls(**storage.arguments(data))

    @property
    def observations(self) -> dict[str, Observations]:
        """What was measured, by the label of its condition."""
        return {c.label: c.observations for c in self.conditions if c.observations is not None}

    @classmethod
    @checked_arguments
    def from_text(
        cls,
        equations: str | Sequence[str],
        domain: str,
        initial: str | Sequence[str] = (),
        boundary: str | Sequence[str] = (),
        unknowns: str | Sequence[str] = (),
        reference: str | Sequence[str] = (),
        *,
        final: str | Sequence[str] = (),
        data: Any = (),
        name: str | None = None,
    ) -> Problem:
        """The problem that texts state, each argument one text or a list of them; nothing in them is executed.

            Problem.from_text("u_t + u*u_x = 0.01/pi*u_xx", "x: -1..1, t: 0..1", "u = -sin(pi*x)", "u = 0")

        initial: "u = …", "u_t = …". boundary: "u = 0", "u = 0 on left", "du/dn = 1 on x = 1", "2*u + du/dn = 0 on top",
        "u periodic in x". unknowns: "nu = 0.1", with the first guess. reference: "u = …". In the domain `t` and `time`
        are the Time, as is any name after the word: "time s: 0..1"; "space t: 0..1" makes t a coordinate of space.
        A name is a field where it has a derivative or a condition. final: as initial, at the end of time. data: a table
        as `Data` takes it, or a list of them, with a column for each measured field and maybe "sigma".

        Raises StatementError or ExpressionError that quotes the part that is wrong and a spelling that works.
        """
        stated = text.arguments(equations, domain, initial, boundary, unknowns, reference, final, data)
        return cls(**stated, name=name)

    def _check_unknowns_used(self) -> None:
        for name, unknown in self.unknown_fields.items():
            if name not in self.field_names:
                raise StatementError(
                    f"the unknown field {unknown.quantity} stands in no equation, so nothing determines it"
                )
        used = {symbol.name for item in (*self.equations, *self.conditions) for symbol in item.residual.free_symbols}
        for parameter in self.domain.parameters:
            if not any(_names(item.residual, parameter) for item in (*self.equations, *self.conditions)):
                raise StatementError(
                    f"the parameter {parameter} stands in no equation and no condition; leave it out, or use it"
                )
        for unknown in self.unknowns:
            if unknown.name not in used:
                raise StatementError(
                    f"the unknown {unknown.name} stands in no equation and no condition, so nothing determines it"
                )


def _names(residual: sympy.Expr, parameter: str) -> bool:
    """Whether a residual holds a parameter itself: every canonical field has it among its coordinates."""
    bare = _undifferentiated(residual)
    bare = bare.xreplace({applied: sympy.Dummy() for applied in bare.atoms(AppliedUndef)})
    by = {v.name for node in residual.atoms(sympy.Derivative) for v in node.variables}
    return parameter in by or symbol(parameter) in bare.free_symbols


def _undifferentiated(residual: sympy.Expr) -> sympy.Expr:
    """The residual with its derivatives taken out."""
    return residual.xreplace({node: sympy.Dummy() for node in residual.atoms(sympy.Derivative)})


def _derivatives(equation: Equation) -> set[Any]:
    return without_integrals(equation.residual).atoms(sympy.Derivative)


def _with_parameters(domain: Domain, parameters: Any) -> Domain:
    found = _as_tuple(parameters, "parameters", Parameter)
    for parameter in found:
        if not isinstance(parameter, Parameter):
            raise StatementError(f"parameters holds {parameter!r}; write Parameter({parameter}, lowest, highest)")
    return Domain((*domain.shapes, *(parameter.range for parameter in found)))


def _described_unknown(unknown: Unknown) -> str:
    low, high = unknown.bounds
    bounds = "" if low is high is None else f", from {_bound(low)} to {_bound(high)}"
    return f"{unknown.name}, guess {unknown.guess:g}{bounds}"


def _bound(value: float | None) -> str:
    return "any" if value is None else f"{value:g}"


def _described(condition: ResolvedCondition) -> str:
    if condition.observations is not None:
        count = len(condition.observations.values)
        return f"{condition.label}: {to_text(condition.residual)} = 0 at {count} point{'s' * (count != 1)}"
    if condition.kind == "periodic":
        return condition.label
    what = "mean of " if condition.kind == "mean" else ""
    return f"{shortened(condition.label)}: {what}{to_text(condition.residual)} = 0"


def _as_tuple(given: Any, what: str, kind: type) -> tuple[Any, ...]:
    if isinstance(given, kind):
        return (given,)
    if not isinstance(given, (list, tuple)):
        raise StatementError(f"{what} must be a list; got {given!r}")
    return tuple(given)


def _unknowns(given: Any) -> tuple[Unknown, ...]:
    found = _as_tuple(given, "unknowns", Unknown)
    for unknown in found:
        if not isinstance(unknown, Unknown):
            raise StatementError(f"unknowns holds {unknown!r}; write Unknown({unknown}, guess)")
    return found


def _scales(given: Mapping[Any, Any] | None, fields: Sequence[str], known: set[str]) -> dict[str, float]:
    found = {}
    for key, value in (given or {}).items():
        name = field_name(key) if isinstance(key, AppliedUndef) else str(key)
        if name not in known:
            raise StatementError(f"scales names {name!r}; the problem has {', '.join(sorted(known))}")
        if name not in fields:
            raise NotYetError(
                f"scales of coordinates and unknowns come with a later release; {name!r} is none of a field"
            )
        magnitude = float(number(value, f"the scale of {name}"))
        if not (math.isfinite(magnitude) and magnitude > 0):
            raise StatementError(f"the scale of {name} must be a positive number; got {value!r}")
        found[name] = magnitude
    return found
