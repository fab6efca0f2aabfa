"""Conditions resolved: where they hold, what their residuals are, how many there are, and what is wrong with them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sympy import And, Eq, Function, Piecewise, Rational, cos, pi, sin, sqrt, symbols

import collocate as co
from collocate.errors import CollocateError
from collocate.expressions import field, symbol

x, y, t, nu = symbols("x y t nu")
X, Y, T = symbol("x"), symbol("y"), symbol("t")
u = Function("u")(x, t)
w = Function("w")(x, y)
W = field("w", (X, Y))
V = field("u", (X, T))
LINE = co.Interval(x, -1, 1) * co.Time(t, 0, 1)
SQUARE = co.Rectangle((x, y), 0, 1)
HEAT = Eq(u.diff(t), u.diff(x, 2))
LAPLACE = Eq(w.diff(x, 2) + w.diff(y, 2), 0)
START, ENDS = co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)


def on_square(*conditions, equations=LAPLACE):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return co.Problem(equations, SQUARE, list(conditions))


def on_line(*conditions, equations=HEAT, domain=LINE):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return co.Problem(equations, domain, list(conditions))


def test_residuals():
    a, b, c = on_square(
        co.Dirichlet(w, x, on="left"), co.Neumann(w, y, on="right"), co.Robin(w, 2, x, 3, on=["bottom", "top"])
    ).conditions
    flux = co.normal(X) * W.diff(X) + co.normal(Y) * W.diff(Y)
    assert (a.kind, a.field, a.residual, a.value, a.order, a.parts) == ("dirichlet", "w", W - X, X, 0, ("left",))
    assert (b.kind, b.residual, b.value, b.order, b.parts) == ("neumann", flux - Y, Y, 1, ("right",))
    assert (c.kind, c.parts) == ("robin", ("bottom", "top"))
    assert c.residual.expand() == (2 * W + X * flux - 3).expand()


def test_neumann_is_an_ordinary_condition_with_the_normal():
    stated = co.Condition(Eq(co.normal(x) * w.diff(x) + co.normal(y) * w.diff(y), y), on="right")
    condition = on_square(stated).conditions[0]
    neumann = on_square(co.Neumann(w, y, on="right")).conditions[0]
    assert condition.residual == neumann.residual
    assert condition.kind == "condition" and condition.fields == ("w",)


def test_the_normal_is_outward_at_a_left_end_too():
    problem = on_square(co.Neumann(w, 1, on=["left", "top"]))
    residual = problem.conditions[0].residual
    left, top = (
        residual.xreplace({co.normal(c): problem.domain.normals(name, np.ones((1, 2)))[c.name][0] for c in (X, Y)})
        for name in ("left", "top")
    )
    assert (left + W.diff(X) + 1).expand() == 0
    assert (top - W.diff(Y) + 1).expand() == 0


def test_initial_conditions_of_any_time_order_are_taken_at_the_start():
    domain = co.Interval(x, 0, 1) * co.Time(t, 2, 3)
    stated = [co.Initial(u, x * t), co.Initial(u.diff(t), sin(x)), co.Dirichlet(u, 0)]
    first, second, _ = on_line(*stated, equations=Eq(u.diff(t, 2), u.diff(x, 2)), domain=domain).conditions
    assert (first.kind, first.order, first.value, first.parts) == ("initial", 0, 2 * X, ("initial",))
    assert (second.order, second.value, second.residual) == (1, sin(X), V.diff(T) - sin(X))
    assert (first.label, second.label) == ("initial u", "initial u_t")


def test_periodic_agrees_in_all_derivatives_below_the_order():
    condition = on_line(START, co.Periodic(u, x), equations=Eq(u.diff(t), u.diff(x, 4))).conditions[1]
    assert (condition.kind, condition.coordinate, condition.order) == ("periodic", "x", 4)
    assert (condition.residual, condition.parts) == (V, ("left", "right"))
    advection = on_line(START, co.Periodic(u, x), equations=Eq(u.diff(t), u.diff(x))).conditions[1]
    assert advection.order == 1


def test_a_mean_is_a_reduced_residual_without_a_place():
    condition = on_square(co.Mean(w, 2)).conditions[0]
    assert (condition.kind, condition.residual, condition.value, condition.selections) == ("mean", W - 2, 2, ())


PREDICATES = [
    ("left", {"left": True}),
    (["left", "top"], {"left": True, "top": True}),
    (Eq(x, 1), {"right": True}),
    (Eq(1.0, x), {"right": True}),
    (Eq(x**2, x), {"left": True, "right": True}),
    (Eq(x, 1) | Eq(y, 0), {"right": True, "bottom": True}),
    (x >= 1, {"right": True}),
    (x > Rational(1, 2), {"right": True, "bottom": x > Rational(1, 2), "top": x > Rational(1, 2)}),
    (y > 0, {"left": True, "right": True, "top": True}),
    (y < 2, dict.fromkeys(("left", "right", "bottom", "top"), True)),
    (Eq(x, 1) & (y > 0.5), {"right": y > 0.5}),
    (And(y > 0.25, y < 0.5), {"left": And(y > 0.25, y < 0.5), "right": And(y > 0.25, y < 0.5)}),
    (x + y > 1.5, {"right": x + y > 1.5, "top": x + y > 1.5}),
    (x**2 + y**2 < 0.25, {"left": x**2 + y**2 < 0.25, "bottom": x**2 + y**2 < 0.25}),
    (~Eq(x, 0), {"right": True, "bottom": True, "top": True}),
]


@pytest.mark.parametrize(("on", "expected"), PREDICATES)
def test_on_selects_faces_whole_or_in_part(on, expected):
    selections = on_square(co.Dirichlet(w, 0, on=on)).conditions[0].selections
    real = {x: X, y: Y}
    assert {s.part: True if s.predicate is None else s.predicate for s in selections} == {
        name: True if where is True else where.xreplace(real) for name, where in expected.items()
    }


def test_a_predicate_may_name_an_exact_bound():
    problem = on_line(START, co.Dirichlet(u, 0, on=Eq(x, pi / 3)), domain=co.Interval(x, 0, pi / 3) * co.Time(t, 0, 1))
    assert problem.conditions[1].parts == ("right",)


def test_a_predicate_may_hold_for_some_time_only():
    selection = on_line(START, co.Dirichlet(u, 0, on=t > 0.5)).conditions[1].selections[0]
    assert selection.predicate == (T > 0.5) and str(selection) == "left where t > 0.5"


def test_left_out_on_is_the_rest_of_the_boundary():
    rest, claimed = on_square(co.Dirichlet(w, 0), co.Neumann(w, 1, on=["right", "top"])).conditions
    assert rest.parts == ("left", "bottom") and claimed.parts == ("right", "top")
    partly = on_square(co.Dirichlet(w, 0), co.Neumann(w, 1, on=Eq(x, 1) & (y > 0.5))).conditions[0]
    assert [str(s) for s in partly.selections] == ["left", "right where y <= 0.5", "bottom", "top"]
    beside_periodic = on_square(co.Periodic(w, x), co.Dirichlet(w, 0)).conditions[1]
    assert beside_periodic.parts == ("bottom", "top")


def test_claims_of_another_field_do_not_count():
    v = Function("v")(x, y)
    system = [Eq(w.diff(x, 2), v), Eq(v.diff(x, 2), w)]
    first = on_square(co.Dirichlet(w, 0), co.Dirichlet(v, 0, on="left"), equations=system).conditions[0]
    assert first.parts == ("left", "right", "bottom", "top")


def test_two_conditions_of_different_kinds_may_both_hold_everywhere():
    plate = Eq(w.diff(x, 4) + 2 * w.diff(x, 2, y, 2) + w.diff(y, 4), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        problem = co.Problem(plate, SQUARE, [co.Dirichlet(w, 0), co.Neumann(w, 0)])
    assert [len(c.parts) for c in problem.conditions] == [4, 4]
    assert problem.warnings == ()


def test_a_mean_does_not_fix_a_field_for_every_parameter():
    equation = Eq(w.diff(x, 2) + w.diff(y, 2), nu)
    with pytest.raises(CollocateError, match=r"the parameters \(nu\) too.*fix the field at a place instead"):
        co.Problem(equation, SQUARE, [co.Neumann(w, nu / 4), co.Mean(w, 0)], parameters=[co.Parameter(nu, 1, 2)])


def test_a_mean_over_time_is_remarked_on_where_the_field_may_drift():
    p = Function("p")(x, t)
    given = [START, ENDS, co.Mean(p, 0)]
    drifts = [HEAT, Eq(p.diff(x), u)]
    with pytest.warns(UserWarning, match="mean of p is over all of t at once.* may drift by a function of t"):
        problem = co.Problem(drifts, LINE, given)
    assert problem.floating == {"p"}
    fixed = on_line(*given, co.Dirichlet(p, 0, on="left"), equations=drifts)
    assert not any("may drift" in warning for warning in fixed.warnings)
    held = on_line(*given, co.Initial(p, 0), equations=[HEAT, Eq(p.diff(t) + p.diff(x), u)])
    assert not any("may drift" in warning for warning in held.warnings)


def test_labels_are_unique():
    stated = [co.Condition(Eq(w.diff(x), k), on="left") for k in (1, 2)]
    assert [c.label for c in on_square(*stated).conditions] == ["condition w on left", "condition w on left (2)"]


SECOND = Eq(u.diff(t, 2), u.diff(x, 2))
VELOCITY = co.Initial(u.diff(t), 0)


@pytest.mark.parametrize(
    ("equation", "conditions", "said"),
    [
        (HEAT, [ENDS], r"too few initial conditions: u\(x, t\) is of order 1 in t, so it takes 1 initial condition. "
                       r"Add Initial\(u\(x, t\), …\)"),
        (SECOND, [START, ENDS], r"too few.*order 2 in t, so it takes 2.*Add Initial\(u\(x, t\).diff\(t\), …\)"),
        (SECOND, [VELOCITY, ENDS], r"too few.*Add Initial\(u\(x, t\), …\)"),
        (Eq(u.diff(t, 3), u), [START], r"Add Initial\(u\(x, t\).diff\(t\), …\), Initial\(u\(x, t\).diff\(t, 2\), …\)"),
        (HEAT, [START, VELOCITY, ENDS], r"too many initial conditions.*Remove Initial\(u\(x, t\).diff\(t\), …\)"),
        (Eq(u.diff(x, 2), 0), [START, ENDS], r"order 0 in t, so it takes 0 initial conditions. Remove Initial"),
        (HEAT, [START, co.Initial(u, 0), ENDS], r"Initial\(u\(x, t\), …\) is given twice; keep one"),
    ],
)  # fmt: skip
def test_conditions_are_counted_in_time(equation, conditions, said):
    with pytest.raises(CollocateError, match=said):
        on_line(*conditions, equations=equation)


@pytest.mark.parametrize(
    ("equation", "conditions", "said"),
    [
        (HEAT, [START], "order 2 in x.*there are 0: the solution may not be unique"),
        (HEAT, [START, co.Dirichlet(u, 0, on="left")], "there are 1: the solution may not be unique"),
        (HEAT, [START, ENDS, co.Neumann(u, 0)], "there are 4: they may contradict each other"),
        (HEAT, [START, co.Dirichlet(u, 0, on="left"), co.Dirichlet(u, 0, on=Eq(x, 1) & (t > 0.5))], "there are 1.5"),
    ],
)
def test_conditions_in_space_are_only_remarked_upon(equation, conditions, said):
    with pytest.warns(UserWarning, match=said):
        problem = co.Problem(equation, LINE, conditions)
    assert len(problem.warnings) == 1


def test_first_order_and_periodic_problems_are_not_remarked_upon():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        co.Problem(Eq(u.diff(t) + u.diff(x), 0), LINE, [START, co.Dirichlet(u, 0, on="left")])
        co.Problem(HEAT, LINE, [START, co.Periodic(u, x)])
        co.Problem(HEAT, LINE, [START, co.Dirichlet(u, 0, on=(t > 0.5)), co.Neumann(u, 0, on=(t <= 0.5))])


def eigenvalue(which):
    f = Function("f")(x)
    zero, slope = co.Dirichlet(f, 0), co.Neumann(f, 1, on="left")
    left, right = (co.Dirichlet(f, 0, on=part) for part in ("left", "right"))
    given = {"too few": [zero, slope], "right": [left, right, slope], "mean": [zero, co.Mean(f**2, 1)]}[which]
    return co.Problem(Eq(-f.diff(x, 2), nu * f), co.Interval(x, 0, 1), given, unknowns=[co.Unknown(nu, 8)])


def test_an_unknown_number_takes_one_condition_more():
    with pytest.warns(UserWarning, match="so nu may be left undetermined: an unknown number takes one more condition"):
        eigenvalue("too few")
    assert eigenvalue("right").warnings == eigenvalue("mean").warnings == ()


V2 = Function("v")(x, t)


def test_as_many_equations_as_fields_are_usual():
    with pytest.warns(UserWarning, match=r"1 equation for 2 fields \(u\(x, t\), v\(x, t\)\): .* not all determined"):
        co.Problem(Eq(u.diff(t), u.diff(x, 2) + V2), LINE, [START, ENDS])
    with pytest.warns(UserWarning, match=r"2 equations for 1 field .* may contradict each other"):
        co.Problem([HEAT, Eq(u.diff(x), 0)], LINE, [START, ENDS])


def test_a_first_order_equation_with_values_at_both_ends_is_remarked_on():
    f, g = Function("f")(x), Function("g")(x)
    line, ends, level = co.Interval(x, 0, 1), co.Dirichlet(f, 1), co.Dirichlet(g, 0, on="left")
    with pytest.warns(UserWarning, match=r"first order in x, for which 1 condition on left and right .* there are 2"):
        co.Problem(Eq(f.diff(x), f), line, [ends])
    system = [Eq(f.diff(x), g), Eq(g.diff(x), 1)]  # f″ = 1: two conditions, both on f
    assert co.Problem(system, line, [ends]).warnings == ()
    with pytest.warns(UserWarning, match="there are 3: they may contradict each other"):
        co.Problem(system, line, [ends, level])


def test_a_field_without_a_level_is_remarked_on():
    f = Function("f")(x)
    line, slopes = co.Interval(x, 0, 1), co.Neumann(f, 0)
    with pytest.warns(
        UserWarning, match=r"f\(x\) is determined up to a constant only: .* Fix its mean, Mean\(f\(x\), 0\)"
    ):
        co.Problem(Eq(f.diff(x, 2), cos(pi * x)), line, [slopes])
    for level in (co.Mean(f, 0), co.Point(f, 0, x=0.5)):
        assert co.Problem(Eq(f.diff(x, 2), cos(pi * x)), line, [slopes, level]).warnings == ()
    assert co.Problem(Eq(f.diff(x, 2), f), line, [slopes]).warnings == ()


def test_equations_without_any_derivative_are_remarked_on():
    f, s = Function("f")(x), symbols("s")
    with pytest.warns(
        UserWarning, match=r"no equation holds a derivative of f\(x\): SymPy makes a derivative by a symbol"
    ):
        co.Problem(Eq(f.diff(s), f), co.Interval(x, 0, 1), [co.Dirichlet(f, 1, on="left")])


def test_a_jump_under_a_second_derivative_is_remarked_on():
    f, q = Function("f")(x), Function("q")(x)
    line, ends = co.Interval(x, 0, 1), co.Dirichlet(f, 0)
    jump, kink = Piecewise((1, x < 0.4), (10, True)), Piecewise((1, x < 0.5), (2 * x, True))
    with pytest.warns(UserWarning, match=r"of Derivative\(f\(x\), \(x, 2\)\) jumps.* make the flux a field"):
        co.Problem(Eq((jump * f.diff(x)).diff(x), -1), line, [ends])
    for equations in (Eq((kink * f.diff(x)).diff(x), -1), [Eq(q, jump * f.diff(x)), Eq(q.diff(x), -1)]):
        assert co.Problem(equations, line, [ends]).warnings == ()


def test_a_reference_function_takes_the_coordinates_by_name():
    with pytest.raises(CollocateError, match=r"called with the coordinates by name, as f\(x=…, t=…\): missing"):
        co.Problem(HEAT, LINE, [START, ENDS], reference=lambda z: z)
    assert co.Problem(HEAT, LINE, [START, ENDS], reference=lambda **points: points["x"]).reference


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (co.Dirichlet(u, 0, on=Eq(x, 2)), r"on=Eq\(x, 2\) selects no part of the boundary.*'left' \(x = -1\), 'right'"),
        (co.Dirichlet(u, 0, on=x > 1), "selects no part of the boundary"),
        (co.Dirichlet(u, 0, on=Eq(x, 0)), "Values inside the domain are given as Point or Data"),
        (co.Dirichlet(u, 0, on=(t > 0.6) & (t < 0.5)), "is False, the same everywhere|selects no part"),
        (co.Dirichlet(u, 0, on=Eq(t, 0)), r"selects no part.*written Initial\(u, g\)$"),
        (co.Dirichlet(u, 0, on=Eq(t, 1)), r"selects no part.*end of time is written Final\(u, g\)"),
        (co.Dirichlet(u, 0, on=Eq(t, 0.5)), "Values inside the domain are given as Point or Data"),
        (co.Dirichlet(u, 0, on="top"), r"the boundary has no part 'top'; its parts: 'left' \(x = -1\)"),
        (co.Dirichlet(u, 0, on="initial"), r"isn't a part of the boundary in space. .*written Initial\(u, g\)$"),
        (
            co.Dirichlet(u, 0, on="final"),
            r"isn't a part of the boundary in space. .*written Final\(u, g\)",
        ),
        (co.Initial(u, lambda x: x), "is the Python function <lambda>; write a SymPy expression of the coordinates"),
        (co.Dirichlet(u, 0, on=[]), "on= is an empty list; name parts of the boundary: left, right"),
        (co.Dirichlet(u, 0, on=(x == 1)), r"on= is the Python value False.*Write Eq\(x, 1\)"),
        (co.Dirichlet(u, 0, on=Eq(x, x)), "on= is True, the same everywhere"),
        (co.Dirichlet(u, 0, on=x), r"on=x is no predicate; write Eq\(x, 1\), y > 0, or a part: 'left'"),
        (co.Dirichlet(u, 0, on=y > 0), "on=y > 0 holds y; a predicate is made of the coordinates x, t"),
        (co.Dirichlet(u, 0, on=u > 0), r"holds u\(x, t\); a predicate is made of the coordinates"),
        (co.Dirichlet(V2, 0), r"the field v\(x, t\) stands in no equation; the equations' fields: u\(x, t\)"),
        (co.Dirichlet(Function("u")(t, x), 0), r"the field is written u\(t, x\) here, but u\(x, t\) in the equations"),
        (co.Dirichlet(u.diff(x), 0), r"u_x was given where one of the fields u\(x, t\) is expected"),
        (co.Dirichlet(Function("u"), 0), "a function without its coordinates; write it applied"),
        (co.Dirichlet(Function("u")(0, t), 0), "a field evaluated at a point"),
        (co.Dirichlet(u, y), "the symbol 'y' is unknown. The coordinates are x, t"),
        (co.Dirichlet(u, u**2), r"u\*\*2 holds the field u\(x, t\); write it as Condition\(Eq"),
        (co.Dirichlet(u, sqrt(-1)), "is complex"),
        (co.Dirichlet(u, "0"), "is the text '0'"),
        (co.Robin(u, 2, 0, 1), r"b is 0, so this is a value, not a flux: write Dirichlet\(u\(x, t\), 1/2\)"),
        (co.Robin(u, 0, 0, 1), r"a and b are both 0, so it says nothing about u\(x, t\)"),
        (co.Periodic(u, t), r"t is a Time, which has Initial conditions.*Interval\(t, a, b\)"),
        (co.Periodic(u, y), "y isn't a coordinate; those are x, t"),
        (co.Initial(u.diff(x), 0), "an initial condition is on a field or its derivative by t; got u_x"),
        (co.Initial(2 * u, 0), r"on a field or its derivative by t; got 2\*u"),
        (co.Condition(Eq(u, u)), "collapsed to True"),
        (co.Condition(u - 1), r"an equation is written Eq\(left, right\)"),
        (co.Condition(Eq(x, t), on="left"), "the condition holds no field"),
        (co.Condition(Eq(co.normal(t) * u, 1), on="left"), r"normal\(t\) needs a space coordinate; those are x"),
        (co.Condition(Eq(u.diff(x, 5), 1), on="left"), "is of order 5; orders up to 4"),
        (co.Mean(x, 0), "x holds no field; write Mean"),
        (co.Mean(u, x), "the mean is a number; got x"),
    ],
)
def test_bad_conditions_get_one_clear_error(condition, said):
    with pytest.raises(CollocateError, match=said):
        on_line(START, condition)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([co.Dirichlet(w, 0), co.Dirichlet(w, 1)], "are both stated on left; keep one of them"),
        ([co.Dirichlet(w, 0, on="left"), co.Dirichlet(w, 1, on=Eq(x, 0))], "are both stated on left"),
        ([co.Dirichlet(w, 0, on=y > 0.3), co.Dirichlet(w, 1, on=Eq(x, 0) & (y < 0.5))], "are both stated on left"),
        ([co.Periodic(w, x), co.Neumann(w, 1, on="right")], "are both stated on right"),
        ([co.Condition(Eq(w, 1), on="top"), co.Condition(Eq(1, w), on="top")], "are both stated on top"),
        (
            [co.Dirichlet(w, 0), co.Neumann(w, 1, on=["left", "right", "bottom", "top"])],
            "and they leave nothing; say where",
        ),
    ],
)
def test_conflicting_conditions_name_each_other(conditions, said):
    with pytest.raises(CollocateError, match=said):
        on_square(*conditions)


def test_halves_of_a_face_do_not_conflict():
    problem = on_square(co.Dirichlet(w, 0, on=y > 0.5), co.Dirichlet(w, 1, on=y < 0.5))
    assert [str(s) for s in problem.conditions[1].selections] == ["left where y < 0.5", "right where y < 0.5", "bottom"]


def test_an_initial_condition_needs_a_time():
    with pytest.raises(CollocateError, match=r"has no Time. Multiply it by Time\(t, 0, 1\)"):
        on_square(co.Initial(w, 0))


def test_a_boundary_condition_needs_a_boundary():
    a = Function("a")(t)
    with pytest.raises(
        CollocateError, match=r"has no boundary in space. A condition at the start of time is written Initial\(u, g\)"
    ):
        co.Problem(Eq(a.diff(t), -a), co.Time(t, 0, 1), [co.Initial(a, 1), co.Dirichlet(a, 0)])


def test_messages_show_the_condition_as_it_was_written():
    with pytest.raises(CollocateError, match=r"^Dirichlet\(u\(x, t\), 0, on='top'\)"):
        on_line(START, co.Dirichlet(u, 0, on="top"))
