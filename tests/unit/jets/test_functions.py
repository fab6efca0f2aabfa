"""Every function's derivatives against SymPy's, to the highest order, at 30 digits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from collocate.backends.select import get
from collocate.jets.entries import MAX_ORDER
from collocate.jets.functions import FUNCTIONS, power

z = sympy.Symbol("z", real=True)
TRUTH = {
    "tanh": sympy.tanh(z),
    "sigmoid": 1 / (1 + sympy.exp(-z)),
    "swish": z / (1 + sympy.exp(-z)),
    "gelu": z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "sin": sympy.sin(z),
    "cos": sympy.cos(z),
    "tan": sympy.tan(z),
    "sinh": sympy.sinh(z),
    "cosh": sympy.cosh(z),
    "exp": sympy.exp(z),
    "log": sympy.log(z),
    "erf": sympy.erf(z),
    "asin": sympy.asin(z),
    "acos": sympy.acos(z),
    "atan": sympy.atan(z),
    "abs": sympy.Piecewise((z, z > 0), (-z, True)),
    "sign": sympy.Piecewise((1, z > 0), (-1, True)),
    "heaviside": sympy.Piecewise((1, z > 0), (0, True)),
}
POINTS = np.array([-0.9, -0.31, 0.17, 0.55, 0.83])


def _check(found: list, truth: sympy.Expr, points: np.ndarray) -> None:
    for order, values in enumerate(found):
        derivative = sympy.diff(truth, z, order)
        expected = np.array([float(derivative.subs(z, sympy.Float(p, 30)).evalf(25)) for p in points])
        actual = np.broadcast_to(0.0 if values is None else values, points.shape)
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12, err_msg=f"order {order}")


def test_the_table_is_covered() -> None:
    assert set(TRUTH) == set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_derivatives(name: str) -> None:
    points = np.abs(POINTS) if name == "log" else POINTS
    _check(FUNCTIONS[name](get("numpy"), points, MAX_ORDER), TRUTH[name], points)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, 7.0, -1.0, -3.0, 0.5, -0.5, 2.5, 0.3])
def test_powers(exponent: float) -> None:
    points = np.abs(POINTS)
    truth = z ** sympy.Rational(str(exponent))
    _check(power(get("numpy"), points, exponent, MAX_ORDER), truth, points)


def test_natural_powers_take_negative_bases_and_vanish_past_their_order() -> None:
    found = power(get("numpy"), POINTS, 2.0, MAX_ORDER)
    np.testing.assert_allclose(found[0], POINTS**2)
    assert found[3] is None and found[4] is None
