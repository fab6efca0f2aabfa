"""Chosen functions in place of the fields of a statement: derivatives and integrals of them, exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions import canonicalise, field
from collocate.expressions.canonical import field_name
from collocate.statement import Problem
from collocate.statement.integrals import OUTER


class ExactFields:
    """`exact(expression)`: the expression with the chosen functions for the fields, unknowns at their guess.

    Raises StatementError for functions that do not fit the problem, and for an integral that has no closed form.
    """

    def __init__(self, problem: Problem, chosen: Any):
        self.problem, self.fields = problem, by_field(problem, chosen)
        self.unknowns = {unknown.symbol: sympy.Float(unknown.guess) for unknown in problem.unknowns}

    def __call__(self, expression: sympy.Expr) -> sympy.Expr:
        integrals = {node: self._integral(node) for node in expression.atoms(sympy.Integral)}
        whole = expression.xreplace(integrals)
        nodes = whole.atoms(sympy.Derivative) | whole.atoms(AppliedUndef)
        return whole.xreplace({**{node: self._value(node) for node in nodes}, **self.unknowns})

    def _value(self, node: Any) -> sympy.Expr:
        if isinstance(node, sympy.Derivative):
            return sympy.diff(self.fields[field_name(node.expr)], *node.variable_count)
        return self.fields[field_name(node)]

    def _integral(self, node: sympy.Integral) -> sympy.Expr:
        """Its variable is the field's coordinate; the point of the equation has another name in the integrand."""
        coordinate, lower, upper = node.limits[0]
        dummy = sympy.Dummy(coordinate.name, real=True)
        integrand = self(node.function).xreplace({coordinate: dummy})
        outer = {s: _inner(s) for s in integrand.free_symbols if s.name.startswith(OUTER)}
        limits = (bound.xreplace(self.unknowns) for bound in (lower, upper))
        found = sympy.integrate(integrand.xreplace(outer), (dummy, *limits))
        if found.has(sympy.Integral, sympy.Piecewise) or (not found.is_finite and found.is_number):
            raise StatementError(
                f"SymPy finds no closed form of the integral of {integrand} over {coordinate.name} from {lower} to "
                f"{upper}; choose another function, such as a polynomial"
            )
        return found


def _inner(outer: sympy.Symbol) -> sympy.Symbol:
    return sympy.Symbol(outer.name.removeprefix(OUTER), real=True)


def by_field(problem: Problem, given: Any) -> dict[str, sympy.Expr]:
    """Canonical expressions by field. Raises StatementError for one too few, too many, or not of its coordinates."""
    if not isinstance(given, Mapping):
        if len(problem.fields) > 1:
            names = ", ".join(f"{name}: …" for name in problem.field_names)
            raise StatementError(f"the problem has several fields: give u={{{names}}}; got {given}")
        given = {problem.field_names[0]: given}
    found = {}
    for key, value in given.items():
        name = field_name(key) if isinstance(key, AppliedUndef) else str(key)
        expression = canonicalise(value, f"the chosen {name}")
        seen = problem.sees.get(name, problem.domain.names)
        strangers = {symbol.name for symbol in expression.free_symbols} - set(seen)
        if strangers or expression.atoms(AppliedUndef):
            raise StatementError(f"the chosen {name} = {expression} must be an expression of {', '.join(seen)} alone")
        found[name] = expression
    if set(found) != set(problem.field_names):
        raise StatementError(f"u names {', '.join(found)}; the problem has {', '.join(problem.field_names)}")
    return found


def as_written(problem: Problem, given: Any) -> Any:
    """An equation or expression, its fields with the coordinates that they see: unknown fields may see fewer."""
    found = canonicalise(given)
    seen = {f: [c for c in problem.coordinates if c.name in problem.sees[field_name(f)]] for f in _fields(found)}
    return found.xreplace({f: field(field_name(f), tuple(coordinates)) for f, coordinates in seen.items()})


def _fields(expression: Any) -> set[Any]:
    return expression.atoms(AppliedUndef)
