"""Conditions in time and at points, measured values, unknown fields, parameters, integrals, complex pairs."""

from __future__ import annotations

import numpy as np
import pandas
import pytest
from sympy import Abs, Eq, Function, I, Integral, Symbol, cos, exp, pi, sin, symbols

import collocate as co
from collocate.errors import CollocateError, StatementError
from collocate.expressions import field, symbol
from collocate.statement import MEASURED

x, t, s, nu, y = symbols("x t s nu y")
X, T, NU = symbol("x"), symbol("t"), symbol("nu")
u, v, k = Function("u")(x, t), Function("v")(x, t), Function("k")(x)
U, Z = Function("u"), Function("z")(t)
SLAB = co.Interval(x, 0, 1) * co.Time(t, 0, 2)
EDGES = co.Dirichlet(u, 0)
TABLE = {"x": [0.1, 0.5], "t": [1.0, 2.0], "u": [3.0, 4.0]}


def heat(conditions, **changes):
    return co.Problem(Eq(u.diff(t), nu * u.diff(x, 2)), SLAB, conditions, unknowns=[co.Unknown(nu, 1.0)], **changes)


def of_kind(problem: co.Problem, kind: str):
    return [condition for condition in problem.conditions if condition.kind == kind]


def again(problem: co.Problem) -> co.Problem:
    """Through JSON and back: the statement must say the same."""
    loaded = co.Problem.from_json(problem.to_json())
    assert loaded.describe() == problem.describe()
    assert loaded.to_json() == problem.to_json()
    return loaded


# In time.


def test_a_final_value_takes_the_place_of_an_initial_one():
    problem = co.Problem(Eq(u.diff(t), -u.diff(x, 2)), SLAB, [co.Final(u, t * sin(pi * x)), EDGES])
    (final,) = of_kind(again(problem), "final")
    assert final.parts == ("final",)
    assert final.value == 2 * sin(pi * X)  # t is 2 at the end
    second = co.Problem(Eq(Z.diff(t, 2), -Z), co.Time(t, 0, 1), [co.Initial(Z, 0), co.Final(Z, 1)])
    assert [condition.label for condition in second.conditions] == ["initial z", "final z"]


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([], r"of order 1 in t, so it takes 1 initial condition. Add Initial\(u\(x, t\), …\)"),
        ([co.Initial(u, 0), co.Final(u, 0)], r"too many conditions in time.*Remove Final\(u\(x, t\), …\)"),
        ([co.Final(u, 0), co.Final(u, 1)], r"Final\(u\(x, t\), …\) is given twice; keep one"),
        ([co.Initial(u, 0), co.Final(u.diff(t), 1)], r"too many final conditions.*Remove Final\(u\(x, t\).diff\(t\)"),
        ([co.Final(2 * u, 0)], r"a final condition is on a field or its derivative by t; got 2\*u"),
    ],
)
def test_conditions_in_time_are_counted(conditions, said):
    with pytest.raises(StatementError, match=said):
        co.Problem(Eq(u.diff(t), u.diff(x, 2)), SLAB, [*conditions, EDGES])


def test_an_unknown_may_be_found_by_a_final_value_and_a_field_without_initial_value_by_data():
    assert heat([co.Initial(u, sin(pi * x)), co.Final(u, 0), EDGES]).warnings == ()
    assert of_kind(heat([EDGES, co.Data(u, TABLE)]), "initial") == []


def test_final_needs_a_time():
    with pytest.raises(StatementError, match=r"has no Time.*Dirichlet\(u, g, on='right'\)"):
        co.Problem(Eq(U(x).diff(x), 0), co.Interval(x, 0, 1), [co.Final(U(x), 0)])


# At points.


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        {x: [0.1, 0.5], t: [1.0, 2.0], u: [3.0, 4.0]},
        {**TABLE, "u": None, "value": [3.0, 4.0], "another": ["a", "b"]} | {"u": [3.0, 4.0]},
        pandas.DataFrame(TABLE)[["u", "t", "x"]],
        np.array([[0.1, 1.0, 3.0], [0.5, 2.0, 4.0]]),
    ],
)
def test_a_table_is_a_mapping_a_frame_or_an_array(table):
    problem = heat([co.Initial(u, sin(pi * x)), EDGES, co.Data(u, table, sigma=0.1)])
    (data,) = of_kind(again(problem), "data")
    assert data.residual == field("u", (X, T)) - symbol(MEASURED)
    np.testing.assert_array_equal(data.observations.coordinates, [[0.1, 1.0], [0.5, 2.0]])
    np.testing.assert_array_equal(data.observations.values, [3.0, 4.0])
    np.testing.assert_array_equal(data.observations.sigma, [0.1, 0.1])


