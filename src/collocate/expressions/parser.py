"""Expressions from text, by a whitelist over Python's syntax tree. Nothing is executed or looked up elsewhere.

    parse("u_t + u*u.diff(x) - nu*u_xx", {"x": x, "t": t, "u": u(x, t), "nu": nu})

Allowed: numbers, the given names, π and e as `pi`, `E`; + - * / **; the functions of `nodes.SPELLINGS`; `u.diff(x, 2)`
and `diff(u, x, 2)`; the shorthand `u_xx` for fields; comparisons, `&`, `|`, `~`; Piecewise((value, condition), …).
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from collocate.errors import ExpressionError
from collocate.expressions import canonical
from collocate.expressions.nodes import CONSTANTS, MAX_DEPTH, MAX_NODES, SPELLINGS, checked_power

_MAX_LENGTH = 20_000
_MAX_ORDER = 100

_OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: checked_power,
}

_COMPARISONS: dict[type, Any] = {
    ast.Eq: sympy.Eq,
    ast.NotEq: sympy.Ne,
    ast.Lt: sympy.Lt,
    ast.LtE: sympy.Le,
    ast.Gt: sympy.Gt,
    ast.GtE: sympy.Ge,
}

_CONNECTIVES: dict[type, Any] = {ast.BitAnd: sympy.And, ast.BitOr: sympy.Or}


def parse(text: str, names: Mapping[str, Any]) -> Any:
    """The canonical expression that `text` states; `names` are the symbols and applied fields it may use.

    Raises ExpressionError, quoting the part that isn't allowed.
    """
    if not isinstance(text, str):
        raise ExpressionError(f"text was expected; got {text!r}")
    if len(text) > _MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text)} characters; at most {_MAX_LENGTH} are read")
    known = {name: canonical.canonicalise(value, f"the name {name!r}") for name, value in names.items()}
    return canonical.canonicalise(_Parser(text, known).read(), f"{_quoted(text)}")


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 100 else text[:99] + "…")


class _Parser:
    def __init__(self, text: str, names: dict[str, Any]):
        self.text = text.strip()
        self.names = names
        self.fields = {name: value for name, value in names.items() if isinstance(value, AppliedUndef)}

    def read(self) -> Any:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's remarks on odd but legal text, like 1(x)
                body = ast.parse(self.text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            hint = " (an equation is written Eq(left, right))" if "=" in self.text else ""
            raise ExpressionError(f"{_quoted(self.text)} can't be read as an expression{hint}: {error}") from error
        if sum(1 for _ in ast.walk(body)) > MAX_NODES:
            raise ExpressionError(f"{_quoted(self.text)} has more than {MAX_NODES} parts")
        return self.visit(body, 0)

    def refuse(self, node: ast.AST, why: str) -> ExpressionError:
        part = ast.get_source_segment(self.text, node) or self.text
        return ExpressionError(f"{_quoted(part)} in {_quoted(self.text)}: {why}")

    def visit(self, node: ast.AST, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise ExpressionError(f"{_quoted(self.text)} is nested more than {MAX_DEPTH} levels deep")
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.name(node)
            case ast.UnaryOp():
                return self.unary(node, depth + 1)
            case ast.BinOp():
                return self.binary(node, depth + 1)
            case ast.Compare():
                return self.comparison(node, depth + 1)
            case ast.Call():
                return self.call(node, depth + 1)
            case ast.BoolOp():
                raise self.refuse(node, "write `&` and `|` with parentheses, like (x > 0) & (x < 1)")
        raise self.refuse(
            node, "not allowed here; an expression holds numbers, names, + - * / **, functions and comparisons"
        )

    def constant(self, node: ast.Constant) -> Any:
        if type(node.value) is int:
            return sympy.Integer(node.value)
        if type(node.value) is float:
            return canonical.number(node.value, "a number in the text")
        if type(node.value) is bool:
            return sympy.true if node.value else sympy.false
        raise self.refuse(node, "only real numbers may stand here, no text and no complex number")

    def name(self, node: ast.Name) -> Any:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        shorthand = self.shorthand(node.id)
        if shorthand is not None:
            return shorthand
        raise self.refuse(node, f"unknown name; known: {', '.join(sorted(self.names))}")

    def shorthand(self, text: str) -> Any:
        """u_xx: the part after the last underscore spells coordinates of the field before it, longest names first."""
        name, _, rest = text.rpartition("_")
        applied = self.fields.get(name)
        if applied is None or not rest:
            return None
        coordinates = sorted(applied.args, key=lambda c: -len(c.name))
        found = []
        while rest:
            match = next((c for c in coordinates if rest.startswith(c.name)), None)
            if match is None:
                return None
            found.append(match)
            rest = rest[len(match.name) :]
        return sympy.diff(applied, *found)

    def unary(self, node: ast.UnaryOp, depth: int) -> Any:
        operand = self.visit(node.operand, depth)
        if isinstance(node.op, ast.Invert):
            return sympy.Not(self.condition(operand, node))
        if isinstance(node.op, ast.Not):
            raise self.refuse(node, "write `~` instead of `not`")
        value = self.value(operand, node)
        return -value if isinstance(node.op, ast.USub) else value

    def binary(self, node: ast.BinOp, depth: int) -> Any:
        left, right = self.visit(node.left, depth), self.visit(node.right, depth)
        if type(node.op) in _CONNECTIVES:
            return _CONNECTIVES[type(node.op)](self.condition(left, node), self.condition(right, node))
        if type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.value(left, node), self.value(right, node))
        hint = "write ** for a power" if isinstance(node.op, ast.BitXor) else "this operator isn't allowed"
        raise self.refuse(node, hint)

    def comparison(self, node: ast.Compare, depth: int) -> Any:
        if len(node.ops) > 1:
            raise self.refuse(node, "a chained comparison; write (0 < x) & (x < 1)")
        relation = _COMPARISONS.get(type(node.ops[0]))
        if relation is None:
            raise self.refuse(
                node, f"this comparison isn't allowed; use one of {', '.join(('==', '!=', '<', '<=', '>', '>='))}"
            )
        left, right = self.visit(node.left, depth), self.visit(node.comparators[0], depth)
        return relation(self.value(left, node), self.value(right, node))

    def call(self, node: ast.Call, depth: int) -> Any:
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self.refuse(node, "functions take plain positional arguments")
        match node.func:
            case ast.Attribute(value=value, attr="diff"):
                return self.derivative(node, self.visit(value, depth), node.args, depth)
            case ast.Name(id="diff" | "Derivative") if node.args:
                return self.derivative(node, self.visit(node.args[0], depth), node.args[1:], depth)
            case ast.Name(id="Piecewise"):
                return self.piecewise(node, depth)
            case ast.Name(id=name) if name in self.fields:
                return self.applied(node, self.fields[name], depth)
            case ast.Name(id=name) if name in SPELLINGS:
                return self.function(node, name, [self.visit(argument, depth) for argument in node.args])
        raise self.refuse(node, f"unknown function; known: diff, Piecewise, {', '.join(sorted(SPELLINGS))}")

    def function(self, node: ast.Call, name: str, arguments: list[Any]) -> Any:
        check = self.condition if name in ("And", "Or", "Not") else self.value
        try:
            return SPELLINGS[name](*(check(argument, node) for argument in arguments))
        except (TypeError, ValueError) as error:
            if isinstance(error, ExpressionError):
                raise
            raise self.refuse(node, str(error)) from error

    def derivative(self, node: ast.Call, expression: Any, by: list[ast.expr], depth: int) -> Any:
        variables: list[tuple[Any, int]] = []
        for part in by:
            match part:
                case ast.Constant(value=count) if type(count) is int and variables and 0 < count <= _MAX_ORDER:
                    variables[-1] = (variables[-1][0], count)
                case ast.Name() if isinstance(variable := self.visit(part, depth), sympy.Symbol):
                    variables.append((variable, 1))
                case _:
                    raise self.refuse(part, "a derivative is written u.diff(x), u.diff(x, 2) or u.diff(x, t)")
        if not variables:
            raise self.refuse(node, "say by which coordinate, like u.diff(x)")
        return sympy.diff(self.value(expression, node), *variables)

    def piecewise(self, node: ast.Call, depth: int) -> Any:
        pieces = []
        for part in node.args:
            if not (isinstance(part, ast.Tuple) and len(part.elts) == 2):
                raise self.refuse(part, "Piecewise takes pairs (value, condition)")
            value, condition = (self.visit(element, depth) for element in part.elts)
            pieces.append((self.value(value, node), self.condition(condition, node)))
        return sympy.Piecewise(*pieces)

    def applied(self, node: ast.Call, known: Any, depth: int) -> Any:
        if tuple(self.visit(argument, depth) for argument in node.args) != known.args:
            raise self.refuse(node, f"the field is known as {known}; its arguments can't be changed")
        return known

    def value(self, found: Any, node: ast.AST) -> Any:
        if isinstance(found, Boolean) and not isinstance(found, sympy.Symbol):
            raise self.refuse(node, "a comparison stands where a value is needed")
        return found

    def condition(self, found: Any, node: ast.AST) -> Any:
        if not isinstance(found, Boolean) or isinstance(found, sympy.Symbol):
            raise self.refuse(node, "a comparison is needed on both sides; mind the parentheses: (x > 0) & (x < 1)")
        return found
