"""SymPy expressions as data: canonical form, storage as JSON trees, a safe text parser, lowering to arrays and jets."""

from collocate.expressions.canonical import canonicalise, field, number, symbol
from collocate.expressions.lower import check_supported, evaluate, lower
from collocate.expressions.parser import parse
from collocate.expressions.trees import from_tree, to_tree

__all__ = [
    "canonicalise",
    "check_supported",
    "evaluate",
    "field",
    "from_tree",
    "lower",
    "number",
    "parse",
    "symbol",
    "to_tree",
]