def test_observations_weigh_by_their_variance():
    problem = heat([co.Initial(u, 0), EDGES, co.Data(u, {**TABLE, "error": [1.0, 2.0]}, sigma="error")])
    (observed,) = problem.observations.values()
    np.testing.assert_allclose(observed.weight, [0.8, 0.2])


def test_an_expression_may_be_observed():
    (data,) = of_kind(heat([co.Initial(u, 0), EDGES, co.Data(u.diff(x) + t, {**TABLE, "value": [1, 2]})]), "data")
    assert data.order == 1
    np.testing.assert_array_equal(data.observations.values, [1, 2])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (co.Data(u, {"x": [0.1], "u": [1]}), r"the table has the columns x, u; it needs x, t, u \(or value\)"),
        (co.Data(u.diff(x), TABLE), "it needs x, t, value"),
        (co.Data(u, {**TABLE, "t": [1.0]}), "columns must be of one length.*x 2, t 1, u 2"),
        (co.Data(u, {"x": [], "t": [], "u": []}), "one row or more"),
        (co.Data(u, {**TABLE, "u": [1, float("nan")]}), "the column u holds nan in row 1 .1 of 2 rows are not finite"),
        (co.Data(u, {**TABLE, "u": ["a", "b"]}), "the column u must hold real numbers"),
        (co.Data(u, {**TABLE, "x": [0.5, 1.5]}), r"row 1 \(x = 1.5, t = 2\) lies outside the domain"),
        (co.Data(u, np.zeros((4, 2))), r"an array \(n, 3\) in that order; got an array of shape \(4, 2\)"),
        (co.Data(u, "data.csv"), "the table is a mapping or a pandas frame.*got str"),
        (co.Data(u, TABLE, sigma="error"), "sigma names the column 'error'; the table has x, t, u"),
        (co.Data(u, TABLE, sigma=0), "sigma is a positive standard deviation.*got 0$"),
        (co.Data(u, TABLE, sigma=[1, 2, 3]), "one number or one a row; got 3 for 2 rows"),
        (co.Data(u, {**TABLE, "u": np.array([1, 2j])}), "the column u must hold real numbers: they are complex"),
        (co.Data(u, np.array([[0.1, 1, 2j]])), "the column x must hold real numbers: they are complex"),
        (co.Data(u, {**TABLE, "u": np.ma.masked_equal([3.0, 99.0], 99.0)}), "the column u .* 1 of them are masked"),
        (co.Data(u, np.ma.masked_equal([[0.1, 1.0, 3.0], [0.5, 2.0, 99.0]], 99.0)), "the column value .* are masked"),
        (co.Data(u, TABLE, sigma=np.ma.masked_equal([1.0, 99.0], 99.0)), "the column sigma .* are masked"),
        (co.Data(x, TABLE), "x holds no field"),
        (co.Point(u, 1, x=0.5), r"one number for each coordinate \(x=…, t=…\); got x.*Dirichlet, Initial or Condition"),
        (co.Point(u, 1, x=0.5, t=0, z=1), "got x, t, z"),
        (co.Point(u, x, x=0.5, t=0), "the value at a point is a number; got x"),
        (co.Point(u, 1, x=2, t=0), r"row 0 \(x = 2, t = 0\) lies outside"),
        (co.Point(u, 1, at={x: 0.5}), r"one number for each coordinate \(x=…, t=…\); got x"),
        (co.Point(u, 1, x="left", t=0), r"x must be a number .*got 'left'"),
    ],
)
def test_bad_observations_get_one_clear_error(data, said):
    with pytest.raises(CollocateError, match=said):
        heat([co.Initial(u, 0), EDGES, data])


def test_a_point_holds_a_number_or_an_unknown():
    (point,) = of_kind(again(heat([co.Initial(u, 0), EDGES, co.Point(u, 2 * nu, x=0.5, t=pi / 2)])), "data")
    assert point.residual == field("u", (X, T)) - 2 * NU
    np.testing.assert_allclose(point.observations.coordinates, [[0.5, np.pi / 2]])


def test_a_point_may_be_named_by_symbols():
    initial = [co.Initial(u, 0), EDGES]
    (found,) = of_kind(heat([*initial, co.Point(u, nu, at={x: 0.5, t: 1})]), "data")
    np.testing.assert_array_equal(found.observations.coordinates, [[0.5, 1.0]])
    with pytest.raises(StatementError, match=r"the place is given by name, like x=0.5, or as a mapping.*got 0.5"):
        co.Point(u, 1, 0.5)


