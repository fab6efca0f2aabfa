"""One form for every expression, so that equal things compare equal whatever assumptions the user's symbols carry.

By *name*: a symbol x becomes `Symbol("x", real=True)`, a field u(x, t) becomes a real function of such symbols,
floats are doubles, derivatives are evaluated down to derivatives of fields with their variables in SymPy's order.
Everything here is real-valued, so re(e) = e, im(e) = 0: what `Abs(x).diff(x)` leaves of complex symbols disappears.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError


def symbol(name: str) -> sympy.Symbol:
    """The canonical symbol of that name."""
    return sympy.Symbol(name, real=True)


def field(name: str, coordinates: tuple[sympy.Symbol, ...]) -> AppliedUndef:
    """The canonical field `name` of canonical `coordinates`, real-valued."""
    return sympy.Function(name, real=True)(*coordinates)


def field_name(applied: Any) -> str:
    """The name of the field: "u" for u(x, t)."""
    return applied.func.__name__


def multi_index(derivative: Any, coordinates: Sequence[sympy.Symbol]) -> tuple[int, ...]:
    """How often a canonical derivative is taken by each of `coordinates`."""
    counts = {variable: int(count) for variable, count in derivative.variable_count}
    return tuple(counts.get(coordinate, 0) for coordinate in coordinates)


def number(value: Any, what: str = "the number") -> sympy.Expr:
    """`value` as a finite real SymPy number, kept exact (π, 1/3). Raises ExpressionError for anything else."""
    found = _expression_or_none(value)
    if found is None or not found.is_number or found.has(sympy.I):
        raise ExpressionError(
            f"{what} must be a number (a Python or NumPy number, or a SymPy one like pi/2); got {value!r}"
        )
    found = canonicalise(found, what)
    if not math.isfinite(as_float(found)):
        raise ExpressionError(f"{what} must be finite; got {value!r}")
    return found


def as_float(value: sympy.Expr) -> float:
    """The double nearest to a SymPy number, NaN where it isn't real."""
    try:
        return float(value)
    except TypeError:
        return math.nan


def canonicalise(expression: Any, where: str = "the expression") -> Any:
    """The canonical form of a SymPy expression or number; `where` opens every message.

    Raises ExpressionError for text, complex or infinite parts, and for the spellings that SymPy quietly turns into
    something else: a collapsed Eq, `u.diff(x).subs(x, 1)`, `u(0, t)`, and sums of fields.
    """
    return _Canonical(where).visit(as_expression(expression, where))


def as_expression(value: Any, where: str) -> Any:
    """A SymPy expression or number as it is, a Python or NumPy number as one. Raises ExpressionError for others."""
    found = _expression_or_none(value)
    if found is None:
        raise ExpressionError(_not_an_expression(value, where))
    return found


def _expression_or_none(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, sympy.Basic) and not isinstance(value, (sympy.Tuple, sympy.MatrixBase)):
        return value
    if isinstance(value, numbers.Integral):
        return sympy.Integer(int(value))
    if isinstance(value, numbers.Rational):
        return sympy.Rational(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real):
        return sympy.Float(float(value))
    return None


def _not_an_expression(value: Any, where: str) -> str:
    if isinstance(value, (bool, np.bool_)):
        return (
            f"{where} is the Python value {value}, not an expression: `==` compares objects, and a comparison that "
            "SymPy can decide becomes a bool. Write Eq(x, 1), x > 0, or (x > 0) & (x < 1) with `&` instead of `and`"
        )
    if isinstance(value, str):
        return f"{where} is the text {value!r}; give a SymPy expression, like sin(pi*x)"
    if isinstance(value, type):  # Function("u") and sin are classes
        return f"{where} is {value!r}, a function without its coordinates; write it applied, like u(x, t)"
    if callable(value):
        name = getattr(value, "__name__", type(value).__name__)
        return (
            f"{where} is the Python function {name}; write a SymPy expression of the coordinates, like sin(pi*x) "
            "(measured values are given as co.Data)"
        )
    return f"{where} is {value!r} ({type(value).__name__}); a SymPy expression or a number was expected"


