"""JSON trees: what goes in comes out, and nothing else is accepted."""

from __future__ import annotations

import json

import pytest
import sympy
from sympy import Function, Rational, cos, exp, pi, sin

from collocate.errors import ExpressionError
from collocate.expressions import canonicalise, field, from_tree, symbol, to_tree

X, T = symbol("x"), symbol("t")
u = field("u", (X, T))


def through_json(expression):
    return from_tree(json.loads(json.dumps(to_tree(expression))))


@pytest.mark.parametrize(
    "expression",
    [
        u.diff(X, 2) * u + u.diff(T, X),
        sympy.Float(0.1) + Rational(1, 3) + 10**40,
        sympy.Float(5e-324) * X,
        (X > 0) & ((T <= 1) | sympy.Ne(X, T)) & ~sympy.Eq(X, 2 * T),
        sympy.Piecewise((X, X > 0), (sin(pi * X), T > 0), (0, True)),
        sympy.atan2(X, T) + sympy.Heaviside(X) + sympy.erfc(X) + sympy.sec(X) + sympy.Max(X, T, 0),
        sympy.true,
        sympy.EulerGamma + sympy.E + exp(X) ** 2,
        X**T + 2**X + sympy.sqrt(X),
    ],
)
def test_round_trip_of_every_kind(expression):
    canonical = canonicalise(expression)
    assert through_json(canonical) == canonical


def test_a_tree_is_plain_json_with_floats_as_their_repr():
    assert to_tree(canonicalise(0.1 * X)) == {
        "kind": "multiply",
        "arguments": [{"kind": "float", "value": "0.1"}, {"kind": "symbol", "name": "x"}],
    }


def test_trees_are_the_same_in_every_run():
    one, other = (X > 0), (T < 1)
    assert to_tree(sympy.And(one, other)) == to_tree(sympy.And(other, one))


def test_what_has_no_tree_is_named():
    with pytest.raises(ExpressionError, match=r"gamma\(x\).*can't be stored; known: sin"):
        to_tree(sympy.gamma(X))


def test_a_number_without_a_tree_is_stored_as_the_nearest_double():
    number = sympy.gamma(Rational(1, 3))
    assert through_json(canonicalise(number)) == sympy.Float(float(number))
    assert through_json(canonicalise(number * X + sympy.zeta(3))) == float(number) * X + float(sympy.zeta(3))


INTEGER = {"kind": "integer", "value": "9"}


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"kind": "call", "name": "__import__"}, "is no known node; kinds: integer"),
        ("__import__('os')", "is no known node"),
        (None, "is no known node"),
        ({"kind": ["symbol"]}, "is no known node"),
        (
            {"kind": "function", "name": "__import__", "arguments": [INTEGER]},
            "unknown function '__import__'; known: sin",
        ),
        ({"kind": "function", "name": "sin", "arguments": []}, "not a well-formed function node"),
        ({"kind": "function", "name": "sin"}, "not a well-formed function node"),
        ({"kind": "constant", "name": "oo"}, "not a well-formed constant node"),
        ({"kind": "symbol", "name": 3}, "a name is a text of 1 to 200 characters, not 3"),
        ({"kind": "symbol", "name": ""}, "a name is a text"),
        ({"kind": "integer", "value": "9" * 5000}, "at most 2000 digits"),
        ({"kind": "integer", "value": 9}, "not a well-formed integer node"),
        ({"kind": "rational", "value": ["1", "0"]}, "the denominator is 0"),
        ({"kind": "float", "value": "inf"}, "a finite number"),
        ({"kind": "power", "arguments": [INTEGER, {"kind": "integer", "value": "99999999"}]}, "more than 4096 bits"),
        ({"kind": "power", "arguments": [INTEGER]}, "not a well-formed power node"),
        ({"kind": "derivative", "of": {"kind": "symbol", "name": "x"}, "by": [["x", 1]]}, "only fields are stored"),
        ({"kind": "derivative", "of": INTEGER, "by": [["x", 10**9]]}, "from 1 to 100"),
        ({"kind": "piecewise", "pieces": [[INTEGER]]}, "not a well-formed piecewise node"),
        ({"kind": "add", "arguments": [INTEGER, {"kind": "lambda"}]}, r"expression.add\[1\]: .* is no known node"),
        ({"kind": "field", "name": "u", "arguments": [INTEGER]}, "a field evaluated at a point"),
    ],
)
def test_loading_trusts_nothing(tree, said):
    with pytest.raises(ExpressionError, match=said):
        from_tree(tree)


def test_depth_is_limited():
    tree = {"kind": "symbol", "name": "x"}
    for _ in range(250):
        tree = {"kind": "function", "name": "sin", "arguments": [tree]}
    with pytest.raises(ExpressionError, match="deeper than 200 levels"):
        from_tree(tree)


def test_loading_makes_no_function_of_another_name_than_a_field():
    found = from_tree({"kind": "field", "name": "eval", "arguments": [{"kind": "symbol", "name": "x"}]})
    assert found == Function("eval", real=True)(X)
    assert through_json(cos(X)) == cos(X)