def test_a_mask_that_hides_nothing_is_no_matter():
    found = heat([co.Initial(u, 0), EDGES, co.Data(u, {**TABLE, "u": np.ma.array([3.0, 4.0], mask=False)})])
    np.testing.assert_array_equal(of_kind(found, "data")[0].observations.values, [3.0, 4.0])


# Unknowns and parameters.


def test_an_unknown_field_has_coordinates_of_its_own():
    problem = co.Problem(
        Eq(u.diff(t), (k * u.diff(x)).diff(x)),
        SLAB,
        [co.Initial(u, sin(pi * x)), EDGES, co.Data(u, TABLE), co.Dirichlet(k, 1, on="left")],
        unknowns=[co.Unknown(k, 0.5)],
        reference={k: 1 + x},
    )
    for stated in (problem, again(problem)):
        assert stated.field_names == ("k", "u")
        assert stated.sees == {"k": ("x",), "u": ("x", "t")}
        assert stated.unknown_fields["k"].guess == 0.5
        assert stated.unknowns == ()
        assert not any("equation" in warning for warning in stated.warnings)


def test_a_field_of_fewer_coordinates_must_be_declared():
    with pytest.raises(StatementError, match=r"write it k\(x, t\).*unknowns=\[Unknown\(k\(x\)\)\]"):
        co.Problem(Eq(u.diff(t), k * u), SLAB, [co.Initial(u, 1)])


def test_bounds_of_an_unknown_are_kept():
    problem = co.Problem(Eq(Z.diff(t), nu * Z), co.Time(t, 0, 1), [co.Initial(Z, 1), co.Point(Z, 2, t=1)],
                         unknowns=[co.Unknown(nu, 1.0, bounds=(0, None))])  # fmt: skip
    assert again(problem).unknowns[0].bounds == (0.0, None)
    assert "nu, guess 1, from 0 to any" in problem.describe()


def test_a_parameter_is_a_coordinate_without_boundary():
    problem = co.Problem(
        Eq(u.diff(t), nu * u.diff(x, 2)),
        SLAB,
        [co.Initial(u, sin(pi * x)), EDGES],
        parameters=[co.Parameter(nu, 0.1, 1)],
        reference=exp(-nu * pi**2 * t) * sin(pi * x),
    )
    for stated in (problem, again(problem)):
        assert stated.domain.names == ("x", "t", "nu")
        assert stated.domain.parameters == ("nu",)
        assert stated.domain.space == ("x",)
        assert [part.name for part in stated.domain.parts] == ["left", "right"]
        assert str(stated.fields[0]) == "u(x, t, nu)"
        assert stated.order("u", "nu") == 0


# Integrals.


def test_an_integral_is_over_the_coordinate_whose_place_its_variable_takes():
    equation = Eq(u.diff(t) + u, Integral(exp(-x * s) * Function("u")(s, t), (s, 0, x)))
    problem = again(co.Problem(equation, SLAB, [co.Initial(u, 1)]))
    (node,) = problem.equations[0].residual.atoms(Integral)
    assert node == Integral(exp(-symbol("__outer_x") * X) * field("u", (X, T)), (X, 0, X))
    assert str(problem.equations[0]) == "u + u_t = Integral(u(s, t)*exp(-s*x), (s, 0, x))"
    own = co.Problem(Eq(u.diff(t) + u, Integral(u * x, (x, 0, 1))), SLAB, [co.Initial(u, 1)])
    (node,) = own.equations[0].residual.atoms(Integral)
    assert node == Integral(field("u", (X, T)) * X, (X, 0, 1))


def test_derivatives_under_an_integral_ask_for_no_condition():
    problem = co.Problem(Eq(U(x), Integral(U(s).diff(s), (s, 0, x))), co.Interval(x, 0, 1))
    assert problem.order("u", "x") == 0


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (Integral(U(s, t), s), "an integral is over one variable with two bounds"),
        (Integral(U(s, t) * u, (s, 0, 1)), r"u\(x, t\) doesn't depend on s; take it out of the integral"),
        (Integral(U(s, t), (s, 0, u)), "its bounds must be numbers or expressions of the coordinates"),
        (Integral(U(s, t) * U(x, s), (s, 0, 1)), "s stands for t and for x"),
        (Integral(U(s, y), (s, 0, 1)), "s must stand in the place of one coordinate; those are x, t"),
        (Integral(U(s, t) * Symbol("q"), (s, 0, 1)), "the symbol 'q' is unknown"),
        (Integral(U(s, t), (s, 0, 5)), r"Integral\(u\(s, t\), \(s, 0, 5\)\), whose range leaves the domain .* in x"),
        (Integral(U(s, t), (s, x - 1, x)), "whose range leaves the domain"),
    ],
)
def test_bad_integrals_get_one_clear_error(term, said):
    with pytest.raises(CollocateError, match=said):
        co.Problem(Eq(u.diff(t), term), SLAB, [co.Initial(u, 1)])


