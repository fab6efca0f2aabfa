"""Canonical expressions as JSON trees and back. Loading builds nodes from a closed table: it runs no code.

A node is {"kind": …, …}. Numbers are text, so that nothing is lost: integers in decimal, floats by `repr` (the
shortest decimal that reads back to the same double).

    {"kind": "integer", "value": "3"}                    {"kind": "symbol", "name": "x"}
    {"kind": "rational", "value": ["1", "3"]}            {"kind": "field", "name": "u", "arguments": […]}
    {"kind": "float", "value": "0.1"}                    {"kind": "derivative", "of": …, "by": [["x", 2]]}
    {"kind": "constant", "name": "pi"}                   {"kind": "relation", "name": "<", "arguments": [a, b]}
    {"kind": "add" | "multiply", "arguments": […]}       {"kind": "connective", "name": "and", "arguments": […]}
    {"kind": "power", "arguments": [base, exponent]}     {"kind": "piecewise", "pieces": [[value, condition], …]}
    {"kind": "function", "name": "sin", "arguments": […]}
    {"kind": "integral", "of": …, "over": ["s", lower, upper]}
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from collocate.errors import ExpressionError
from collocate.expressions import canonical
from collocate.expressions.nodes import (
    CONNECTIVES,
    CONSTANTS,
    FUNCTIONS,
    MAX_DEPTH,
    MAX_NODES,
    RELATIONS,
    checked_power,
)

Tree = dict[str, Any]

_NAME_OF = {kind: name for table in (FUNCTIONS, RELATIONS, CONNECTIVES, CONSTANTS) for name, kind in table.items()}
_MAX_DIGITS = 2000


def to_tree(expression: Any) -> Tree:
    """The JSON tree of a canonical expression.

    A number of a kind without a tree, such as Γ(1/3) or ζ(3), is stored as the double nearest to it. Raises
    ExpressionError for any other node of such a kind.
    """
    for kind, write in _WRITERS.items():
        if isinstance(expression, kind):
            return write(expression)
    name = _NAME_OF.get(expression.func if expression.args else expression)
    if name is None and getattr(expression, "is_number", False):
        value = canonical.as_float(expression)
        if math.isfinite(value):
            return {"kind": "float", "value": repr(value)}
    if name is None:
        raise ExpressionError(
            f"{expression} ({type(expression).__name__}) can't be stored; known: {', '.join(FUNCTIONS)}"
        )
    if not expression.args:
        return {"kind": "constant", "name": name}
    kind = "relation" if name in RELATIONS else "connective" if name in CONNECTIVES else "function"
    return {"kind": kind, "name": name, "arguments": _arguments(expression)}


def _arguments(expression: Any) -> list[Tree]:
    arguments = expression.args
    if isinstance(expression, (sympy.And, sympy.Or)):
        arguments = sorted(arguments, key=sympy.default_sort_key)  # a frozenset: its order isn't stable
    if isinstance(expression, sympy.Heaviside):
        arguments = arguments[:1]  # the value at 0 is 1/2 in canonical form
    return [to_tree(argument) for argument in arguments]


_WRITERS: dict[Any, Callable[[Any], Tree]] = {
    sympy.Integer: lambda e: {"kind": "integer", "value": str(e.p)},
    sympy.Rational: lambda e: {"kind": "rational", "value": [str(e.p), str(e.q)]},
    sympy.Float: lambda e: {"kind": "float", "value": repr(float(e))},
    sympy.Symbol: lambda e: {"kind": "symbol", "name": e.name},
    AppliedUndef: lambda e: {"kind": "field", "name": canonical.field_name(e), "arguments": _arguments(e)},
    sympy.Derivative: lambda e: {
        "kind": "derivative",
        "of": to_tree(e.expr),
        "by": [[variable.name, int(count)] for variable, count in e.variable_count],
    },
    sympy.Add: lambda e: {"kind": "add", "arguments": _arguments(e)},
    sympy.Mul: lambda e: {"kind": "multiply", "arguments": _arguments(e)},
    sympy.Pow: lambda e: {"kind": "power", "arguments": _arguments(e)},
    sympy.Piecewise: lambda e: {"kind": "piecewise", "pieces": [[to_tree(v), to_tree(c)] for v, c in e.args]},
    sympy.Integral: lambda e: {
        "kind": "integral",
        "of": to_tree(e.function),
        "over": [e.limits[0][0].name, *map(to_tree, e.limits[0][1:])],
    },
}


def from_tree(tree: Any) -> Any:
    """The expression of a tree. Raises ExpressionError, saying where, for anything that `to_tree` doesn't write."""
    return canonical.canonicalise(_Reader().read(tree, "expression", 0), "the stored expression")


