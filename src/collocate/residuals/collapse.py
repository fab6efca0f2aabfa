"""Which jet entries a set of residual expressions needs, with sums of highest derivatives collapsed into one.

Where every residual on a point set sees the highest derivatives of a field only through one linear combination with
constant coefficients (u_xx + u_yy in Poisson's, u_xxxx + 2 u_xxyy + u_yyyy in the plate equation), only that
combination travels through the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy.core.function import AppliedUndef

from collocate.jets import Entry


@dataclass(frozen=True)
class Needs:
    """`expressions` rewritten; `lookups[node] = (field, entry)` for each derivative or placeholder in them."""

    expressions: tuple[sympy.Expr, ...]
    lookups: dict[sympy.Basic, tuple[str, Entry]]

    @property
    def entries(self) -> set[Entry]:
        return {entry for _, entry in self.lookups.values()}


def multi_index(derivative: sympy.Derivative, symbols: Sequence[sympy.Symbol]) -> tuple[int, ...]:
    """How often the derivative is taken by each of `symbols`."""
    counts = {variable: int(count) for variable, count in derivative.variable_count}
    return tuple(counts.get(symbol, 0) for symbol in symbols)


def needs(expressions: Sequence[sympy.Expr], fields: Sequence[str], symbols: Sequence[sympy.Symbol]) -> Needs:
    """The entries that `expressions` need of each field, after collapsing."""
    rewritten, lookups = tuple(expressions), {}
    for field in fields:
        rewritten, placeholder = _collapse(rewritten, field, symbols)
        lookups.update(placeholder)
    for expression in rewritten:
        for node in expression.atoms(sympy.Derivative):
            lookups[node] = (node.expr.func.__name__, Entry.partial(multi_index(node, symbols)))
        for node in expression.atoms(AppliedUndef):
            if node.func.__name__ in fields:
                lookups[node] = (node.func.__name__, Entry.partial((0,) * len(symbols)))
    return Needs(rewritten, lookups)


def _collapse(
    expressions: tuple[sympy.Expr, ...], field: str, symbols: Sequence[sympy.Symbol]
) -> tuple[tuple[sympy.Expr, ...], dict[sympy.Basic, tuple[str, Entry]]]:
    highest = _highest_derivatives(expressions, field)
    if len(highest) < 2:
        return expressions, {}
    placeholder = sympy.Symbol(f"__collapsed_{field}", real=True)
    combination: tuple[sympy.Expr, ...] | None = None
    rewritten = []
    for expression in expressions:
        if not expression.has(*highest):
            rewritten.append(expression)
            continue
        found = _linear_combination(expression, highest)
        if found is None or (combination is not None and found[0] != combination):
            return expressions, {}
        combination, leading = found
        rest = expression.xreplace(dict.fromkeys(highest, sympy.Integer(0)))
        rewritten.append(rest + leading * placeholder)
    assert combination is not None
    terms = tuple(
        (multi_index(node, symbols), float(c)) for node, c in zip(highest, combination, strict=True) if c != 0
    )
    return tuple(rewritten), {placeholder: (field, Entry(tuple(sorted(terms))))}


def _highest_derivatives(expressions: Sequence[sympy.Expr], field: str) -> list[sympy.Derivative]:
    nodes = {node for e in expressions for node in e.atoms(sympy.Derivative) if node.expr.func.__name__ == field}
    order = max((node.derivative_count for node in nodes), default=0)
    highest = [node for node in nodes if node.derivative_count == order]
    return sorted(highest, key=sympy.default_sort_key) if order >= 2 else []


def _linear_combination(
    expression: sympy.Expr, highest: list[sympy.Derivative]
) -> tuple[tuple[sympy.Expr, ...], sympy.Expr] | None:
    """((c_0, c_1, …), m) where `expression` = rest + m Σ c_i highest_i with constant c; None where it is not so."""
    dummies = [sympy.Dummy(real=True) for _ in highest]
    flat = expression.xreplace(dict(zip(highest, dummies, strict=True)))
    slopes = [sympy.diff(flat, dummy) for dummy in dummies]
    if any(slope.has(*dummies) for slope in slopes):
        return None
    leading = next(slope for slope in slopes if slope != 0)
    ratios = tuple(slope / leading for slope in slopes)
    return (ratios, leading) if all(ratio.is_number for ratio in ratios) else None
