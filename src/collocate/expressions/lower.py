"""Expressions computed on arrays or jets, by one rule per node kind.

`lower(expression, algebra, environment)` looks a node up in `environment` first (symbols, fields, derivatives of
fields), then applies the rule of its kind to the lowered arguments. An array is a jet of order zero, so the same
rules serve residuals, trial functions, predicates, references and exports. Values are jets; conditions are arrays
of booleans. Parts without symbols are computed once, by SymPy, to a double.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from collocate.backends import select
from collocate.errors import ExpressionError
from collocate.expressions import canonical
from collocate.expressions.nodes import FUNCTIONS
from collocate.jets import Jet, JetAlgebra, JetSpace


def lower(expression: Any, algebra: JetAlgebra, environment: Mapping[Any, Any]) -> Any:
    """The jet of a canonical expression (an array of booleans for a condition).

    `environment`: {Symbol | field | Derivative of a field: jet}. Raises ExpressionError for a node of an unsupported
    kind and for a symbol, field or derivative without a value.
    """
    return _Lowering(algebra, environment).visit(expression)


def evaluate(expression: Any, arrays: Mapping[str, Any]) -> np.ndarray:
    """The expression on NumPy arrays given by name, broadcast together: float64, or booleans for a condition.

    A name stands for the symbol or the field so called. Raises ExpressionError for a name without an array.
    """
    expression = canonical.canonicalise(expression)
    values = {name: np.asarray(value, dtype=np.float64) for name, value in arrays.items()}
    shape = np.broadcast_shapes(*(value.shape for value in values.values()))
    bk = select.get("numpy")
    algebra = JetAlgebra(bk, JetSpace.of(1))
    columns = {name: algebra.array(np.broadcast_to(value, shape).reshape(-1, 1)) for name, value in values.items()}
    environment = {leaf: columns[name] for leaf, name in _leaves(expression) if name in columns}
    with np.errstate(all="ignore"):  # branches of Piecewise that aren't taken may be undefined
        found = lower(expression, algebra, environment)
    column = algebra.value(found) if isinstance(found, tuple) else found
    return np.array(np.broadcast_to(column, (math.prod(shape), 1))).reshape(shape)


def _leaves(expression: Any) -> Iterable[tuple[Any, str]]:
    yield from ((leaf, leaf.name) for leaf in expression.atoms(sympy.Symbol))
    yield from ((leaf, canonical.field_name(leaf)) for leaf in expression.atoms(AppliedUndef))


def check_supported(expression: Any, where: str = "the expression") -> None:
    """Raises ExpressionError where `lower` would, but for missing values: an unsupported node kind."""
    for node in sympy.preorder_traversal(_without_derivatives(expression)):
        if isinstance(node, sympy.Tuple) or type(node).__name__ == "ExprCondPair":
            continue
        if not isinstance(node, (sympy.Symbol, AppliedUndef)) and not node.is_number:
            _rule(node, where)


def _without_derivatives(expression: Any) -> Any:
    found = {node: sympy.Dummy() for node in expression.atoms(sympy.Derivative) if isinstance(node.expr, AppliedUndef)}
    return expression.xreplace(found)


class _Lowering:
    def __init__(self, algebra: JetAlgebra, environment: Mapping[Any, Any]):
        self.algebra = algebra
        self.bk = algebra.bk
        self.known: dict[Any, Any] = dict(environment)

    def visit(self, node: Any) -> Any:
        if node not in self.known:
            self.known[node] = self.compute(node)
        return self.known[node]

    def compute(self, node: Any) -> Any:
        if isinstance(node, (sympy.Symbol, AppliedUndef, sympy.Derivative)):
            raise self.missing(node)
        if node.is_number:
            return self.algebra.constant(_double(node))
        return _rule(node, "the expression")(self, node)

    def missing(self, node: Any) -> ExpressionError:
        kind = (
            "symbol" if isinstance(node, sympy.Symbol) else "field" if isinstance(node, AppliedUndef) else "derivative"
        )
        known = sorted(
            str(leaf) for leaf in self.known if isinstance(leaf, (sympy.Symbol, AppliedUndef, sympy.Derivative))
        )
        return ExpressionError(f"the {kind} {node} has no value here; known: {', '.join(known) or 'none'}")

    def value(self, node: Any) -> Any:
        return self.algebra.value(self.visit(node))

    def add(self, node: Any) -> Jet:
        return self.algebra.add(*map(self.visit, node.args))

    def multiply(self, node: Any) -> Jet:
        factor, rest = node.as_coeff_Mul()
        if factor == 1:
            return self.algebra.multiply(*map(self.visit, node.args))
        jet = self.visit(rest)
        return self.algebra.negate(jet) if factor == -1 else self.algebra.scale(_double(factor), jet)

    def power(self, node: Any) -> Jet:
        base, exponent = node.args
        if exponent.is_number:
            return self.algebra.power(self.visit(base), _double(exponent))
        if base.is_number:
            return self.algebra.function("exp", self.algebra.scale(_positive_log(node), self.visit(exponent)))
        logarithm = self.algebra.function("log", self.visit(base))
        return self.algebra.function("exp", self.algebra.multiply(self.visit(exponent), logarithm))

    def function(self, name: str, node: Any) -> Jet:
        return self.algebra.function(name, self.visit(node.args[0]))

    def extreme(self, first_is_larger: bool, node: Any) -> Jet:
        def pick(left: Jet, right: Jet) -> Jet:
            a, b = self.algebra.value(left), self.algebra.value(right)
            larger = self.bk.less_equal(b, a)
            return (
                self.algebra.where(larger, left, right) if first_is_larger else self.algebra.where(larger, right, left)
            )

        return reduce(pick, map(self.visit, node.args))

    def piecewise(self, node: Any) -> Jet:
        found = self.algebra.constant(math.nan)  # where no condition holds, as in SymPy
        for value, condition in reversed(node.args):
            found = self.visit(value) if condition == sympy.true else self._choose(condition, value, found)
        return found

    def _choose(self, condition: Any, value: Any, otherwise: Jet) -> Jet:
        return self.algebra.where(self.visit(condition), self.visit(value), otherwise)

    def truth(self, node: Any) -> Any:
        return self.bk.asarray([[node == sympy.true]])

    def relation(self, name: str, swap: bool, negate: bool, node: Any) -> Any:
        left, right = (self.value(side) for side in (reversed(node.args) if swap else node.args))
        found = getattr(self.bk, name)(left, right)
        return self.bk.logical_not(found) if negate else found

    def connect(self, name: str, node: Any) -> Any:
        return reduce(getattr(self.bk, name), map(self.visit, sorted(node.args, key=sympy.default_sort_key)))

    def negation(self, node: Any) -> Any:
        return self.bk.logical_not(self.visit(node.args[0]))


def _double(node: Any) -> float:
    value = canonical.as_float(node)
    if not math.isfinite(value):
        raise ExpressionError(f"{node} isn't a finite real number")
    return value


def _positive_log(node: Any) -> float:
    base = _double(node.base)
    if base <= 0.0:
        raise ExpressionError(f"{node} isn't real for most exponents: the base {node.base} isn't positive")
    return math.log(base)


def _atan2(y: Any, x: Any) -> Any:
    """The half-angle formulas 2 atan(y/(r + x)) = 2 atan((r − x)/y), each where it doesn't cancel."""
    r = sympy.sqrt(x**2 + y**2)
    return sympy.Piecewise(
        (2 * sympy.atan(y / (r + x)), x > 0), (2 * sympy.atan((r - x) / y), sympy.Ne(y, 0)), (sympy.pi, x < 0)
    )


