"""Hermite shapes, Gordon's blending and the vanishing factor, as symbols."""

from __future__ import annotations

import pytest
import sympy
from sympy import Rational, Symbol, exp, sin

from collocate.planning.exact import HIGH, LOW, Axis, hermite, trial

x, y, t = (Symbol(name, real=True) for name in "xyt")


def _axis(low: int, high: int) -> Axis:
    traces = {LOW: (sympy.S.Zero,) * low, HIGH: (sympy.S.Zero,) * high}
    return Axis(x, sympy.Integer(-1), sympy.pi, traces)


COUNTS = [(1, 0), (0, 1), (1, 1), (2, 0), (2, 1), (2, 2), (3, 1)]


@pytest.mark.parametrize(("low", "high"), COUNTS)
def test_each_shape_is_one_datum_and_no_other(low: int, high: int) -> None:
    axis = _axis(low, high)
    data = [(side, order) for side, count in ((LOW, low), (HIGH, high)) for order in range(count)]
    shapes = hermite(low, high, axis)
    assert list(shapes) == data
    for key, shape in shapes.items():
        assert sympy.degree(shape, x) <= low + high - 1
        for side, order in data:
            found = sympy.diff(shape, x, order).subs(x, axis.end(side))
            assert sympy.simplify(found) == int(key == (side, order))


@pytest.mark.parametrize(("low", "high"), COUNTS)
def test_the_factor_vanishes_as_often_as_there_are_data_and_is_at_most_one(low: int, high: int) -> None:
    axis = _axis(low, high)
    factor = axis.vanishing()
    for side, count in ((LOW, low), (HIGH, high)):
        values = [sympy.simplify(sympy.diff(factor, x, order).subs(x, axis.end(side))) for order in range(count + 1)]
        assert values[:count] == [0] * count and values[count] != 0
    samples = [float(factor.subs(x, -1 + (sympy.pi + 1) * Rational(k, 120))) for k in range(121)]
    assert max(samples) == pytest.approx(1.0, abs=1e-12) and min(samples) >= 0.0


def test_without_data_there_is_nothing_to_meet() -> None:
    assert trial([Axis(x, sympy.S.Zero, sympy.S.One)]) == (0, 1)


def test_blending_meets_the_data_of_all_axes() -> None:
    """Dirichlet data of one function on three faces, and its initial value and slope."""
    truth = exp(x) * sin(y + t) + t * x**2
    one = sympy.S.One
    axes = [
        Axis(x, -one, one, {LOW: (truth,), HIGH: (truth,)}),
        Axis(y, sympy.S.Zero, one, {HIGH: (truth,)}),
        Axis(t, sympy.S.Zero, 2 * one, {LOW: (truth, truth.diff(t))}),
    ]
    particular, factor = trial(axes)
    for face in ({x: -one}, {x: one}, {y: one}, {t: sympy.S.Zero}):
        _vanishes((particular - truth).subs(face))
        assert factor.subs(face) == 0
    _vanishes((particular - truth).diff(t).subs(t, 0))
    assert factor.diff(t).subs(t, 0) == 0


def _vanishes(expression: sympy.Expr) -> None:
    for a, b, c in ((0.3, 0.2, 0.7), (-0.8, 0.9, 1.6)):
        assert abs(float(expression.subs({x: a, y: b, t: c}))) < 1e-13


def test_only_traces_enter() -> None:
    """Data that hold x are restricted to their face: an expression for the solution inside never enters G."""
    inside = sympy.Function("f")(x)
    particular, _ = trial([Axis(x, sympy.S.Zero, sympy.S.One, {LOW: (inside,), HIGH: (inside,)})])
    assert particular.atoms(sympy.Function) == {inside.subs(x, 0), inside.subs(x, 1)}
