"""Expressions as presentation MathML, which browsers set by themselves: no script, no font, no network."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from sympy import Derivative, Symbol
from sympy.printing.mathml import MathMLPresentationPrinter

from collocate.expressions import symbol
from collocate.expressions.canonical import field_name
from collocate.expressions.printing import shown
from collocate.geometry import NORMAL, Domain
from collocate.geometry.naming import shortened
from collocate.statement import MEASURED, Equation, Observations, Problem, ResolvedCondition

_MINUS = "−"


class _Printer(MathMLPresentationPrinter):
    """Fields without their coordinates, and derivatives as subscripts: u for u(x, t), u with xx below for u_xx."""

    def _print_AppliedUndef(self, expr: Any) -> Any:
        return self._element("mi", field_name(expr))

    def _print_Derivative(self, expr: Any) -> Any:
        variables = [variable.name for variable, count in expr.variable_count for _ in range(int(count))]
        below = self._element("mrow", *(self._element("mi", name) for name in variables))
        return self._element("msub", self._print(expr.expr), below)

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> Any:
        # A derivative stands as one letter with its subscript, which needs no parentheses in a product.
        return self._print(item) if isinstance(item, Derivative) else super().parenthesize(item, level, strict)

    def _print_Symbol(self, sym: Any, style: str = "plain") -> Any:
        if sym.name.startswith(NORMAL):
            coordinate = self._element("mi", sym.name.removeprefix(NORMAL))
            return self._element("msub", self._element("mi", "n"), coordinate)
        return super()._print_Symbol(Symbol(shown(sym), real=True), style)

    def _print_Piecewise(self, expr: Any) -> Any:
        rows = [self._case(value, condition) for value, condition in expr.args]
        return self._element("mrow", self._element("mo", "{"), self._element("mtable", *rows))

    def _case(self, value: Any, condition: Any) -> Any:
        where = [self._element("mtext", "else")]
        if condition != True:  # noqa: E712  SymPy's true, which is not Python's
            where = [self._element("mtext", "where "), self._print(condition)]
        return self._element("mtr", self._element("mtd", self._print(value)), self._element("mtd", *where))

    def _element(self, tag: str, *content: Any) -> Any:
        made = self.dom.createElement(tag)
        for each in content:
            made.appendChild(self.dom.createTextNode(each) if isinstance(each, str) else each)
        return made


def mathematics(*expressions: Any, block: bool = False) -> str:
    """`<math>` of the expressions with = between them."""
    printer = _Printer({"mul_symbol": "&#x2062;"})
    sides = [printer._print(expression).toxml().replace(">-", f">{_MINUS}") for expression in expressions]
    display = ' display="block"' if block else ""
    return f"<math{display}><mrow>{'<mo>=</mo>'.join(sides)}</mrow></math>"


def equation(stated: Equation) -> str:
    return mathematics(stated.left, stated.right, block=True)


def condition(resolved: ResolvedCondition) -> str:
    """What holds: u = g, of the mean or of the field itself, or the two ends that agree."""
    if resolved.kind == "periodic":
        return escape(f"{resolved.field} and its derivatives agree at both ends of {resolved.coordinate}")
    right = symbol(MEASURED) if resolved.residual.has(symbol(MEASURED)) else resolved.value
    told = mathematics(resolved.residual + right, right)
    return f"mean of {told}" if resolved.kind == "mean" else told


def domain(given: Domain) -> str:
    """x ∈ [−1, 1] × t ∈ [0, 2π]"""
    return _set(given)


def _set(plain: object) -> str:
    """Text of the parser's, 2*pi and -1, as it is printed: 2π and −1."""
    found = re.sub(r"\bpi\b", "π", str(plain)).replace("-", _MINUS)
    return escape(re.sub(r"(?<=\d)\*(?=π)", "", found))


_KINDS = {
    "dirichlet": "value",
    "neumann": "slope along the outward normal",
    "robin": "value and slope along the outward normal",
    "periodic": "periodic",
    "initial": "start",
    "final": "end",
    "mean": "mean over the domain",
    "data": "measured",
    "condition": "condition",
}


def words(resolved: ResolvedCondition) -> str:
    """What kind of condition it is."""
    return escape(_KINDS.get(resolved.kind, resolved.kind))


def place(resolved: ResolvedCondition, problem: Problem) -> str:
    """Where it holds."""
    face = {"initial": problem.domain.initial, "final": problem.domain.final}.get(resolved.kind)
    if face:
        return _set(f"{face.coordinate} = {face.exact}")
    if resolved.kind == "mean":
        return "over the whole domain"
    if resolved.observations is not None:
        return _points(resolved.observations, problem.domain)
    return _set(shortened(", ".join(map(str, resolved.selections))))


def _points(seen: Observations, domain: Domain) -> str:
    """One point by its coordinates, more by their number."""
    if len(seen.values) > 1:
        return f"{len(seen.values)} points"
    return _set(", ".join(f"{name} = {value:g}" for name, value in zip(domain.names, seen.coordinates[0], strict=True)))