class _Reader:
    def __init__(self) -> None:
        self.nodes = 0

    def read(self, tree: Any, path: str, depth: int) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise ExpressionError(f"{path}: deeper than {MAX_DEPTH} levels or larger than {MAX_NODES} nodes")
        kind = tree.get("kind") if isinstance(tree, dict) else None
        rule = _READERS.get(kind) if isinstance(kind, str) else None
        if rule is None:
            raise ExpressionError(f"{path}: {_short(tree)} is no known node; kinds: {', '.join(_READERS)}")
        try:
            return rule(self, tree, path, depth + 1)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise ExpressionError(f"{path}: {_short(tree)} is not a well-formed {kind} node ({error!r})") from error

    def arguments(self, tree: Tree, path: str, depth: int) -> list[Any]:
        found = tree["arguments"]
        if not isinstance(found, list):
            raise TypeError("arguments must be a list")
        return [self.read(argument, f"{path}.{tree['kind']}[{k}]", depth) for k, argument in enumerate(found)]

    def integer(self, text: Any) -> int:
        if not isinstance(text, str) or len(text) > _MAX_DIGITS:
            raise TypeError(f"an integer is text of at most {_MAX_DIGITS} digits")
        return int(text)

    def rational(self, tree: Tree, path: str, depth: int) -> Any:
        top, bottom = map(self.integer, tree["value"])
        if bottom == 0:
            raise ValueError("the denominator is 0")
        return sympy.Rational(top, bottom)

    def float(self, tree: Tree, path: str, depth: int) -> Any:
        if not isinstance(tree["value"], str) or not math.isfinite(float(tree["value"])):
            raise ValueError("a float is the text of a finite number")
        return sympy.Float(float(tree["value"]))

    def symbol(self, tree: Tree, path: str, depth: int) -> Any:
        return canonical.symbol(_name(tree["name"]))

    def field(self, tree: Tree, path: str, depth: int) -> Any:
        return canonical.field(_name(tree["name"]), tuple(self.arguments(tree, path, depth)))

    def derivative(self, tree: Tree, path: str, depth: int) -> Any:
        variables = [(canonical.symbol(_name(name)), count) for name, count in tree["by"]]
        if not all(type(count) is int and 0 < count <= 100 for _, count in variables):
            raise ValueError("the order of a derivative is an integer from 1 to 100")
        of = self.read(tree["of"], f"{path}.of", depth)
        if not isinstance(of, AppliedUndef):
            raise ValueError("only fields are stored under a derivative")
        return sympy.diff(of, *variables)

    def piecewise(self, tree: Tree, path: str, depth: int) -> Any:
        pieces = [
            tuple(self.read(part, f"{path}.piecewise[{k}]", depth) for part in (value, condition))
            for k, (value, condition) in enumerate(tree["pieces"])
        ]
        return sympy.Piecewise(*pieces)

    def integral(self, tree: Tree, path: str, depth: int) -> Any:
        name, lower, upper = tree["over"]
        bounds = (self.read(bound, f"{path}.over", depth) for bound in (lower, upper))
        return sympy.Integral(self.read(tree["of"], f"{path}.of", depth), (canonical.symbol(_name(name)), *bounds))

    def power(self, tree: Tree, path: str, depth: int) -> Any:
        base, exponent = self.arguments(tree, path, depth)
        return checked_power(base, exponent)

    def constant(self, tree: Tree, path: str, depth: int) -> Any:
        return CONSTANTS[tree["name"]]

    def application(self, tree: Tree, path: str, depth: int) -> Any:
        table = {"relation": RELATIONS, "connective": CONNECTIVES, "function": FUNCTIONS}[tree["kind"]]
        if tree["name"] not in table:
            raise ExpressionError(f"{path}: unknown {tree['kind']} {_short(tree['name'])}; known: {', '.join(table)}")
        return table[tree["name"]](*self.arguments(tree, path, depth))


_READERS: dict[str, Callable[[_Reader, Tree, str, int], Any]] = {
    "integer": lambda self, tree, path, depth: sympy.Integer(self.integer(tree["value"])),
    "rational": _Reader.rational,
    "float": _Reader.float,
    "constant": _Reader.constant,
    "symbol": _Reader.symbol,
    "field": _Reader.field,
    "derivative": _Reader.derivative,
    "add": lambda self, tree, path, depth: sympy.Add(*self.arguments(tree, path, depth)),
    "multiply": lambda self, tree, path, depth: sympy.Mul(*self.arguments(tree, path, depth)),
    "power": _Reader.power,
    "piecewise": _Reader.piecewise,
    "integral": _Reader.integral,
    "function": _Reader.application,
    "relation": _Reader.application,
    "connective": _Reader.application,
}


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise TypeError(f"a name is a text of 1 to 200 characters, not {_short(value)}")
    return value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
