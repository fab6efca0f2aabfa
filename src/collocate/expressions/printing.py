"""Expressions as short text: u for u(x, t), u_xx for its second derivative. `parse` reads it back."""

from __future__ import annotations

from typing import Any

from sympy.printing.str import StrPrinter

from collocate.expressions.canonical import field_name


def shown(symbol: Any) -> str:
    """The name of a symbol; those of our own making (what was measured, an integral) start with "__"."""
    return symbol.name.removeprefix("__")


class _ShortPrinter(StrPrinter):
    def _print_Symbol(self, expr: Any) -> str:
        return shown(expr)

    def _print_AppliedUndef(self, expr: Any) -> str:
        return field_name(expr)

    def _print_Derivative(self, expr: Any) -> str:
        return f"{self._print(expr.expr)}_" + "".join(name.name * int(count) for name, count in expr.variable_count)

    def _print_Integral(self, expr: Any) -> str:
        return StrPrinter({"full_prec": False}).doprint(expr)  # of which variable a field is taken matters here


def to_text(expression: Any) -> str:
    """The canonical expression in the parser's shorthand."""
    return _ShortPrinter({"full_prec": False}).doprint(expression)
