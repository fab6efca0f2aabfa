"""Complex fields as pairs of real ones: h = u + I*v in equations and conditions is taken apart into two real ones."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import StatementError
from collocate.expressions import symbol
from collocate.expressions.canonical import as_expression, field, field_name
from collocate.statement.conditions import Condition, Stated


def split_equations(equations: Any) -> Any:
    """Equations that hold I as two: the real part, then the imaginary part. What holds none stays as it is."""
    given = list(equations) if isinstance(equations, (list, tuple)) else [equations]
    if not any(map(_is_complex, given)):
        return equations
    expressions = [equation for equation in given if isinstance(equation, sympy.Basic)]
    held = {field_name(applied) for expression in expressions for applied in expression.atoms(AppliedUndef)}
    if len(held) == 1:
        raise StatementError(
            f"an equation is complex: it holds I, but its only field, {held.pop()}, is real. A complex field is a pair "
            "of real ones: h = u + I*v with u = Function('u')(x, t) and v = Function('v')(x, t)"
        )
    return [part for equation in given for part in (_split(equation) if _is_complex(equation) else [equation])]


def split_conditions(conditions: Sequence[Any]) -> Any:
    """Conditions on u + I*v as one on u and one on v; a `Condition` with I as two."""
    if not isinstance(conditions, (list, tuple)):
        return conditions
    return [part for condition in conditions for part in _split_condition(condition)]


def _is_complex(value: Any) -> bool:
    return isinstance(value, sympy.Basic) and value.has(sympy.I)


def _split(equation: sympy.Eq) -> list[Any]:
    if not isinstance(equation, sympy.Eq):
        return [equation]
    parts = _parts(equation.lhs - equation.rhs)
    return [sympy.Eq(part, 0, evaluate=False) for part in parts if part != 0]


def _split_condition(condition: Any) -> list[Any]:
    if not isinstance(condition, Stated):
        return [condition]
    members = {member.name: getattr(condition, member.name) for member in fields(condition)}
    if not any(map(_is_complex, members.values())):
        return [condition]
    if isinstance(condition, Condition):
        return [replace(condition, equation=part) for part in _split(condition.equation)]
    if "u" in members and not _is_complex(members["u"]):
        return [condition]  # a complex value of a real field: refused where it is read
    split = {name: _halves(value, str(condition)) for name, value in members.items() if name in ("u", "g", "value")}
    if "u" not in split:
        raise StatementError(f"{condition} holds I; state it for the real and for the imaginary part, as two")
    return [replace(condition, **{name: halves[part] for name, halves in split.items()}) for part in (0, 1)]


def _halves(value: Any, where: str) -> tuple[Any, Any]:
    """Real and imaginary part of a field u + I*v or its derivative, or of a value."""
    is_complex = isinstance(value, numbers.Complex) and not isinstance(value, numbers.Real)
    expression = sympy.sympify(complex(value)) if is_complex else as_expression(value, where)
    found = _parts(expression)
    if expression.atoms(AppliedUndef) and 0 in found:
        raise StatementError(f"{where}: a complex field is written u + I*v with two real fields u and v; got {value}")
    return found


def _parts(expression: Any) -> tuple[Any, Any]:
    """Real and imaginary part, where symbols, fields, their derivatives and the bounds of integrals are real."""
    real = expression.xreplace({name: symbol(name.name) for name in expression.atoms(sympy.Symbol)})
    real = real.xreplace({f: field(field_name(f), f.args) for f in real.atoms(AppliedUndef)})
    real = real.doit(integrals=False) if real.atoms(sympy.Derivative) else real
    dummies = {node: sympy.Dummy(real=True) for node in real.atoms(sympy.Derivative)}
    dummies |= {node: sympy.Dummy(real=True) for node in real.atoms(AppliedUndef)}
    back = {dummy: node for node, dummy in dummies.items()}
    for node in real.atoms(sympy.Integral):
        halves = {sympy.Dummy(real=True): sympy.Integral(half, *node.limits) for half in _parts(node.function)}
        dummies[node] = sum(unit * dummy for unit, dummy in zip((1, sympy.I), halves, strict=True))
        back |= {dummy: half if half.function != 0 else sympy.S.Zero for dummy, half in halves.items()}
    first, second = sympy.expand(real.xreplace(dummies)).as_real_imag()
    return first.xreplace(back), second.xreplace(back)
