"""SymPy expressions as lines of Python, in the spelling of one library.

A part without symbols, such as sqrt(4*pi**2 + 400), is printed with the functions of `math`: it is one Python float,
which every framework multiplies with its arrays. The text is spaced as `ruff format` spaces it, and broken where it is
longer than a line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from collocate.errors import PlanError
from collocate.expressions.canonical import as_float

WIDTH = 120
# Functions that `math` has by these names; others of numbers are computed here.
_OF_NUMBERS = (
    *("sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh", "exp", "log", "erf"),
)
_CONNECTED = {sympy.And: " & ", sympy.Or: " | "}
_SIMPLE_POWER = re.compile(r"(?<![\w.)\]])([A-Za-z_][\w.]*|\d[\w.]*) \*\* (-?[\w.]+)(?![\w.(\[])")


@dataclass(frozen=True)
class Spelling:
    """How a library writes what SymPy calls by `functions`' names: patterns with {} for the argument, {0} and {1} for
    two. `number`: a number where the library wants an array."""

    functions: Mapping[str, str]
    number: str = "{}"


def code(expression: Any, spelling: Spelling) -> str:
    """The expression on one line. Raises PlanError for a function that is not in the spelling."""
    return _spaced(_Printer(spelling).doprint(_tidy(expression)))


def number(value: float) -> str:
    """A double as it reads back, 2 and not 2.0."""
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def statement(start: str, expression: str, indent: int) -> list[str]:
    """`name = expression` or `return expression`, over several lines where one is too short."""
    line = f"{' ' * indent}{start} {expression}"
    if len(line) <= WIDTH:
        return [line]
    broken = _broken(ast.parse(expression, mode="eval").body, indent + 4)
    return [f"{' ' * indent}{start} (", *broken, f"{' ' * indent})"]


def listed(start: str, items: list[str], end: str, indent: int) -> list[str]:
    """`start`, the items with commas, `end`: an item a line where one line is too short."""
    line = f"{' ' * indent}{start}{', '.join(items)}{end}"
    if len(line) <= WIDTH:
        return [line]
    return [f"{' ' * indent}{start}", *(f"{' ' * indent}    {item}," for item in items), f"{' ' * indent}{end}"]


def indented_less(lines: list[str]) -> list[str]:
    """Lines that were broken for where they will stand, four columns in, before they are put there."""
    return [line[4:] for line in lines]


def _tidy(expression: Any) -> Any:
    """2*t − 1 in place of 2.0*t − 1.0."""
    whole = {f: sympy.Integer(int(f)) for f in expression.atoms(sympy.Float) if abs(f) < 1e15 and float(f).is_integer()}
    return expression.xreplace(whole)


class _Printer(StrPrinter):
    def __init__(self, spelling: Spelling):
        super().__init__()
        self.spelling = spelling

    def _print(self, expr: Any, **options: Any) -> str:
        if isinstance(expr, sympy.Expr) and expr.is_number and expr.args and expr.has(sympy.Function, sympy.Pow):
            return super()._print(expr, **options) if self.spelling is _NUMBERS else _of_numbers(expr)
        return super()._print(expr, **options)

    def _print_Float(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Exp1(self, expr: Any) -> str:
        return repr(float(expr))

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base, exponent = expr.args
        if exponent.is_Rational and exponent.is_negative:
            return f"1/{self.parenthesize(sympy.Pow(base, -exponent), PRECEDENCE['Mul'])}"
        if exponent == sympy.S.Half:
            return self._call("sqrt", [base])
        return "**".join(self.parenthesize(side, PRECEDENCE["Pow"]) for side in (base, exponent))

    def _print_Function(self, expr: Any) -> str:
        rewritten = _rewritten(expr)
        if rewritten is not None:
            return f"({self._print(rewritten)})"
        return self._call(type(expr).__name__.lower(), expr.args)

    def _print_LatticeOp(self, expr: Any) -> str:
        name = type(expr).__name__.lower()
        first, *rest = sorted(expr.args, key=sympy.default_sort_key)
        found = self._array(first)
        for other in rest:
            found = self._spelled(name).format(found, self._array(other))
        return found

    def _print_Piecewise(self, expr: Any) -> str:
        *pieces, (last, certain) = expr.args
        if certain != sympy.true:
            raise PlanError(f"{expr} has no value where none of its conditions holds; end it with (value, True)")
        found = self._array(last)
        for value, condition in reversed(pieces):
            found = self._spelled("where").format(self._print(condition), self._array(value), found)
        return found

    def _print_Relational(self, expr: Any) -> str:
        return f"({self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)})"

    def _print_BooleanFunction(self, expr: Any) -> str:
        arguments = sorted(expr.args, key=sympy.default_sort_key)
        if isinstance(expr, sympy.Not):
            return f"~({self._print(expr.args[0])})"
        return f"({_CONNECTED[type(expr)].join(map(self._print, arguments))})"

    _print_Max = _print_Min = _print_LatticeOp
    _print_Abs = _print_Heaviside = _print_Function
    _print_And = _print_Or = _print_Not = _print_BooleanFunction

    def _call(self, name: str, arguments: Any) -> str:
        shown = map(self._array, arguments) if len(arguments) > 1 else map(self._print, arguments)
        return self._spelled(name).format(*shown)

    def _array(self, expr: Any) -> str:
        return self.spelling.number.format(self._print(expr)) if expr.is_number else self._print(expr)

    def _spelled(self, name: str) -> str:
        if name not in self.spelling.functions:
            raise PlanError(f"{name} cannot be written in a script; known: {', '.join(self.spelling.functions)}")
        return self.spelling.functions[name]


_NUMBERS = Spelling({name: f"math.{name}({{}})" for name in _OF_NUMBERS} | {"atan2": "math.atan2({}, {})"})


def _of_numbers(expr: Any) -> str:
    """A number: as it stands where `math` has its functions, else its double."""
    try:
        return f"({_Printer(_NUMBERS).doprint(expr)})"
    except PlanError:
        return f"({as_float(expr)!r})"


def _rewritten(expr: Any) -> Any:
    """What few libraries have, by what all have."""
    if isinstance(expr, sympy.Heaviside):
        return (1 + sympy.sign(expr.args[0])) / 2
    if isinstance(expr, sympy.erfc):
        return 1 - sympy.erf(*expr.args)
    inverse = {sympy.sec: sympy.cos, sympy.csc: sympy.sin, sympy.sech: sympy.cosh, sympy.csch: sympy.sinh}
    if type(expr) in inverse:
        return 1 / inverse[type(expr)](*expr.args)
    ratio = {sympy.cot: (sympy.cos, sympy.sin), sympy.coth: (sympy.cosh, sympy.sinh)}
    if type(expr) in ratio:
        above, below = ratio[type(expr)]
        return above(*expr.args) / below(*expr.args)
    return None


def _spaced(text: str) -> str:
    """Without needless parentheses, `a * b**2`, and `f(a) ** 2`."""
    return _SIMPLE_POWER.sub(r"\1**\2", ast.unparse(ast.parse(text, mode="eval")))


def _broken(node: ast.expr, indent: int, lead: str = "") -> list[str]:
    """An expression over lines: sums at their signs, products at theirs, brackets inside."""
    line = f"{' ' * indent}{lead}{_spaced(ast.unparse(node))}"
    signs = next((kinds for kinds in (_SUMS, _PRODUCTS) if _sign(node, kinds)), None)
    if len(line) <= WIDTH:
        return [line]
    if signs is None:
        return list(_over_lines(node, indent, lead)) if isinstance(node, ast.Call) else [line]
    found = []
    for sign, operand in _operands(node, signs):
        leading = lead if sign is None else f"{sign} "
        place = indent + (2 if lead and sign and signs is _PRODUCTS else 0)
        bracketed = bool(_sign(operand, _SUMS)) or (signs is _PRODUCTS and bool(_sign(operand, _PRODUCTS)))
        text = _spaced(ast.unparse(operand))
        whole = f"{' ' * place}{leading}{f'({text})' if bracketed else text}"
        if len(whole) <= WIDTH:
            found.append(whole)
        elif bracketed:
            found += [f"{' ' * place}{leading}(", *_broken(operand, place + 4), f"{' ' * place})"]
        else:
            found += _broken(operand, place, leading)
    return found


def _over_lines(node: ast.Call, indent: int, lead: str) -> Iterator[str]:
    """A call with an argument a line."""
    yield f"{' ' * indent}{lead}{ast.unparse(node.func)}("
    for argument in node.args:
        *lines, last = _broken(argument, indent + 4)
        yield from (*lines, f"{last},")
    yield f"{' ' * indent})"


_SUMS: dict[type, str] = {ast.Add: "+", ast.Sub: "-"}
_PRODUCTS: dict[type, str] = {ast.Mult: "*", ast.Div: "/"}


def _sign(node: ast.expr, kinds: Mapping[type, str]) -> str | None:
    return kinds.get(type(node.op)) if isinstance(node, ast.BinOp) else None


def _operands(node: ast.expr, kinds: Mapping[type, str]) -> Iterator[tuple[str | None, ast.expr]]:
    """a − b + c as (None, a), ("-", b), ("+", c)."""
    sign = _sign(node, kinds)
    if sign is None:
        yield None, node
        return
    assert isinstance(node, ast.BinOp)
    yield from _operands(node.left, kinds)
    yield sign, node.right
