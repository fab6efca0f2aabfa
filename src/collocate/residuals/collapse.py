"""Which jet entries a set of residual expressions needs, with sums of derivatives collapsed into one.

A derivative that no higher one is built from is *outermost*. Where every residual on a point set sees the outermost
derivatives of a field only through one linear combination with constant coefficients (u_xx + u_yy in Poisson's
equation, u_xxxx + 2 u_xxyy + u_yyyy in that of a plate, u_t − ν u_xx in Burgers'), only that combination travels
through the network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy
from sympy.core.function import AppliedUndef

from collocate.expressions.canonical import multi_index
from collocate.jets import Entry


@dataclass(frozen=True)
class Needs:
    """`expressions` rewritten; `lookups[node] = (field, entry)` for each derivative or placeholder in them."""

    expressions: tuple[sympy.Expr, ...]
    lookups: dict[sympy.Basic, tuple[str, Entry]]

    @property
    def entries(self) -> set[Entry]:
        return {entry for _, entry in self.lookups.values()}


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
    placeholder = sympy.Symbol(f"__collapsed_{field}", real=True)
    for nodes in _candidates(expressions, field, symbols):
        found = _combine(expressions, nodes, placeholder)
        if found is not None:
            rewritten, factors = found
            terms = [(multi_index(node, symbols), float(c)) for node, c in zip(nodes, factors, strict=True) if c != 0]
            return rewritten, {placeholder: (field, Entry(tuple(sorted(terms))))}
    return expressions, {}


def _candidates(
    expressions: Sequence[sympy.Expr], field: str, symbols: Sequence[sympy.Symbol]
) -> Iterator[list[sympy.Derivative]]:
    """What may be collapsed together: all outermost derivatives, or at least those of the highest order."""
    nodes = {node for e in expressions for node in e.atoms(sympy.Derivative) if node.expr.func.__name__ == field}
    found = {node: multi_index(node, symbols) for node in sorted(nodes, key=sympy.default_sort_key)}
    outermost = [node for node, alpha in found.items() if not any(_is_part(alpha, beta) for beta in found.values())]
    order = max((node.derivative_count for node in outermost), default=0)
    highest = [node for node in outermost if node.derivative_count == order]
    yield from (nodes for nodes in (outermost, highest) if len(nodes) > 1)


def _is_part(alpha: tuple[int, ...], beta: tuple[int, ...]) -> bool:
    """Whether α < β: the jet that carries ∂^β carries ∂^α in any case."""
    return alpha != beta and all(a <= b for a, b in zip(alpha, beta, strict=True))


def _combine(
    expressions: tuple[sympy.Expr, ...], nodes: list[sympy.Derivative], placeholder: sympy.Symbol
) -> tuple[tuple[sympy.Expr, ...], tuple[sympy.Expr, ...]] | None:
    """The expressions with Σ c_i nodes_i called `placeholder`, and the c_i; None where they do not share one sum."""
    combination: tuple[sympy.Expr, ...] | None = None
    rewritten = []
    for expression in expressions:
        if not expression.has(*nodes):
            rewritten.append(expression)
            continue
        found = _linear_combination(expression, nodes)
        if found is None or (combination is not None and found[0] != combination):
            return None
        combination, leading = found
        rest = expression.xreplace(dict.fromkeys(nodes, sympy.Integer(0)))
        rewritten.append(rest + leading * placeholder)
    assert combination is not None
    return tuple(rewritten), combination


def _linear_combination(
    expression: sympy.Expr, nodes: list[sympy.Derivative]
) -> tuple[tuple[sympy.Expr, ...], sympy.Expr] | None:
    """((c_0, c_1, …), m) where `expression` = rest + m Σ c_i nodes_i with constant c; None where it is not so."""
    dummies = [sympy.Dummy(real=True) for _ in nodes]
    flat = expression.xreplace(dict(zip(nodes, dummies, strict=True)))
    slopes = [sympy.diff(flat, dummy) for dummy in dummies]
    if any(slope.has(*dummies) for slope in slopes):
        return None
    leading = next(slope for slope in slopes if slope != 0)
    ratios = tuple(slope / leading for slope in slopes)
    return (ratios, leading) if all(ratio.is_number for ratio in ratios) else None
