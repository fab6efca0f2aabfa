"""Manufactured problems: the chosen function satisfies every equation and condition, by other means than made them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy
from sympy import Eq, Function, I, Integral, Rational, cos, exp, pi, sin, symbols

import collocate as co
from collocate.errors import StatementError
from collocate.expressions import evaluate
from collocate.problems import load

x, y, t, nu = symbols("x y t nu")
SLAB = co.Interval(x, 0, 2) * co.Time(t, 0, 1)


def left_over(problem: co.Problem) -> dict[str, float]:
    """max |r| of each equation and condition for the reference, its derivatives by finite differences."""
    truth = dict(problem.reference.items())
    generator = np.random.default_rng(3)
    domain, found = problem.domain, {}
    for equation in problem.equations:
        points = domain.interior_points(generator.random((50, domain.dimension)))
        found[equation.name] = _largest(problem, equation.residual, truth, points, {})
    for condition in problem.conditions:
        for place in condition.selections if condition.kind != "periodic" else ():
            part = domain.part(place.part)
            points = domain.part_points(part, generator.random((200, domain.dimension - 1)))
            if place.predicate is not None:
                arrays = dict(zip(domain.names, points.T, strict=True))
                points = points[np.broadcast_to(evaluate(place.predicate, arrays).astype(bool), len(points))]
            normal = {f"normal_{name}": value for name, value in domain.normals(part, points).items()}
            found[f"{condition.label} {place}"] = _largest(problem, condition.residual, truth, points, normal)
        if condition.observations is not None:
            seen = condition.observations
            measured = {"__measured": seen.values}
            found[condition.label] = _largest(problem, condition.residual, truth, seen.coordinates, measured)
    return found


def _largest(problem: co.Problem, residual: sympy.Expr, truth: dict, points: np.ndarray, more: dict) -> float:
    values, known = {}, {unknown.name: unknown.guess for unknown in problem.unknowns}
    nodes = residual.atoms(sympy.Derivative) | residual.atoms(sympy.core.function.AppliedUndef)
    for number, node in enumerate(sorted(nodes, key=lambda node: -node.count_ops())):
        orders = [0] * problem.domain.dimension
        field = node
        if isinstance(node, sympy.Derivative):
            field = node.expr
            for variable, count in node.variable_count:
                orders[problem.domain.names.index(variable.name)] = int(count)
        values[f"node_{number}"] = _difference(problem, truth[field.func.__name__], points, orders)
        residual = residual.xreplace({node: sympy.Symbol(f"node_{number}", real=True)})
    arrays = dict(zip(problem.domain.names, points.T, strict=True)) | values | dict(more) | known
    return float(np.abs(evaluate(residual, arrays)).max())


def _difference(problem: co.Problem, expression: sympy.Expr, points: np.ndarray, orders: list[int]) -> np.ndarray:
    """∂^orders by central differences of fourth order, one coordinate after the other."""
    step = 1e-2
    for axis, order in enumerate(orders):
        if order:
            shift = step * np.eye(len(orders))[axis]
            lower = [order - 1 if k == axis else count for k, count in enumerate(orders)]
            at = {k: _difference(problem, expression, points + k * shift, lower) for k in (-2, -1, 1, 2)}
            return (at[-2] - 8 * at[-1] + 8 * at[1] - at[2]) / (12 * step)
    return evaluate(expression, dict(zip(problem.domain.names, points.T, strict=True)))


def test_every_kind_of_condition_holds_for_the_chosen_function():
    u = Function("u")(x, t)
    problem = co.Problem(
        Eq(u.diff(t, 2) + u * u.diff(x), (1 + x) * u.diff(x, 2)),
        SLAB,
        [
            co.Initial(u, 0),
            co.Initial(u.diff(t), 0),
            co.Neumann(u, 0, on="left"),
            co.Robin(u, 2, x + 1, 0, on="right"),
        ],
    )
    made = co.manufacture(problem, exp(-t) * sin(3 * x) + x**2 * t)
    found = left_over(made)
    assert len(found) == 5
    assert max(found.values()) < 1e-5
    assert max(left_over_of(problem, made).values()) > 0.1


def left_over_of(problem: co.Problem, made: co.Problem) -> dict[str, float]:
    """The same for the problem that it was made from: what it would be had nothing been changed."""
    problem.reference = made.reference
    return left_over(problem)


def test_general_conditions_systems_and_unknowns():
    u, v = Function("u")(x, t), Function("v")(x, t)
    problem = co.Problem(
        [Eq(u.diff(t), nu * u.diff(x, 2) + v), Eq(v.diff(t), -u)],
        SLAB,
        [
            co.Initial(u, 0),
            co.Initial(v, 0),
            co.Condition(Eq(co.normal(x) * u.diff(x) + u**2, v), on="right"),
            co.Dirichlet(u, 0, on="left"),
            co.Neumann(u, 0, on="left"),
        ],
        unknowns=[co.Unknown(nu, 0.3)],
    )
    made = co.manufacture(problem, {u: cos(x) * exp(t), "v": x * t})
    found = left_over(made)
    assert len(found) == 7
    assert max(found.values()) < 1e-5
    assert made.unknowns == problem.unknowns


def test_a_condition_without_a_place_keeps_its_place():
    """Clamped: Dirichlet and Neumann on all four sides, where ∂u/∂n differs from side to side."""
    made = co.manufacture(load("plate").problem, (x * y) ** 2 * sin(x + y))
    assert [c.kind for c in made.conditions].count("neumann") == 4
    assert sum(len(c.selections) for c in made.conditions) == 8
    found = left_over(made)
    assert max(value for name, value in found.items() if name != "equation") < 1e-5


def test_the_mean_is_that_of_the_chosen_function():
    u, p = Function("u")(x), Function("p")(x)
    problem = co.Problem(
        [Eq(u.diff(x, 2), p.diff(x)), Eq(p.diff(x), u)], co.Interval(x, 0, 2), [co.Dirichlet(u, 0), co.Mean(p, 0)]
    )
    made = co.manufacture(problem, {u: x, p: exp(x)})
    (mean,) = (c for c in made.conditions if c.kind == "mean")
    assert float(mean.value) == pytest.approx((np.exp(2) - 1) / 2, rel=1e-12)


def test_a_periodic_condition_takes_a_periodic_function_only():
    u = Function("u")(x, t)
    problem = co.Problem(Eq(u.diff(t), u.diff(x, 2)), SLAB, [co.Initial(u, 0), co.Periodic(u, x)])
    made = co.manufacture(problem, exp(-t) * sin(pi * x))
    assert max(left_over(made).values()) < 1e-5
    with pytest.raises(StatementError, match="differs by 2 at the two ends of x; choose a periodic one"):
        co.manufacture(problem, x + t)
    with pytest.raises(StatementError, match="its derivative of order 1 by x differs"):
        co.manufacture(problem, x * (2 - x))


SQUARE = co.Rectangle((x, y), (-1, -1), (1, 1))
HOLE = SQUARE - co.Disk((x, y), (0, 0), Rational(1, 2))


@pytest.mark.parametrize(
    ("domain", "conditions"),
    [
        (co.Disk((x, y), (1, 0), 2), lambda u: [co.Neumann(u, 0)]),
        (co.Disk((x, y), (1, 0), 2), lambda u: [co.Robin(u, 2, 1 + x**2, 0)]),
        (co.Disk((x, y), (1, 0), 2), lambda u: [co.Neumann(u, 0, on=y > 0), co.Dirichlet(u, 0, on=y <= 0)]),
        (HOLE, lambda u: [co.Neumann(u, 0, on="inner"), co.Dirichlet(u, 0)]),
        (HOLE, lambda u: [co.Robin(u, 1, y + 3, 0)]),
        (co.Polygon((x, y), [(0, 0), (2, 0), (0, 1)]), lambda u: [co.Neumann(u, 0), co.Point(u, 0, x=0.5, y=0.25)]),
    ],
)
def test_on_curves_and_slopes_the_datum_knows_the_normal(domain: object, conditions: Callable):
    u = Function("u")(x, y)
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), u), domain, conditions(u))
    found = left_over(co.manufacture(problem, exp(x / 2) * sin(y + 1)))
    assert len(found) >= 2
    assert max(found.values()) < 1e-5


def test_in_three_dimensions_and_time_the_normal_has_no_part_along_time():
    z = symbols("z")
    u = Function("u")(x, y, z, t)
    ball = co.Ball((x, y, z), (0, 0, 1), 1) * co.Time(t, 0, 1)
    equation = Eq(u.diff(t), u.diff(x, 2) + u.diff(y, 2) + u.diff(z, 2))
    made = co.manufacture(co.Problem(equation, ball, [co.Initial(u, 0), co.Neumann(u, 0)]), exp(-t) * x * y * z**2)
    assert max(left_over(made).values()) < 1e-5


def test_what_is_measured_is_measured_of_the_chosen_function():
    u, k = Function("u")(x, t), symbols("k")
    table = {"x": [0.1, 0.5, 1.7], "t": [0.0, 0.4, 0.9], "u": [1.0, 2.0, 3.0]}
    problem = co.Problem(
        Eq(u.diff(t), k * u.diff(x, 2)),
        SLAB,
        [
            co.Final(u, 0),
            co.Dirichlet(u, 0),
            co.Data(u, table, sigma=[0.1, 0.2, 0.3]),
            co.Data(k * u.diff(x) + 1, {**table, "value": [1.0, 2.0, 3.0]}),
            co.Point(u, 5, x=1, t=0.5),
        ],
        unknowns=[co.Unknown(k, 0.3, bounds=(0, None))],
    )
    made = co.manufacture(problem, exp(-t) * sin(2 * x))
    found = left_over(made)
    assert len([name for name in found if name.startswith("data")]) == 3
    assert max(found.values()) < 1e-5
    assert made.observations["data u"].sigma == pytest.approx([0.1, 0.2, 0.3])
    assert made.unknowns == problem.unknowns


def test_an_integral_term_is_integrated_exactly():
    """u′ + ∫₀ˣ (x − s) u ds with u = cos 2x: −2 sin 2x + (1 − cos 2x)/4 by hand."""
    u, s = Function("u"), symbols("s")
    equation = Eq(u(x).diff(x) + Integral((x - s) * u(s), (s, 0, x)), 0)
    problem = co.Problem(equation, co.Interval(x, 0, 2), [co.Dirichlet(u(x), 0, on="left")])
    made = co.manufacture(problem, cos(2 * x))
    places = np.linspace(0, 2, 7)
    expected = -2 * np.sin(2 * places) + (1 - np.cos(2 * places)) / 4
    assert evaluate(made.equations[0].right, {"x": places}) == pytest.approx(expected, abs=1e-12)
    with pytest.raises(StatementError, match="finds no closed form of the integral"):
        co.manufacture(problem, exp(sin(x**2)))


def test_parameters_unknown_fields_and_complex_pairs():
    u, v, k = Function("u")(x, t), Function("v")(x, t), Function("k")(x)
    h = u + I * v
    problem = co.Problem(
        Eq(I * h.diff(t), -nu * (k * h.diff(x)).diff(x)),
        SLAB,
        [co.Initial(h, exp(I * x)), co.Dirichlet(u, 0), co.Dirichlet(v, 0),
         co.Data(u, {"x": [1], "t": [0.5], "nu": [1.5], "u": [1]})],
        unknowns=[co.Unknown(k, 1.0)],
        parameters=[co.Parameter(nu, 1, 2)],
    )  # fmt: skip
    made = co.manufacture(problem, {"u": cos(x - nu * t), "v": sin(x) * nu, "k": 1 + x**2})
    assert made.sees["k"] == ("x",)
    assert made.domain.parameters == ("nu",)
    assert max(left_over(made).values()) < 1e-5
    with pytest.raises(StatementError, match=r"the chosen k = t\*x must be an expression of x alone"):
        co.manufacture(problem, {"u": x, "v": x, "k": x * t})


def test_the_settings_are_tried_on_it():
    u = Function("u")(x)
    problem = co.Problem(Eq(u.diff(x, 2), u**3 + 1), co.Interval(x, 0, 1), [co.Dirichlet(u, 0)], name="cubic")
    made = co.manufacture(problem, sin(3 * x))
    assert made.name == "cubic, manufactured"
    assert co.solve(made, network=(8, 8), steps=40, callbacks=()).error() < 1e-5


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"u": x}, "u names u; the problem has p, u"),
        ({"u": x, "p": x, "q": x}, "the problem has p, u"),
        (x, "the problem has several fields: give u="),
        ({"u": y, "p": x}, "the chosen u = y must be an expression of x alone"),
        ({"u": "x", "p": x}, "the chosen u is the text"),
    ],
)
def test_functions_that_do_not_fit_are_refused(chosen: object, message: str):
    u, p = Function("u")(x), Function("p")(x)
    problem = co.Problem(
        [Eq(u.diff(x, 2), p), Eq(p.diff(x), u)],
        co.Interval(x, 0, 2),
        [co.Dirichlet(u, 0), co.Dirichlet(p, 0, on="left")],
    )
    with pytest.raises(ValueError, match=message):
        co.manufacture(problem, chosen)
