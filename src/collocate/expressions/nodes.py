"""The node kinds that expressions are made of: one table, read by storage, the text parser and lowering."""

from __future__ import annotations

from typing import Any

import sympy

from collocate.errors import ExpressionError

# Functions by the name that text and files use.
FUNCTIONS: dict[str, Any] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "sec": sympy.sec,
    "csc": sympy.csc,
    "cot": sympy.cot,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "atan2": sympy.atan2,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "sech": sympy.sech,
    "csch": sympy.csch,
    "coth": sympy.coth,
    "exp": sympy.exp,
    "log": sympy.log,
    "erf": sympy.erf,
    "erfc": sympy.erfc,
    "abs": sympy.Abs,
    "sign": sympy.sign,
    "heaviside": sympy.Heaviside,
    "max": sympy.Max,
    "min": sympy.Min,
}

RELATIONS: dict[str, Any] = {
    "==": sympy.Eq,
    "!=": sympy.Ne,
    "<": sympy.Lt,
    "<=": sympy.Le,
    ">": sympy.Gt,
    ">=": sympy.Ge,
}

CONNECTIVES: dict[str, Any] = {"and": sympy.And, "or": sympy.Or, "not": sympy.Not}

CONSTANTS: dict[str, Any] = {
    "pi": sympy.pi,
    "E": sympy.E,
    "GoldenRatio": sympy.GoldenRatio,
    "EulerGamma": sympy.EulerGamma,
    "Catalan": sympy.Catalan,
    "true": sympy.true,
    "false": sympy.false,
}

# Text may use SymPy's own spelling too.
SPELLINGS: dict[str, Any] = {
    **FUNCTIONS,
    "sqrt": sympy.sqrt,
    "ln": sympy.log,
    "Abs": sympy.Abs,
    "Heaviside": sympy.Heaviside,
    "Max": sympy.Max,
    "Min": sympy.Min,
    "Eq": sympy.Eq,
    "Ne": sympy.Ne,
    "And": sympy.And,
    "Or": sympy.Or,
    "Not": sympy.Not,
}

MAX_DEPTH = 200
MAX_NODES = 100_000
MAX_BITS = 4096


def checked_power(base: Any, exponent: Any) -> Any:
    """base**exponent, refused where SymPy would write out a number of more than MAX_BITS bits (9**9**9 never ends).

    Raises ExpressionError.
    """
    if base.is_Rational and exponent.is_Rational and base not in (0, 1, -1):
        bits = max(abs(int(base.p)).bit_length(), int(base.q).bit_length())
        if bits * abs(float(exponent)) > MAX_BITS:
            raise ExpressionError(f"{base}**{exponent} is a number of more than {MAX_BITS} bits; write it as a float")
    return sympy.Pow(base, exponent)