def _named(name: str) -> _Rule:
    return lambda lowering, node: lowering.function(name, node)


def _rewritten(rewrite: Callable[..., Any]) -> _Rule:
    return lambda lowering, node: lowering.visit(rewrite(*node.args))


def _related(name: str, swap: bool = False, negate: bool = False) -> _Rule:
    return lambda lowering, node: lowering.relation(name, swap, negate, node)


_Rule = Callable[[_Lowering, Any], Any]

# Where jets have a rule of the same name.
_BY_NAME = (
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("exp", "log", "erf", "abs", "sign", "heaviside"),
)

_RULES: dict[Any, _Rule] = {
    sympy.Add: _Lowering.add,
    sympy.Mul: _Lowering.multiply,
    sympy.Pow: _Lowering.power,
    sympy.Piecewise: _Lowering.piecewise,
    sympy.Max: lambda lowering, node: lowering.extreme(True, node),
    sympy.Min: lambda lowering, node: lowering.extreme(False, node),
    **{FUNCTIONS[name]: _named(name) for name in _BY_NAME},
    sympy.sec: _rewritten(lambda z: 1 / sympy.cos(z)),
    sympy.csc: _rewritten(lambda z: 1 / sympy.sin(z)),
    sympy.cot: _rewritten(lambda z: sympy.cos(z) / sympy.sin(z)),
    sympy.sech: _rewritten(lambda z: 1 / sympy.cosh(z)),
    sympy.csch: _rewritten(lambda z: 1 / sympy.sinh(z)),
    sympy.coth: _rewritten(lambda z: 1 / sympy.tanh(z)),
    sympy.erfc: _rewritten(lambda z: 1 - sympy.erf(z)),
    sympy.atan2: _rewritten(_atan2),
    sympy.Lt: _related("less"),
    sympy.Le: _related("less_equal"),
    sympy.Gt: _related("less", swap=True),
    sympy.Ge: _related("less_equal", swap=True),
    sympy.Eq: _related("equal"),
    sympy.Ne: _related("equal", negate=True),
    sympy.And: lambda lowering, node: lowering.connect("logical_and", node),
    sympy.Or: lambda lowering, node: lowering.connect("logical_or", node),
    sympy.Not: _Lowering.negation,
    type(sympy.true): _Lowering.truth,
    type(sympy.false): _Lowering.truth,
}


def _rule(node: Any, where: str) -> _Rule:
    for kind in type(node).__mro__:
        if kind in _RULES:
            return _RULES[kind]
    raise ExpressionError(
        f"{where} holds {node}, and {type(node).__name__} isn't supported. Supported: numbers, symbols, fields and "
        f"their derivatives, + - * / **, Piecewise, comparisons, & | ~, and the functions {', '.join(FUNCTIONS)}"
    )
