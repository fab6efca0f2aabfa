"""What is asked of an export is read as `Solution.at` reads it, gets names, and nothing in it is run."""

from __future__ import annotations

from typing import Any

import pytest
from sympy import Eq, Function, Integral, exp, symbols

import collocate as co
from collocate.errors import ExportError, ExpressionError
from collocate.exporting.outputs import read_outputs

from ...small import heat, rotation

x, t, s = symbols("x t s")
u = Function("u")(x, t)
CANONICAL = heat().fields[0]
X, T = heat().coordinates

READ: dict[str, tuple[Any, dict[str, Any]]] = {
    "nothing": (None, {"u": CANONICAL}),
    "text": ("u, u.diff(x), u_xt", {"u": CANONICAL, "u_x": CANONICAL.diff(X), "u_xt": CANONICAL.diff(X, T)}),
    "a name": ("flux = -2*u.diff(x)", {"flux": -2 * CANONICAL.diff(X)}),
    "commas in brackets": ("u.diff(x, 2), m=max(u, 0)", {"u_xx": CANONICAL.diff(X, 2), "m": None}),
    "comparisons are no names": ("p=Piecewise((u, x <= 1), (0, True))", {"p": None}),
    "a made name": ("-2*u_x + t", {"t_2_u_x": T - 2 * CANONICAL.diff(X)}),
    "coordinates in the domain's order": ("u.diff(t, x)", {"u_xt": CANONICAL.diff(X, T)}),
    "an expression": (u.diff(x), {"u_x": CANONICAL.diff(X)}),
    "a list": (["u", u.diff(t), "a=u, b=u_x"], {"u": None, "u_t": None, "a": None, "b": None}),
    "a mapping": ({"flux": -u.diff(x), "same": "u"}, {"flux": -CANONICAL.diff(X), "same": CANONICAL}),
    "a residual": ("residual, r=residual", {"residual": heat().equations[0].residual, "r": None}),
}
REFUSED: dict[str, tuple[Any, str]] = {
    "a name twice": ("u, u_x, u", "two outputs are called 'u'; give one a name of its own, as in u_2=u"),
    "made names twice": ("u-x, u+x", "two outputs are called"),
    "an input's name": ("x", "'x' has the name of an input; give it another, as in x_out=x"),
    "no identifier": ("2nd=u", "'2nd' is no identifier"),
    "nothing between": ("u,,u_x", "missing between two commas"),
    "empty": ([], "no output is asked"),
}


@pytest.mark.parametrize("case", READ)
def test_what_is_asked_is_read(case: str):
    asked, expected = READ[case]
    found = read_outputs(heat(), asked)
    assert [*found] == [*expected]
    assert all(found[name] == value for name, value in expected.items() if value is not None)


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(case: str):
    asked, message = REFUSED[case]
    with pytest.raises(ExportError, match=message):
        read_outputs(heat(), asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("v", "unknown name; known: t, u, x"),
        ("u.diff(y)", "unknown name"),
        ("__import__('os').system('true')", "unknown function"),
        ("u > 0", "is a condition, not a number"),
        ("a=", "can't be read"),
        (Function("w")(x), "not of this problem"),
    ],
)
def test_what_cannot_be_read_is_the_expressions_error(asked: Any, message: str):
    with pytest.raises(ExpressionError, match=message):
        read_outputs(heat(), asked)


def test_residuals_of_several_equations_have_numbers():
    found = read_outputs(rotation(), "residual_2")
    assert found == {"residual_2": rotation().equations[1].residual}
    with pytest.raises(ExportError, match="has 2 equations; ask for residual_1, residual_2"):
        read_outputs(rotation(), "residual")
    with pytest.raises(ExpressionError, match="unknown name"):
        read_outputs(rotation(), "residual_3")


def test_an_integral_is_refused():
    v = Function("v")(x)
    equation = Eq(v.diff(x), Integral(exp(-s) * Function("v")(s), (s, 0, x)))
    problem = co.Problem(equation, co.Interval(x, 0, 1), [co.Dirichlet(v, 1, on="left")])
    with pytest.raises(ExportError, match="integral of a field"):
        read_outputs(problem, "residual")
