"""Expressions as they are asked of a solution: SymPy or text, read in the words of its problem."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from collocate.errors import ExpressionError
from collocate.expressions import canonicalise, check_supported, parse
from collocate.expressions.canonical import field_name
from collocate.geometry import NORMAL
from collocate.statement import Problem


def read_expression(problem: Problem, expression: Any, normals: bool = False) -> sympy.Expr:
    """The canonical expression, fields in the domain's order of coordinates.

    Raises ExpressionError for text that cannot be read, conditions, names that the problem does not have, and for
    `normal(x)` unless `normals`.
    """
    names: dict[str, Any] = dict(zip(problem.field_names, problem.fields, strict=True))
    names |= {symbol.name: symbol for symbol in problem.coordinates}
    names |= {unknown.name: unknown.symbol for unknown in problem.unknowns}
    normal = {NORMAL + name: sympy.Symbol(NORMAL + name, real=True) for name in problem.domain.space}
    known = names | (normal if normals else {})
    found = parse(expression, known) if isinstance(expression, str) else canonicalise(expression)
    if isinstance(found, Boolean) and not isinstance(found, sympy.Symbol):
        raise ExpressionError(f"{found} is a condition, not a number; write Piecewise((1, {found}), (0, True))")
    found = _in_order(problem, found)
    _refuse_strangers(problem, found, known)
    check_supported(found)
    return found


def _in_order(problem: Problem, found: Any) -> Any:
    """u(t, x) as u(x, t), and k(x) with the coordinates that the problem gave it: the others, and parameters.

    Raises ExpressionError for a field that is not of the problem.
    """
    known = dict(zip(problem.field_names, problem.fields, strict=True))
    ordered = {}
    for written in found.atoms(AppliedUndef):
        own = known.get(field_name(written))
        if own is None or not _stands_for(problem, written, own):
            raise ExpressionError(f"the field {written} is not of this problem, {_inventory(problem)}")
        ordered[written] = own
    return found.xreplace(ordered).doit() if any(key != value for key, value in ordered.items()) else found


def _stands_for(problem: Problem, written: AppliedUndef, own: AppliedUndef) -> bool:
    """Whether a field is written with all that it depends on; parameters may be left out."""
    needed = {
        x for x in own.args if x.name in problem.sees[field_name(own)] and x.name not in problem.domain.parameters
    }
    return needed <= set(written.args) <= set(own.args) and len(set(written.args)) == len(written.args)


def _refuse_strangers(problem: Problem, found: Any, known: dict[str, Any]) -> None:
    symbols = {name for name, value in known.items() if isinstance(value, sympy.Symbol)}
    strangers = sorted({symbol.name for symbol in found.free_symbols} - symbols)
    if not strangers:
        return
    hint = ""
    if strangers[0].startswith(NORMAL):
        hint = "; a normal stands only in integrate(…, over=…) on the boundary"
    elif strangers[0] in problem.field_names:
        hint = f"; {strangers[0]} is a field: write it {problem.field(strangers[0])}, or as text"
    raise ExpressionError(f"the symbol {strangers[0]!r} is not of this problem, {_inventory(problem)}{hint}")


def _inventory(problem: Problem) -> str:
    """All that an expression may be made of."""
    fields = ", ".join(map(str, problem.fields))
    unknowns = f", the unknown {', '.join(unknown.name for unknown in problem.unknowns)}" if problem.unknowns else ""
    return f"which has the field {fields}, the coordinates {', '.join(problem.domain.names)}{unknowns}"
