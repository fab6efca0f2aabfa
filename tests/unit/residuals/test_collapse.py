"""Sums of outermost derivatives travel as one entry where every residual sees them through the same combination."""

from __future__ import annotations

import pytest
import sympy
from sympy import Derivative, Function, Symbol, sin

from collocate.jets import Entry, JetSpace
from collocate.residuals.collapse import Needs, needs

x, y = Symbol("x", real=True), Symbol("y", real=True)
u, v = Function("u")(x, y), Function("v")(x, y)
XX, YY, XY = (Derivative(u, *by).doit() for by in ((x, x), (y, y), (x, y)))
PLACEHOLDER = Symbol("__collapsed_u", real=True)


def _needs(*expressions: sympy.Expr) -> Needs:
    return needs(expressions, ("u", "v"), (x, y))


def _restored(found: Needs) -> list[sympy.Expr]:
    """The rewritten expressions with every collapsed entry written out again."""
    back = {
        node: sum(c * Derivative(u if field == "u" else v, (x, a), (y, b)) for (a, b), c in entry.terms)
        for node, (field, entry) in found.lookups.items()
        if isinstance(node, Symbol)
    }
    return [expression.xreplace(back) for expression in found.expressions]


def test_a_laplacian_is_one_entry() -> None:
    found = _needs(-(XX + YY) - sin(x))
    assert found.lookups == {PLACEHOLDER: ("u", Entry((((0, 2), 1.0), ((2, 0), 1.0))))}
    assert len(JetSpace.of(2, found.entries).entries) == 4


@pytest.mark.parametrize(
    "expressions",
    [
        [XX + YY],
        [x * (2 * XX - 3 * YY) + u * u.diff(x)],
        [u.diff(x, 4) + 2 * u.diff(x, 2, y, 2) + u.diff(y, 4) - u**3 + XX],
        [u.diff(y) + u * u.diff(x) - XX / 7],
        [u.diff(y) + u.diff(x, 4) + XX, sin(x) * (u.diff(y) + u.diff(x, 4)) + u.diff(x)],
        [3 * u.diff(x) + u.diff(y) - x],
        [XX + YY + u * v, 3 * XX + 3 * YY - v.diff(x), v.diff(x, 2) + 2 * v.diff(y, 2)],
    ],
)
def test_rewriting_keeps_the_expression_and_drops_the_parts(expressions: list) -> None:
    found = _needs(*expressions)
    assert any(isinstance(node, Symbol) for node in found.lookups)
    for before, after in zip(expressions, _restored(found), strict=True):
        assert sympy.expand(before - after.doit()) == 0


@pytest.mark.parametrize(
    "expressions",
    [
        [XX * YY - XY**2],  # not linear
        [XX + x * YY],  # a ratio that is no number
        [XX + YY, XX - YY],  # two combinations
        [XX + YY, XX],
        [u.diff(x) + u * u.diff(y)],  # a ratio that is a field
        [u.diff(x) + u.diff(x, 2)],  # a part of the other
        [XX + u],  # only one
    ],
)
def test_what_cannot_be_collapsed_stays(expressions: list) -> None:
    found = _needs(*expressions)
    assert found.expressions == tuple(expressions)
    assert all(entry.terms == Entry.partial(entry.terms[0][0]).terms for entry in found.entries)


def test_burgers_needs_three_entries() -> None:
    found = _needs(u.diff(y) + u * u.diff(x) - XX / 4)
    assert found.lookups[PLACEHOLDER] == ("u", Entry((((0, 1), -4.0), ((2, 0), 1.0))))
    assert len(JetSpace.of(2, found.entries).entries) == 3


def test_the_highest_collapse_where_not_all_outermost_do() -> None:
    heat = Function("u")(x, y, Symbol("t", real=True))
    found = needs([x * heat.diff(Symbol("t", real=True)) - heat.diff(x, 2) - heat.diff(y, 2)], ("u",), heat.args)
    assert found.lookups[PLACEHOLDER] == ("u", Entry((((0, 2, 0), 1.0), ((2, 0, 0), 1.0))))


def test_every_function_and_derivative_has_its_entry() -> None:
    found = _needs(u.diff(x) * v.diff(x, y) + u - v.diff(y, 2))
    assert found.lookups == {
        u: ("u", Entry.partial((0, 0))),
        v: ("v", Entry.partial((0, 0))),
        u.diff(x): ("u", Entry.partial((1, 0))),
        v.diff(x, y): ("v", Entry.partial((1, 1))),
        v.diff(y, 2): ("v", Entry.partial((0, 2))),
    }