def test_integrals_stand_in_equations_only():
    with pytest.raises(StatementError, match="integral terms stand in the equations only"):
        heat([co.Initial(u, 0), co.Condition(Eq(Integral(U(s, t), (s, 0, 1)), u), on="left")])


def test_a_field_may_stand_under_integrals_only():
    first_kind = Eq(Integral(exp(x * s) * U(s), (s, 0, 1)), x)
    problem = again(co.Problem(first_kind, co.Interval(x, 0, 1)))
    assert problem.fields == (field("u", (X,)),)
    (node,) = problem.equations[0].residual.atoms(Integral)
    assert node == Integral(exp(symbol("__outer_x") * X) * field("u", (X,)), (X, 0, 1))


# Complex pairs.


def test_a_complex_equation_and_its_conditions_become_two():
    h = u + I * v
    problem = co.Problem(
        Eq(I * h.diff(t), -h.diff(x, 2) / 2 + Abs(h) ** 2 * h),
        SLAB,
        [co.Initial(h, exp(I * x)), co.Dirichlet(h, 1, on="right"), co.Condition(Eq(I * h, h.diff(x)), on="left")],
    )
    real, imaginary = (equation.residual.expand() for equation in problem.equations)
    a, b = field("u", (X, T)), field("v", (X, T))
    assert (real - (-b.diff(T) + a.diff(X, 2) / 2 - (a**2 + b**2) * a)).expand() == 0
    assert (imaginary - (a.diff(T) + b.diff(X, 2) / 2 - (a**2 + b**2) * b)).expand() == 0
    assert [c.value for c in of_kind(problem, "initial")] == [cos(X), sin(X)]
    assert [c.residual for c in of_kind(problem, "dirichlet")] == [a - 1, b]
    assert [c.residual for c in of_kind(problem, "condition")] == [-b - a.diff(X), a - b.diff(X)]


def test_an_integral_of_a_complex_field_becomes_two():
    h = u + I * v
    equation = Eq(I * h.diff(t) + Integral((1 + I * x) * h.subs(x, s), (s, 0, 1)), 0)
    problem = co.Problem(equation, SLAB, [co.Initial(h, 1)])
    outer, a, b = symbol("__outer_x"), field("u", (X, T)), field("v", (X, T))
    real, imaginary = (one.residual for one in problem.equations)

    def integrated(residual):
        return sum(node.function for node in residual.atoms(Integral))

    assert (integrated(real) - (a - outer * b)).expand() == 0
    assert (integrated(imaginary) - (b + outer * a)).expand() == 0
    assert real.has(-b.diff(T)) and imaginary.has(a.diff(T))


@pytest.mark.parametrize("value", [1, 1j, np.float32(1), np.complex64(1 + 2j), np.array(2.0)])
def test_a_complex_condition_takes_any_number(value):
    equations = [Eq(u.diff(t), v), Eq(v.diff(t), u)]
    problem = co.Problem(equations, SLAB, [co.Initial(u + I * v, value)])
    assert [complex(c.value) for c in of_kind(problem, "initial")] == [complex(value).real, complex(value).imag]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0", r"Initial\(.*is the text '0'; give a SymPy expression"),
        (None, r"is None \(NoneType\); a SymPy expression or a number was expected"),
        ([1], r"is \[1\] \(list\)"),
        (np.array([1.0]), r"\(ndarray\)"),
        (lambda x: x, "is the Python function <lambda>"),
    ],
)
def test_a_complex_condition_refuses_what_is_no_expression(value, said):
    with pytest.raises(CollocateError, match=said):
        co.Problem([Eq(u.diff(t), v), Eq(v.diff(t), u)], SLAB, [co.Initial(u + I * v, value)])


def test_a_complex_condition_needs_a_pair():
    with pytest.raises(StatementError, match=r"a complex field is written u \+ I\*v"):
        co.Problem([Eq(u.diff(t), v), Eq(v.diff(t), u)], SLAB, [co.Initial(I * u, 1), co.Initial(v, 0)])
