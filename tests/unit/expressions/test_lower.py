"""Lowering: the values are SymPy's own (evalf, 30 digits), on arrays and on jets."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy
from sympy import Function, Symbol, exp, pi, sin, symbols

from collocate.backends.numpy import NumpyBackend
from collocate.errors import ExpressionError
from collocate.expressions import canonicalise, check_supported, evaluate, field, lower, symbol
from collocate.jets import JetAlgebra, JetSpace

BK = NumpyBackend("eager", "float64", "cpu")
X, Y = symbol("x"), symbol("y")
x, t = symbols("x t")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sympy.atan2(Y, X), np.arctan2),
        (sympy.Max(X, Y, 0), lambda y, x: np.maximum(np.maximum(x, y), 0)),
        (sympy.Min(X, Y), lambda y, x: np.minimum(x, y)),
        (sympy.Heaviside(X), lambda y, x: np.heaviside(x, 0.5)),
        (sympy.sign(X) * Y, lambda y, x: np.sign(x) * y),
        (2**X, lambda y, x: 2**x),
        ((X**2 + 1) ** Y, lambda y, x: (x**2 + 1) ** y),
        (sympy.erfc(X), lambda y, x: 1 - np.vectorize(math.erf)(x)),
        (sympy.sec(X), lambda y, x: 1 / np.cos(x)),
        (sympy.csch(X**2 + 1) + sympy.coth(X**2 + 1), lambda y, x: 1 / np.sinh(x**2 + 1) + 1 / np.tanh(x**2 + 1)),
        (sympy.asin(X / 4) + sympy.acos(X / 4), lambda y, x: np.full_like(x, np.pi / 2)),
    ],
)
def test_values_of_the_less_common_kinds(expression, expected):
    a, b = (grid.ravel() for grid in np.meshgrid(np.linspace(-2, 2, 8), np.linspace(-1, 1, 6)))
    found = evaluate(expression, {"x": a, "y": b})
    np.testing.assert_allclose(found, expected(b, a), atol=1e-14)


def test_atan2_on_the_axes():
    found = evaluate(sympy.atan2(Y, X), {"x": np.array([0.0, 0.0, -1.0, 1.0]), "y": np.array([1.0, -1.0, 0.0, 0.0])})
    np.testing.assert_allclose(found, [np.pi / 2, -np.pi / 2, np.pi, 0.0])


def test_predicates_give_booleans():
    found = evaluate(
        ((X > 0) & (Y <= 1)) | sympy.Eq(X, -1) | ~(Y < 5), {"x": np.array([1.0, -1.0, -2.0, -2.0]), "y": [1, 3, 4, 6]}
    )
    assert found.dtype == bool
    assert found.tolist() == [True, True, False, True]


def test_piecewise_without_a_last_branch_is_nan_there_and_branches_not_taken_do_no_harm():
    found = evaluate(sympy.Piecewise((sympy.sqrt(X), X > 0)), {"x": np.array([4.0, -1.0])})
    assert found[0] == 2.0 and np.isnan(found[1])
    assert evaluate(sympy.Piecewise((sympy.log(X), X > 0), (0, True)), {"x": np.array([-1.0])}).tolist() == [0.0]


def test_arrays_broadcast_and_constants_fill():
    found = evaluate(X * Y, {"x": np.linspace(0, 1, 3)[:, None], "y": np.linspace(0, 1, 4)})
    assert found.shape == (3, 4) and found[2, 3] == 1.0
    assert evaluate(sympy.Integer(3), {"x": np.zeros((2, 2))}).tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert evaluate(pi, {}).shape == ()


def test_a_name_stands_for_a_symbol_or_a_field_whatever_the_assumptions():
    assert evaluate(Function("u")(x, t) * Symbol("x", positive=True), {"x": 2.0, "u": 3.0}) == 6.0


def test_lists_of_integers_are_read_as_doubles():
    assert evaluate(1 / X, {"x": [2]}).tolist() == [0.5]


def test_a_missing_name_is_named_with_the_known_ones():
    with pytest.raises(ExpressionError, match="the symbol t has no value here; known: x"):
        evaluate(x * t, {"x": 1.0})
    with pytest.raises(ExpressionError, match=r"the derivative Derivative\(u\(x, t\), x\) has no value here"):
        evaluate(Function("u")(x, t).diff(x), {"x": 1.0})


@pytest.mark.parametrize("expression", [sympy.gamma(X), sympy.DiracDelta(X), sympy.floor(X) * 2, sympy.asinh(X)])
def test_unsupported_kinds_are_named_with_the_supported_ones(expression):
    for refuse in (lambda e: evaluate(e, {"x": 1.0}), check_supported):
        with pytest.raises(ExpressionError, match=r"isn't supported\. Supported: numbers.*functions sin, cos"):
            refuse(expression)


def test_check_supported_passes_what_can_be_lowered():
    u = field("u", (symbol("x"), symbol("t")))
    check_supported(
        canonicalise(u.diff(x) * exp(x) + sympy.Piecewise((x, x > 0), (0, True)) + sympy.Max(x, t) + sin(1))
    )


def test_values_that_are_not_real_numbers_are_refused():
    with pytest.raises(ExpressionError, match="isn't a finite real number"):
        evaluate(X + sympy.asin(2), {"x": 1.0})
    with pytest.raises(ExpressionError, match=r"the base -2 isn't positive"):
        evaluate((-2) ** X, {"x": 1.0})


def test_each_common_part_is_computed_once():
    class Counting(JetAlgebra):
        calls = 0

        def function(self, name, jet):
            self.calls += 1
            return super().function(name, jet)

    algebra = Counting(BK, JetSpace.of(1))
    lower(sin(X) ** 2 + sin(X) + exp(sin(X)), algebra, {X: algebra.array(np.ones((1, 1)))})
    assert algebra.calls == 2


def test_the_environment_goes_before_the_rules():
    algebra = JetAlgebra(BK, JetSpace.of(1))
    u = field("u", (X,))
    found = lower(u.diff(X) + u, algebra, {u: algebra.constant(2.0), u.diff(X): algebra.constant(5.0)})
    assert found[0] == 7.0
