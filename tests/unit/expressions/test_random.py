"""Random expressions of x and y: they survive storage, and lower to SymPy's own values (evalf, 30 digits)."""

from __future__ import annotations

import json
import math

import numpy as np
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collocate.backends.numpy import NumpyBackend
from collocate.expressions import canonicalise, evaluate, from_tree, lower, symbol, to_tree
from collocate.jets import JetAlgebra, JetSpace

BK = NumpyBackend("eager", "float64", "cpu")
POINTS = [(sympy.Rational(3, 10), sympy.Rational(11, 8)), (sympy.Rational(-7, 9), sympy.Rational(2, 3))]
X, Y = symbol("x"), symbol("y")

_LEAVES = st.one_of(
    st.sampled_from([X, Y, sympy.pi, sympy.E]),
    st.integers(-4, 4).map(sympy.Integer),
    st.builds(sympy.Rational, st.integers(-5, 5), st.integers(1, 7)),
    st.floats(-3, 3, allow_subnormal=False).map(sympy.Float),
)
_SMOOTH = [sympy.sin, sympy.cos, sympy.tanh, sympy.exp, sympy.atan, sympy.erf, sympy.sinh, sympy.cosh, sympy.sech]


def _grow(children):
    return st.one_of(
        st.builds(lambda f, a: f(a), st.sampled_from(_SMOOTH), children),
        st.lists(children, min_size=2, max_size=3).map(lambda parts: sympy.Add(*parts)),
        st.lists(children, min_size=2, max_size=3).map(lambda parts: sympy.Mul(*parts)),
        st.builds(lambda a, n: (1 + a**2) ** n, children, st.sampled_from([-2, -1, 2, 3, sympy.S.Half])),
        st.builds(lambda a: 2**a, children),
    )


def _kink(children):
    relation = st.builds(
        lambda r, a, b: r(a, b), st.sampled_from([sympy.Lt, sympy.Le, sympy.Gt, sympy.Ge]), children, children
    )
    pair = st.builds(lambda connect, c, d: connect(c, d), st.sampled_from([sympy.And, sympy.Or]), relation, relation)
    return st.one_of(
        _grow(children),
        st.builds(sympy.Abs, children),
        st.builds(sympy.Max, children, children),
        st.builds(sympy.Min, children, children),
        st.builds(lambda c, a, b: sympy.Piecewise((a, c), (b, True)), relation | pair, children, children),
    )


smooth = st.recursive(_LEAVES, _grow, max_leaves=6)
anything = st.recursive(_LEAVES, _kink, max_leaves=8)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(anything)
def test_round_trip_of_random_expressions(expression):
    canonical = canonicalise(expression)
    assert from_tree(json.loads(json.dumps(to_tree(canonical)))) == canonical


def truth(expression, point):
    return sympy.N(expression.xreplace(dict(zip((X, Y), point, strict=True))), 30)


def is_tame(expression, point):
    """Neither large values inside (rounding is absolute) nor comparisons that rounding could decide."""
    for node in sympy.preorder_traversal(expression):
        if isinstance(node, sympy.Expr) and node.is_number is not None and not isinstance(node, sympy.Piecewise):
            value = truth(node, point)
            if not value.is_real or abs(value) > 1000:
                return False
        if isinstance(node, sympy.core.relational.Relational):
            gap = truth(node.lhs - node.rhs, point)
            if not gap.is_real or abs(gap) < 1e-6:
                return False
    return True


@settings(max_examples=200, deadline=None, derandomize=True)
@given(anything)
def test_values_of_random_expressions(expression):
    expression = canonicalise(expression)
    assume(all(is_tame(expression, point) for point in POINTS))
    arrays = {name: np.array([float(point[k]) for point in POINTS]) for k, name in enumerate("xy")}
    found = evaluate(expression, arrays)
    np.testing.assert_allclose(found, [float(truth(expression, point)) for point in POINTS], rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(smooth)
def test_derivatives_of_random_expressions_come_out_of_the_same_rules_on_jets(expression):
    expression = canonicalise(expression)
    wanted = [(1, 0), (0, 2), (1, 1)]
    derivatives = {alpha: sympy.diff(expression, (X, alpha[0]), (Y, alpha[1])) for alpha in wanted}
    point = POINTS[0]
    assume(is_tame(expression, point) and all(is_tame(derivative, point) for derivative in derivatives.values()))
    algebra = JetAlgebra(BK, JetSpace.of(2, wanted))
    environment = {s: algebra.coordinate(k, np.array([[float(point[k])]])) for k, s in enumerate((X, Y))}
    jet = lower(expression, algebra, environment)
    for alpha, derivative in derivatives.items():
        found = algebra.derivative(jet, alpha)
        value = 0.0 if found is None else float(np.squeeze(found))
        assert math.isclose(value, float(truth(derivative, point)), rel_tol=1e-8, abs_tol=1e-8)
