"""Problems: canonical data for the planner, and one clear error for each way to misstate one."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sympy import Abs, Derivative, Eq, Function, I, Rational, Symbol, cos, exp, gamma, pi, sin, symbols

import collocate as co
from collocate.errors import CollocateError, NotYetError
from collocate.expressions import field, symbol

x, y, t, nu = symbols("x y t nu")
X, Y, T = symbol("x"), symbol("y"), symbol("t")
u = Function("u")(x, t)
w = Function("w")(x, y)
LINE = co.Interval(x, -1, 1) * co.Time(t, 0, 1)
SQUARE = co.Rectangle((x, y), 0, 1)
HEAT = Eq(u.diff(t), u.diff(x, 2))
LAPLACE = Eq(w.diff(x, 2) + w.diff(y, 2), 0)
START, ENDS = co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)


def burgers(**changes):
    given = {
        "equations": Eq(u.diff(t) + u * u.diff(x), 0.01 / pi * u.diff(x, 2)),
        "domain": LINE,
        "conditions": [START, ENDS],
    }
    return co.Problem(**{**given, **changes})


def kovasznay():
    a, b, p = (Function(name)(x, y) for name in "uvp")
    laplace = lambda f: f.diff(x, 2) + f.diff(y, 2)  # noqa: E731
    return co.Problem(
        [
            Eq(a * a.diff(x) + b * a.diff(y) + p.diff(x), laplace(a) / 40),
            Eq(a * b.diff(x) + b * b.diff(y) + p.diff(y), laplace(b) / 40),
            Eq(a.diff(x) + b.diff(y), 0),
        ],
        co.Interval(x, -0.5, 1) * co.Interval(y, -0.5, 1.5),
        [co.Dirichlet(a, 1 - exp(-x) * cos(2 * pi * y)), co.Dirichlet(b, exp(-x) * sin(2 * pi * y)), co.Mean(p, 0)],
        reference={a: 1 - exp(-x), "v": exp(-x)},
    )


def test_a_problem_shows_canonical_data():
    problem = burgers()
    v = field("u", (X, T))
    assert problem.fields == (v,) and problem.field_names == ("u",) and problem.field("u") == v
    assert problem.coordinates == (X, T)
    assert [equation.name for equation in problem.equations] == ["equation"]
    assert problem.equations[0].residual == v.diff(T) + v * v.diff(X) - 0.01 * v.diff(X, 2) / pi
    assert problem.order("u", "x") == 2 and problem.order(v, T) == 1 and problem.order(u, x) == 2
    assert [c.kind for c in problem.conditions] == ["initial", "dirichlet"]
    assert problem.warnings == () and problem.reference == {} and problem.name is None


def test_systems_have_numbered_equations_and_fields_sorted_by_name():
    problem = kovasznay()
    assert problem.field_names == ("p", "u", "v")
    assert [equation.name for equation in problem.equations] == ["equation 1", "equation 2", "equation 3"]
    assert [c.label for c in problem.conditions] == [
        "dirichlet u on left, right, bottom, top",
        "dirichlet v on left, right, bottom, top",
        "mean p",
    ]
    assert (problem.order("p", "x"), problem.order("v", "y")) == (1, 2)
    assert problem.warnings == ()


def test_user_symbols_may_have_any_assumptions():
    s, r = Symbol("x", positive=True), Symbol("t", integer=True)
    v = Function("u", positive=True)(s, r)
    problem = co.Problem(Eq(v.diff(r), v.diff(s, 2)), LINE, [co.Initial(u, Abs(x)), co.Dirichlet(v, 0)])
    assert problem.equations[0].residual == field("u", (X, T)).diff(T) - field("u", (X, T)).diff(X, 2)
    assert problem.conditions[0].value == Abs(X)


def test_arguments_may_come_in_another_order_than_the_domain():
    v = Function("u")(t, x)
    problem = co.Problem(Eq(v.diff(t), v.diff(x, 2)), LINE, [co.Initial(v, 0), co.Dirichlet(v, 0)])
    assert problem.fields == (field("u", (X, T)),)


def test_an_ode_system_may_call_its_fields_x_and_y():
    a, b = Function("x")(t), Function("y")(t)
    problem = co.Problem(
        [Eq(a.diff(t), 1.5 * a - a * b), Eq(b.diff(t), -3 * b + a * b)],
        co.Time(t, 0, 10),
        [co.Initial(a, 10), co.Initial(b, 5)],
    )
    assert problem.field_names == ("x", "y") and problem.coordinates == (T,)
    assert [c.label for c in problem.conditions] == ["initial x", "initial y"]
    assert problem.warnings == ()


def test_unknowns_are_symbols_of_the_equations():
    problem = burgers(equations=Eq(u.diff(t), nu * u.diff(x, 2)), unknowns=[co.Unknown(nu, 0.1)])
    assert problem.unknowns[0].symbol == symbol("nu") and problem.unknowns[0].guess == 0.1
    assert problem.equations[0].residual.has(symbol("nu"))


def test_references_are_normalised():
    assert burgers(reference=sin(x)).reference == {"u": sin(X)}
    assert burgers(reference={u: 2}).reference == {"u": 2}
    function = lambda x, t: np.sin(x) * t  # noqa: E731
    assert burgers(reference=function).reference == {"u": function}
    assert kovasznay().reference == {"u": 1 - exp(-X), "v": exp(-X)}


def test_a_reference_of_several_fields_may_be_one_function():
    a, b = Function("a")(t), Function("b")(t)

    def rotation(reference):
        equations = [Eq(a.diff(t), b), Eq(b.diff(t), -a)]
        return co.Problem(equations, co.Time(t, 0, 1), [co.Initial(a, 0), co.Initial(b, 1)], reference=reference)

    good = rotation(lambda t: {"a": np.sin(t), "b": np.cos(t)}).reference
    assert good["b"](t=np.array([0.0])).tolist() == [1.0]
    with pytest.raises(CollocateError, match="must return a mapping with 'a'; got ndarray"):
        rotation(lambda t: np.sin(t)).reference["a"](t=np.array([0.0]))


def test_scales_and_names():
    problem = burgers(scales={u: 2}, name="burgers")
    assert problem.scales == {"u": 2.0}
    assert problem.name == "burgers"
    with pytest.raises(NotYetError, match="'x' is none of a field"):
        burgers(scales={x: 0.5})


def test_describe_says_the_statement():
    text = burgers(reference=sin(x)).describe()
    assert "equation   u*u_x + u_t = 0.01*u_xx/pi" in text
    assert "domain     x ∈ [-1, 1] × t ∈ [0, 1]" in text
    assert "condition  initial u: u - sin(pi*x) = 0" in text
    assert "condition  dirichlet u on left, right: u = 0" in text
    assert "reference  u = sin(x)" in text
    assert repr(burgers(name="b")) == "<Problem b: u*u_x + u_t = 0.01*u_xx/pi on x ∈ [-1, 1] × t ∈ [0, 1]>"


def stored(problem):
    return co.Problem.from_json(json.loads(json.dumps(problem.to_json())))


@pytest.mark.parametrize(
    "problem",
    [
        burgers(reference=sin(pi * x) * exp(-t), scales={"u": 0.1}, name="burgers"),
        kovasznay(),
        burgers(equations=Eq(u.diff(t), nu * u.diff(x, 2)), unknowns=[co.Unknown(nu, 0.1)]),
        burgers(
            conditions=[
                START,
                co.Robin(u, 1, 2 + t, sin(t), on=["left"]),
                co.Condition(Eq(u * u.diff(x), t), on=Eq(x, 1)),
            ]
        ),
        burgers(conditions=[START, co.Periodic(u, x)]),
        co.Problem(LAPLACE, SQUARE, [co.Dirichlet(w, 0), co.Neumann(w, 1, on=Eq(x, 1) & (y > Rational(1, 2)))]),
    ],
)
def test_storage_states_the_same_problem(problem):
    again = stored(problem)
    assert again.describe() == problem.describe()
    assert again.equations == problem.equations and again.conditions == problem.conditions
    assert again.domain == problem.domain and again.unknowns == problem.unknowns
    assert again.reference == problem.reference and again.scales == problem.scales and again.name == problem.name


def test_a_reference_function_is_recorded_not_stored():
    problem = burgers(reference=lambda x, t: x)
    assert problem.to_json()["reference"] == {"u": {"function": True}}
    assert stored(problem).reference == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 99}, "has version 99; this collocate reads version 1"),
        ({"equations": [{"left": 3}]}, "not well formed|no known node"),
        ({"conditions": [{"kind": "exec", "code": "1"}]}, "stored condition 'exec' is unknown; known: dirichlet"),
        ({"conditions": [{"kind": "dirichlet", "v": None}]}, "not well formed"),
        ({"conditions": []}, "too few initial conditions"),
        ({"domain": {"shapes": []}}, "doesn't have the domain's coordinates"),
    ],
)
def test_a_stored_problem_is_checked_again(change, said):
    with pytest.raises(CollocateError, match=said):
        co.Problem.from_json({**burgers().to_json(), **change})


U = Function("u")


@pytest.mark.parametrize(
    ("equations", "said"),
    [
        (Eq(u, u), "equation collapsed to True.*SymPy decided it.*evaluate=False"),
        (Eq(Symbol("r", real=True) ** 2, -1), "equation collapsed to False"),
        ([HEAT, u == 1], "equation 2 collapsed to False.*`==` was written for Eq"),
        (Eq(u, u, evaluate=False), "always holds"),
        (Eq(u + 1, u, evaluate=False), "never holds: its two sides differ by the number 1"),
        (u.diff(t) - u, r"an equation is written Eq\(left, right\)"),
        ([], "no equation was given"),
        (Eq(u.diff(x).subs(x, 1), 0), "a derivative evaluated at a point"),
        (Eq(U(0, t), 0), "a field evaluated at a point"),
        (Eq(I * u.diff(t), u.diff(x, 2)), r"equation is complex: it holds I.*h = u \+ I\*v"),
        (Eq(u.diff(t), nu * u.diff(x, 2)), r"the symbol 'nu' is unknown.*unknowns=\[Unknown\(nu, guess\)\].*Parameter"),
        (Eq(u.diff(t), Symbol("xx") * u), "The coordinates are x, t. Did you mean 'x'"),
        (Eq(u.diff(t), Symbol("u") * u), r"u is a field: write it u\(x, t\)"),
        (Eq(U(x).diff(x), 0), r"doesn't have the domain's coordinates \(x, t\); write it u\(x, t\)"),
        (Eq(U(x, t, y).diff(x), 0), "doesn't have the domain's coordinates"),
        ([HEAT, Eq(U(t, x).diff(x), 0)], "the field u is written in two ways"),
        (Eq(x, t), "the equations hold no field"),
        (Eq(Function("x")(x, t), 1), r"'x' names both the coordinate and the field x\(x, t\); rename one"),
        (Eq(u.diff(x, 5), 0), "u_xxxxx is of order 5; orders up to 4 are supported. Introduce a second field"),
        (Eq(u.diff(x, 2, t, 3), 0), "is of order 5; orders up to 4"),
        (Eq(u.diff(t), gamma(u)), "gamma isn't supported"),
        (Eq(u.diff(t), Derivative(gamma(nu), nu, evaluate=False) * u), "unknown|isn't supported|can't evaluate"),
        (Eq(u.diff(t), co.normal(x) * u), r"normal\(x\) has a meaning on the boundary only, in a Condition"),
        (Eq(Function("u v")(x, t).diff(t), 0), "can't be called so: solution"),
    ],
)
def test_bad_equations_get_one_clear_error(equations, said):
    with pytest.raises(CollocateError, match=said):
        burgers(equations=equations)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"domain": "line"}, "the domain must be a shape"),
        ({"unknowns": [nu]}, r"unknowns holds nu; write Unknown\(nu, guess\)"),
        ({"unknowns": [co.Unknown(nu, 1)]}, "the unknown nu stands in no equation"),
        ({"unknowns": [co.Unknown(x, 1)]}, "'x' names both the coordinate and the unknown; rename one"),
        ({"unknowns": [co.Unknown(Function("k")(x))]}, r"the unknown field k\(x\) stands in no equation"),
        ({"parameters": [nu]}, r"parameters holds nu; write Parameter\(nu, lowest, highest\)"),
        ({"parameters": [co.Parameter(nu, 0, 1)]}, "the parameter nu stands in no equation and no condition"),
        ({"parameters": [co.Parameter(x, 0, 1)]}, "the domain has the coordinate x twice"),
        ({"conditions": 3}, "conditions must be a list; got 3"),
        ({"conditions": [START, Eq(u, 0)]}, r"is no condition; conditions are Dirichlet.*write Condition\(Eq"),
        ({"reference": {"v": 1}}, "the reference names the field v; the problem has u"),
        ({"reference": nu * x}, "the reference of u: the symbol 'nu' is unknown"),
        ({"reference": u}, "the reference of u holds a field"),
        ({"reference": "sin(x)"}, "the reference of u is the text"),
        ({"scales": {"v": 1}}, "scales names 'v'; the problem has t, u, x"),
        ({"scales": {"u": -1}}, "the scale of u must be a positive number; got -1"),
    ],
)
def test_bad_declarations_get_one_clear_error(changes, said):
    with pytest.raises(CollocateError, match=said):
        burgers(**changes)


def test_a_reference_of_several_fields_needs_names():
    a, b = Function("a")(t), Function("b")(t)
    with pytest.raises(CollocateError, match=r"has the fields a, b: give the reference as a mapping like {a: …, b: …}"):
        co.Problem(
            [Eq(a.diff(t), b), Eq(b.diff(t), -a)],
            co.Time(t, 0, 1),
            [co.Initial(a, 0), co.Initial(b, 1)],
            reference=sin(t),
        )


def test_a_reference_may_not_hold_an_unknown():
    with pytest.raises(CollocateError, match="holds the unknown nu; put its true value there"):
        burgers(
            equations=Eq(u.diff(t), nu * u), unknowns=[co.Unknown(nu, 1)], conditions=[START], reference=exp(nu * t)
        )


@pytest.mark.parametrize(
    ("build", "error", "said"),
    [
        (lambda: co.Unknown(Function("k")(x), bounds=(0, 1)), CollocateError, r"bounds are for numbers.*exp\(k\(x\)\)"),
        (lambda: co.Unknown(nu, 1, bounds=(0, 1)), CollocateError, "the guess 1 does not lie between its bounds"),
        (lambda: co.Unknown(nu, 1, bounds=(2, 0)), CollocateError, "lower bound first"),
        (lambda: co.Unknown(nu, 1, bounds=0), CollocateError, r"bounds is a pair \(lowest, highest\).*got 0"),
        (lambda: co.Unknown(nu), CollocateError, r"needs a first guess, like Unknown\(nu, 1.0\)"),
        (lambda: co.Unknown("nu", 1), CollocateError, "Unknown takes a SymPy symbol"),
        (lambda: co.Unknown(nu, x), CollocateError, r"the guess of Unknown\(nu\) must be a number"),
        (lambda: co.Parameter(nu, 1, 0), CollocateError, "the lower bound of nu, 1, isn't below the upper one"),
        (lambda: co.Parameter("nu", 0, 1), CollocateError, "Parameter needs a SymPy symbol"),
        (lambda: co.normal("x"), CollocateError, "takes a coordinate"),
    ],
)
def test_what_is_malformed_says_so(build, error, said):
    with pytest.raises(error, match=said):
        build()