class _Canonical:
    """One walk from the leaves up, memoised."""

    def __init__(self, where: str):
        self.where = where
        self.known: dict[Any, Any] = {}

    def visit(self, node: Any) -> Any:
        if node not in self.known:
            self.known[node] = self._rewrite(node)
        return self.known[node]

    def _rewrite(self, node: Any) -> Any:
        for kind, rule in _RULES.items():
            if isinstance(node, kind):
                return rule(self, node)
        if not node.args:
            return node
        rebuilt = node.func(*map(self.visit, node.args))
        self._refuse_complex_root(rebuilt)
        self._refuse_infinite(rebuilt)
        return rebuilt

    def _symbol(self, node: Any) -> Any:
        return symbol(node.name)

    def _field(self, node: Any) -> Any:
        coordinates = tuple(map(self.visit, node.args))
        name = field_name(node)
        shifted = [argument for argument in coordinates if not isinstance(argument, sympy.Symbol)]
        self._refuse_shifts(node, shifted)
        if shifted:
            raise ExpressionError(
                f"{self.where} holds {node}, a field evaluated at a point. State the value as a condition, like "
                f"Dirichlet({name}(x, t), value, on=Eq(x, 0)), Initial({name}(x, t), value) or "
                f"Condition(Eq({name}(x, t), value), on=Eq(x, 0)), with the coordinates left as symbols"
            )
        if len(set(coordinates)) < len(coordinates):
            raise ExpressionError(f"{self.where} holds {node}, where a coordinate stands twice")
        return field(name, coordinates)

    def _refuse_shifts(self, node: Any, arguments: Iterable[Any]) -> None:
        held = ", ".join(str(argument) for argument in arguments if not argument.is_number)
        if held:
            raise ExpressionError(
                f"{self.where} holds {node}, but a field is taken at its coordinates only, like u(x, t): delays and "
                f"shifts ({held}) aren't supported. Where those values are known, write them as an expression of the "
                "coordinates"
            )

    def _derivative(self, node: Any) -> Any:
        variables = [(self.visit(variable), count) for variable, count in node.variable_count]
        if not all(isinstance(variable, sympy.Symbol) for variable, _ in variables):
            raise ExpressionError(f"{self.where} holds {node}: derivatives are taken by coordinates, not by fields")
        if not all(count.is_Integer for _, count in variables):
            raise ExpressionError(f"{self.where} holds {node}: the order of a derivative must be a plain integer")
        return sympy.diff(self.visit(node.expr), *variables)

    def _subs(self, node: Any) -> Any:
        self._refuse_shifts(node, (argument for argument in node.point if not isinstance(argument, sympy.Symbol)))
        raise ExpressionError(
            f"{self.where} holds {node}, a derivative evaluated at a point (from .subs). State it as a condition "
            "with the coordinates left as symbols, like Condition(Eq(u.diff(x), value), on=Eq(x, 1)) or "
            "Neumann(u, value, on='right')"
        )

    def _float(self, node: Any) -> Any:
        value = float(node)
        if not math.isfinite(value):
            self._infinite(node)
        return sympy.Float(value)

    def _imaginary(self, node: Any) -> Any:
        raise ExpressionError(
            f"{self.where} is complex: it holds I. A complex field is a pair of real ones, h = u + I*v, in equations "
            "and in the conditions on h"
        )

    def _imaginary_part(self, node: Any) -> Any:
        self.visit(node.args[0])  # refuses what is complex indeed
        return sympy.Integer(0)

    def _infinite(self, node: Any) -> Any:
        raise ExpressionError(
            f"{self.where} holds {node}, which isn't a finite number (a division by zero, an infinity)"
        )

    def _unevaluated(self, node: Any) -> Any:
        """Integrals and sums: SymPy's closed form where it finds one; lowering refuses what remains without fields.

        An integral of a field stays one, to be computed by quadrature.
        """
        if isinstance(node, sympy.Integral) and self._integrates_field(node):
            limits = [tuple(map(self.visit, limit)) for limit in node.limits]
            return sympy.Integral(self.visit(node.function), *limits)
        done = node.doit()
        if any(not isinstance(argument, sympy.Symbol) for each in done.atoms(AppliedUndef) for argument in each.args):
            self._refuse_sum(node)
        if done.atoms(AppliedUndef) and done.has(*_UNEVALUATED, sympy.Subs):
            self._refuse_sum(node)
        return self.visit(done) if done != node else node

    @staticmethod
    def _integrates_field(node: Any) -> bool:
        variables = {limit[0] for limit in node.limits}
        return any(variables & set(field.args) for field in node.function.atoms(AppliedUndef))

    def _refuse_sum(self, node: Any) -> None:
        kind = type(node).__name__.lower()
        raise ExpressionError(
            f"{self.where} holds {node}, a {kind} of a field that SymPy can't write out; write its terms out with +"
        )

    def _heaviside(self, node: Any) -> Any:
        if node.args[1] != sympy.S.Half:
            raise ExpressionError(
                f"{self.where} holds {node}; only the Heaviside function with the value 1/2 at 0 is supported: write "
                f"Heaviside({node.args[0]}), or a Piecewise that says what holds at 0"
            )
        return sympy.Heaviside(self.visit(node.args[0]))

    def _refuse_infinite(self, node: Any) -> None:
        if node in (sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            self._infinite(node)

    def _refuse_complex_root(self, node: Any) -> None:
        if not isinstance(node, sympy.Pow):
            if node.has(sympy.I):
                self._imaginary(node)
        elif node.base.is_number and node.base.is_negative and node.exp.is_number and not node.exp.is_integer:
            raise ExpressionError(
                f"{self.where} is complex: it holds {node}, a fractional power of a negative number. "
                "For the real root write sign(a)*Abs(a)**p"
            )


_UNEVALUATED = (sympy.Integral, sympy.Sum, sympy.Product, sympy.Limit)

_Rule = Callable[[_Canonical, Any], Any]
_RULES: dict[Any, _Rule] = {
    sympy.Symbol: _Canonical._symbol,
    AppliedUndef: _Canonical._field,
    sympy.Derivative: _Canonical._derivative,
    sympy.Subs: _Canonical._subs,
    sympy.Float: _Canonical._float,
    type(sympy.I): _Canonical._imaginary,
    (type(sympy.nan), type(sympy.zoo), type(sympy.oo), type(-sympy.oo)): _Canonical._infinite,
    (sympy.re, sympy.conjugate): lambda self, node: self.visit(node.args[0]),
    sympy.im: _Canonical._imaginary_part,
    sympy.Heaviside: _Canonical._heaviside,
    _UNEVALUATED: _Canonical._unevaluated,
}
