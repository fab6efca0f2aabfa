"""Exact conditions hold for any network; what cannot be exact is a residual with its reason; none is lost."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Abs, Eq, Function, Max, Rational, cos, exp, pi, sin, sqrt, symbols

import collocate as co
from collocate import problems, tree
from collocate.backends import select
from collocate.planning import Plan, PointSetPlan, Term
from collocate.planning.conditions import sort_conditions
from collocate.planning.terms import terms
from collocate.residuals import Residuals, initial_parameters
from collocate.sampling.point_sets import draw

x, y, z, t, nu = symbols("x y z t nu")
u, v = Function("u")(x, t), Function("v")(x, t)
w, c = Function("w")(x, y), Function("c")(x, y, z)
q = Function("q")(x)
ROD = co.Interval(x, -1, 1) * co.Time(t, 0, 2)
PLATE = co.Rectangle((x, y), (0, -1), (1, 2))
HEAT = Eq(u.diff(t), u.diff(x, 2))


def _clamped() -> co.Problem:
    truth = exp(x) * (y + y**3)
    slopes = {"left": -truth.diff(x), "right": truth.diff(x), "bottom": -truth.diff(y), "top": truth.diff(y)}
    return co.Problem(
        Eq(w.diff(x, 4) + w.diff(y, 4), 0),
        PLATE,
        [co.Dirichlet(w, truth, on=list(slopes)), *(co.Neumann(w, slope, on=part) for part, slope in slopes.items())],
    )


def _box() -> co.Problem:
    laplacian = c.diff(x, 2) + c.diff(y, 2) + c.diff(z, 2)
    return co.Problem(Eq(laplacian, 0), co.Box((x, y, z), (0, 0, 0), (1, 2, 1)), [co.Dirichlet(c, x * y - sin(z))])


EXACT: dict[str, Callable[[], co.Problem]] = {
    "values": lambda: co.Problem(Eq(w.diff(x, 2) + w.diff(y, 2), 0), PLATE, [co.Dirichlet(w, exp(x) * y + cos(y))]),
    "values and slopes": _clamped,
    "a box": _box,
    "slope at one end": lambda: co.Problem(
        Eq(q.diff(x, 3), q),
        co.Interval(x, 0, 3),
        [co.Dirichlet(q, x + 1, on=["left", "right"]), co.Neumann(q, -2, on="left")],
    ),
    "two initial values": lambda: co.Problem(
        Eq(u.diff(t, 2), u.diff(x, 2)),
        ROD,
        [co.Initial(u, cos(pi * x / 2)), co.Initial(u.diff(t), sin(pi * x) + 1), co.Dirichlet(u, t)],
    ),
    "a period": lambda: co.Problem(HEAT, ROD, [co.Periodic(u, x), co.Initial(u, exp(sin(pi * x)))]),
    "Abs without a kink inside": lambda: co.Problem(
        HEAT, ROD, [co.Initial(u, Abs(x + 2) * sin(pi * x) ** 2), co.Dirichlet(u, 0)]
    ),
    "a kink that a first-order equation does not see": lambda: co.Problem(
        Eq(u.diff(t), u.diff(x)), ROD, [co.Initial(u, Abs(x) - 1), co.Dirichlet(u, 0, on="right")]
    ),
    "an ordinary equation": lambda: co.Problem(
        Eq(Function("s")(t).diff(t, 2), t),
        co.Time(t, 1, 3),
        [co.Initial(Function("s")(t), 2), co.Initial(Function("s")(t).diff(t), -1)],
    ),
    "kovasznay": lambda: problems.load("kovasznay").problem,
    "lotka_volterra": lambda: problems.load("lotka_volterra").problem,
}


def _on_faces(problem: co.Problem, plan: Plan) -> Plan:
    """The plan with the residual of every condition that the planner made exact, as stated, on its faces."""
    soft = {(item.condition.label, item.part) for item in sort_conditions(problem).soft}
    found, sets = [], {}
    for condition in problem.conditions:
        for place in condition.selections if condition.kind != "periodic" else ():
            if (condition.label, place.part) not in soft:
                sets[place.part] = PointSetPlan(place.part, 9, part=place.part)
                found.append(Term(f"{condition.label} {place.part}", (condition.residual,), (place.part,)))
    return replace(plan, terms=tuple(found), point_sets=tuple(sets.values()))


def _rows(problem: co.Problem, plan: Plan) -> dict[str, np.ndarray]:
    """Residuals for a network of random parameters, biases included."""
    rng = np.random.default_rng(5)
    parameters = initial_parameters(plan, seed=0)
    parameters["stages"] = tree.map(lambda leaf: rng.normal(size=leaf.shape), parameters["stages"])
    residuals = Residuals(select.get("numpy"), plan)
    start = problem.domain.bounds[problem.domain.time][0] if problem.domain.time else 0.0
    return residuals(parameters, residuals.traced(draw(problem.domain, plan, seed=0), (), start))


@pytest.mark.parametrize("name", EXACT)
def test_any_network_meets_the_exact_conditions(name: str) -> None:
    problem = EXACT[name]()
    rows = _rows(problem, _on_faces(problem, co.plan(problem, network=(6, 5))))
    assert rows
    for label, values in rows.items():
        np.testing.assert_allclose(values, 0.0, atol=1e-12, err_msg=label)


@pytest.mark.parametrize("name", [name for name in EXACT if name != "kovasznay"])
def test_nothing_is_left_but_the_equations(name: str) -> None:
    problem = EXACT[name]()
    assert [term.name for term in co.plan(problem, network=(3,)).terms] == [e.name for e in problem.equations]


def test_an_embedded_period_holds_for_every_derivative() -> None:
    problem = EXACT["a period"]()
    plan = co.plan(problem, network=(6, 5))
    assert plan.stages[0].features[:2] == (sympy.sin(_angle(plan)), sympy.cos(_angle(plan)))
    field = problem.fields[0]
    by = problem.domain.coordinates[0]
    pairs = [field, *(sympy.Derivative(field, (by, order)) for order in (1, 2, 3))]
    ends = (PointSetPlan("left", 7, part="left"), PointSetPlan("right", 7, part="right", mirrors="left"))
    found = tuple(Term(str(value), (value, -value), ("left", "right")) for value in pairs)
    for label, values in _rows(problem, replace(plan, terms=found, point_sets=ends)).items():
        np.testing.assert_allclose(values, 0.0, atol=1e-11, err_msg=label)


def _angle(plan: Plan) -> sympy.Expr:
    return (plan.symbols[0] - sympy.Float(-1)) * sympy.pi.evalf()


HOT = [co.Initial(u, cos(pi * x / 2))]
SOFT: dict[str, tuple[Callable[[], co.Problem], str, str]] = {
    "values that differ at a corner": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, 1), co.Dirichlet(u, 0)]),
        "initial u",
        "contradicts dirichlet u on left",
    ),
    "slopes that differ at a corner": (
        lambda: co.Problem(
            Eq(u.diff(t, 2), u.diff(x, 2)), ROD, [co.Initial(u, 0), co.Initial(u.diff(t), 0), co.Dirichlet(u, t)]
        ),
        "initial u_t",
        "contradicts dirichlet u",
    ),
    "a slope above a value that is soft": (
        lambda: co.Problem(
            Eq(u.diff(t, 2), u.diff(x, 2)), ROD, [co.Initial(u, 1), co.Initial(u.diff(t), 0), co.Dirichlet(u, 0)]
        ),
        "initial u_t",
        "lower derivatives on its face are not exact",
    ),
    "a slope jumps across the period": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, x**2 * cos(pi * x)), co.Periodic(u, x)]),
        "initial u",
        "not smooth across the period of x",
    ),
    "a kink": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, 1 - Abs(x)), co.Dirichlet(u, 0)]),
        "initial u",
        "not smooth in x",
    ),
    "a kink off the middle": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, Max(x - 0.3, 0)), co.Dirichlet(u, 0, on="left")]),
        "initial u",
        "not smooth in x",
    ),
    "a kink on a point of a dyadic grid": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, Abs(x - Rational(33, 128)))]),
        "initial u",
        "not smooth in x",
    ),
    "a small kink on a large wave": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, 20 * sin(pi * x) + Abs(x) / 10)]),
        "initial u",
        "not smooth in x",
    ),
    "a root": (
        lambda: co.Problem(HEAT, ROD, [co.Initial(u, sqrt(x + 1)), co.Dirichlet(u, 0, on="left")]),
        "initial u",
        "not finite",
    ),
    "a piece of a face": (
        lambda: co.Problem(HEAT, ROD, [*HOT, co.Dirichlet(u, 0, on=Eq(x, 1) & (t > 1)), co.Dirichlet(u, 0, on="left")]),
        "dirichlet u on right where",
        "piece of a face",
    ),
    "an unknown": (
        lambda: co.Problem(
            Eq(u.diff(t), nu * u.diff(x, 2)),
            ROD,
            [*HOT, co.Dirichlet(u, nu * t, on="right"), co.Dirichlet(u, 0, on="left")],
            unknowns=[co.Unknown(nu, 1)],
        ),
        "dirichlet u on right",
        "holds nu",
    ),
    "a flux alone": (
        lambda: co.Problem(HEAT, ROD, [*HOT, co.Neumann(u, 0)]),
        "neumann u",
        "leaves the value free",
    ),
    "Robin": (lambda: co.Problem(HEAT, ROD, [*HOT, co.Robin(u, 1, 2, 0)]), "robin u", "general relation"),
    "a mean": (
        lambda: co.Problem(HEAT, ROD, [*HOT, co.Dirichlet(u, 0), co.Mean(u, 0.3)]),
        "mean u",
        "one residual",
    ),
    "a period of some fields": (
        lambda: co.Problem(
            [HEAT, Eq(v.diff(t), v.diff(x, 2) - u)],
            ROD,
            [*HOT, co.Periodic(u, x), co.Initial(v, 0), co.Dirichlet(v, 0)],
        ),
        "period of x",
        "only some of the fields",
    ),
}


def _stated(name: str) -> co.Problem:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SOFT[name][0]() if name in SOFT else EXACT[name]()


@pytest.mark.parametrize("name", SOFT)
def test_what_cannot_be_exact_is_a_residual_with_a_reason(name: str) -> None:
    _, subject, reason = SOFT[name]
    found = [choice for choice in sort_conditions(_stated(name)).choices if subject in choice.subject]
    assert found
    for choice in found:
        assert choice.value == "residual" and reason in choice.reason, choice


@pytest.mark.parametrize("name", ["values that differ at a corner", "a kink", "a slope jumps across the period"])
def test_the_other_conditions_stay_exact(name: str) -> None:
    problem = _stated(name)
    plan = co.plan(problem, network=(6, 5))
    assert {term.name for term in plan.terms} == {problem.equations[0].name, "initial u (initial)"}
    assert any(choice.value == "exact" for choice in plan.choices)
    for values in _rows(problem, _on_faces(problem, plan)).values():
        np.testing.assert_allclose(values, 0.0, atol=1e-12)


def _speaks_of(subject: str, label: str, part: str) -> bool:
    """Whether a choice is of the condition on all its parts, or names this one."""
    stated, _, parts = subject.removeprefix("condition ").partition(" (")
    return stated == label and (not parts or part in parts.removesuffix(")").split(", "))


@pytest.mark.parametrize("name", [*EXACT, *SOFT])
def test_every_condition_is_exact_or_a_residual_once(name: str) -> None:
    problem = _stated(name)
    found = sort_conditions(problem)
    stated = Counter(
        (condition.label, part)
        for condition in problem.conditions
        for part in (condition.parts if condition.kind not in ("periodic", "mean") else (None,))
    )
    residual = Counter((item.condition.label, item.part) for item in found.soft)
    embedded = Counter({(k.label, None): 1 for k in problem.conditions if k.coordinate in found.periodic})
    exact = Counter(
        (condition.label, part)
        for condition in problem.conditions
        for part in condition.parts
        for choice in found.choices
        if choice.value == "exact" and _speaks_of(choice.subject, condition.label, part)
    )
    assert residual + embedded + exact == stated
    rows, sets = terms(problem, found.soft, 100, 10)
    names = [row.name for row in rows]
    assert len(set(names)) == len(names)
    assert all(any(item.condition.label in row for row in names) for item in found.soft)
    assert {name for row in rows for name in row.sets} == {points.name for points in sets}


def test_each_field_has_a_trial_function_and_every_choice_a_reason() -> None:
    found = sort_conditions(EXACT["kovasznay"]())
    assert [trial.field for trial in found.trials] == ["p", "u", "v"]
    assert found.trials[0].particular == 0 and found.trials[0].factor == 1
    assert all(choice.reason for choice in found.choices)


def test_contradicting_data_are_remarked_on() -> None:
    problem = co.Problem(HEAT, ROD, [co.Initial(u, 1), co.Dirichlet(u, 0)])
    with pytest.warns(UserWarning, match=r"initial u: it contradicts dirichlet u .* they cannot both hold there"):
        co.plan(problem, network=(3,))
