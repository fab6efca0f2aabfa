"""Canonical form: by name, real, derivatives of fields only; SymPy's traps each give one clear error."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from sympy import Abs, Eq, Function, I, Rational, Symbol, cos, exp, pi, sin, symbols

from collocate.errors import ExpressionError
from collocate.expressions import canonicalise, field, number, symbol
from collocate.expressions.canonical import multi_index

x, y, t = symbols("x y t")
U = Function("u")
u = U(x, t)
X, T = symbol("x"), symbol("t")


def test_symbols_and_fields_are_equal_by_name_whatever_their_assumptions():
    positive = Symbol("x", positive=True)
    assert canonicalise(x + positive) == 2 * X
    assert canonicalise(Function("u", positive=True)(positive, t)) == field("u", (X, T))


def test_derivatives_get_one_form_whatever_the_order_they_were_written_in():
    written = [sympy.Derivative(u, t, x), sympy.Derivative(u, x, t), u.diff(t).diff(x), sympy.Derivative(u.diff(x), t)]
    assert len({canonicalise(derivative) for derivative in written}) == 1


def test_a_multi_index_counts_by_coordinate():
    assert multi_index(canonicalise(u.diff(t, 2, x)), (X, T)) == (1, 2)


def test_unevaluated_derivatives_of_products_are_carried_out():
    found = canonicalise(sympy.Derivative(x * u, x))
    assert found == field("u", (X, T)) + X * field("u", (X, T)).diff(X)
    assert canonicalise(sympy.Integral(x, (x, 0, 1))) == Rational(1, 2)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (Abs(x).diff(x), sympy.sign(X)),
        (Abs(u).diff(x), sympy.sign(field("u", (X, T))) * field("u", (X, T)).diff(X)),
        (Abs(u) ** 2, field("u", (X, T)) ** 2),
        (sympy.re(x), X),
        (sympy.im(x), sympy.Integer(0)),
        (sympy.conjugate(u), field("u", (X, T))),
    ],
)
def test_what_complex_symbols_leave_behind_disappears(written, expected):
    assert sympy.simplify(canonicalise(written) - expected) == 0


def test_the_derivative_of_the_modulus_of_a_derivative_is_real():
    du = field("u", (X, T)).diff(X)
    found = canonicalise(Abs(u.diff(x)).diff(x))
    assert not found.has(sympy.re, sympy.im)
    assert found.subs(du, 2) == field("u", (X, T)).diff(X, 2).subs(du, 2)


def test_floats_become_doubles():
    assert canonicalise(sympy.Float("0.1", 50)) == sympy.Float(0.1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.float64(0.5), sympy.Float(0.5)),
        (np.int64(3), sympy.Integer(3)),
        (np.array(2.0), sympy.Float(2.0)),
        (7, sympy.Integer(7)),
    ],
)
def test_python_and_numpy_numbers_are_expressions(given, expected):
    assert canonicalise(given) == expected


def test_canonical_form_is_a_fixed_point():
    expression = sin(pi * x) * exp(-t) + Abs(u.diff(x)) / 3 + sympy.Max(x, 0.5) * sympy.Heaviside(x - t)
    once = canonicalise(expression)
    assert canonicalise(once) == once


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (U(0, t), "a field evaluated at a point.*Dirichlet.*on=Eq"),
        (
            U(x, t - 1),
            r"u\(x, t - 1\), but a field is taken at its coordinates only.*shifts \(t - 1\) aren't supported",
        ),
        (U(x, t - 1).diff(t), r"delays and shifts \(t - 1\) aren't supported"),
        (U(x - t, 0), "delays and shifts"),
        (lambda x: x, r"the Python function <lambda>; write a SymPy expression of the coordinates, .*co\.Data"),
        (np.sin, "the Python function sin; write a SymPy expression"),
        (U(x, x), "a coordinate stands twice"),
        (u.diff(x).subs(x, 1), r"a derivative evaluated at a point \(from .subs\).*Condition"),
        (u + I, r"is complex: it holds I.*h = u \+ I\*v"),
        (exp(I * x), "is complex"),
        (sympy.Pow(-8, Rational(1, 3)) * x, r"fractional power of a negative number.*sign\(a\)"),
        (x * sympy.oo, "isn't a finite number"),
        (1 / sympy.Integer(0), "isn't a finite number"),
        (float("nan"), "isn't a finite number"),
        (True, "is the Python value True.*Write Eq.*`&` instead of `and`"),
        ("x + 1", "is the text 'x \\+ 1'; give a SymPy expression, like sin"),
        (U, "a function without its coordinates; write it applied"),
        ([x], "a SymPy expression or a number was expected"),
        (sympy.Heaviside(x, 1), "only the Heaviside function with the value 1/2 at 0.*Heaviside"),
        (u.diff((x, Symbol("n", integer=True))), "the order of a derivative must be a plain integer"),
        (cos(u).diff(u), None),
    ],
)
def test_traps_are_named(given, said):
    if said is None:
        assert canonicalise(given) == -sin(field("u", (X, T)))
        return
    with pytest.raises(ExpressionError, match=said):
        canonicalise(given)


def test_messages_start_with_where_the_expression_stands():
    with pytest.raises(ExpressionError, match=r"^equation 2 is complex"):
        canonicalise(x + I, "equation 2")


def test_number_keeps_pi_exact_and_refuses_the_rest():
    assert number(2 * pi) == 2 * pi
    for given, said in [
        (x, "must be a number"),
        ("1", "must be a number"),
        (sympy.oo, "finite"),
        (True, "must be a number"),
    ]:
        with pytest.raises(ExpressionError, match=said):
            number(given, "the bound")


def test_a_collapsed_equation_is_a_boolean_that_canonicalise_lets_pass_for_predicates():
    assert canonicalise(Eq(x, x)) == sympy.true


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (sympy.Sum(U(y), (y, 0, 3)), "a sum of a field.*write its terms out"),
        (sympy.Limit(U(y), y, 0), "a limit of a field"),
    ],
)
def test_sums_of_fields_are_refused(written, message):
    with pytest.raises(ExpressionError, match=message):
        canonicalise(written)


def test_integrals_of_fields_stay_integrals_of_canonical_ones():
    found = canonicalise(x * sympy.Integral(U(y, t).diff(y), (y, 0, x)))
    real = symbol("y")
    assert found == X * sympy.Integral(field("u", (real, T)).diff(real), (real, 0, X))


def test_integrals_with_a_closed_form_are_carried_out():
    assert canonicalise(sympy.Integral(y**2, (y, 0, x))) == X**3 / 3
    assert canonicalise(sympy.Integral(u, (y, 0, 2))) == 2 * field("u", (X, T))
