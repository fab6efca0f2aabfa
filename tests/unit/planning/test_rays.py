"""Values on circles and spheres made exact: met, made of traces only, and smooth at the centre."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Abs, Eq, Function, atan2, cos, exp, pi, sin, symbols

import collocate as co
from collocate.expressions import evaluate
from collocate.planning.conditions import sort_conditions

x, y, z, t = symbols("x y z t")
TRUTH = exp(x) * sin(2 * y) + x * y**2 + 1


def laplacian(v, *coordinates):
    return sum(v.diff(c, 2) for c in coordinates)


def poisson(domain, value):
    space = [axis.coordinate for axis in domain.axes]
    u = Function("u")(*space)
    return co.Problem(Eq(laplacian(u, *space), 1), domain, [co.Dirichlet(u, value)])


def at(expression, problem, points):
    return np.broadcast_to(evaluate(expression, dict(zip(problem.domain.names, points.T, strict=True))), len(points))


@pytest.mark.parametrize(
    ("domain", "value"),
    [
        (co.Disk((x, y), (1, -2), 3), TRUTH),
        (co.Disk((x, y), (0, 0), pi), 7),
        (co.Ball((x, y, z), (1, 0, 0), 2), TRUTH * z),
    ],
)
def test_a_value_on_the_whole_boundary_is_exact_for_every_network(domain, value):
    problem = poisson(domain, value)
    found = sort_conditions(problem)
    assert not found.soft
    (trial,) = found.trials
    points = problem.domain.sample(200, "outer")
    expected = at(problem.conditions[0].value, problem, points)
    np.testing.assert_allclose(at(trial.particular, problem, points), expected, rtol=1e-12)
    np.testing.assert_allclose(at(trial.factor, problem, points), 0.0, atol=1e-12)
    assert (at(trial.factor, problem, problem.domain.sample(200)) > 0).all()


def test_nothing_of_the_value_inside_enters():
    """Two expressions that agree on the circle only give the same G, though one of them is the solution inside."""
    disk = co.Disk((x, y), (0, 0), 1)
    other = TRUTH + (1 - x**2 - y**2) * cos(3 * x)
    problems = [poisson(disk, value) for value in (TRUTH, other)]
    points = problems[0].domain.sample(300)
    one, two = (at(sort_conditions(p).trials[0].particular, p, points) for p in problems)
    np.testing.assert_allclose(one, two, atol=1e-12)


def test_a_constant_stays_one():
    problem = poisson(co.Disk((x, y), (0, 0), 1), 7)
    assert sort_conditions(problem).trials[0].particular == 7


def test_the_trial_function_has_two_more_derivatives_than_the_equation_at_the_centre():
    """Fourth differences across the centre stay bounded as the step falls: G is C⁵ for an equation of order two."""
    problem = poisson(co.Disk((x, y), (0, 0), 1), TRUTH)
    particular = sort_conditions(problem).trials[0].particular
    for direction in ([1.0, 0.0], [0.6, 0.8]):
        sizes = []
        for step in (0.02, 0.01, 0.005):
            points = step * np.arange(-2, 3)[:, None] * np.array(direction)
            sizes.append(abs(np.diff(at(particular, problem, points), n=4)[0]) / step**4)
        assert sizes[2] < 0.5 * sizes[0]  # it goes to 0 like the square of the distance
    centre = at(particular, problem, np.zeros((1, 2)))
    assert np.isfinite(centre).all()


@pytest.mark.parametrize("value", [Abs(y), atan2(y, x)], ids=["a kink", "a jump"])
def test_a_value_that_is_not_smooth_stays_a_residual(value):
    found = sort_conditions(poisson(co.Disk((x, y), (0, 0), 1), value))
    assert [soft.part for soft in found.soft] == ["outer"]
    assert "not smooth" in found.choices[0].reason or "not finite" in found.choices[0].reason


def test_initial_and_boundary_values_of_a_disk_are_exact_together():
    u = Function("u")(x, y, t)
    truth = exp(-t) * TRUTH
    problem = co.Problem(
        Eq(u.diff(t), laplacian(u, x, y)),
        co.Disk((x, y), (0, 0), 1) * co.Time(t, 0, 1),
        [co.Initial(u, truth), co.Dirichlet(u, truth)],
    )
    found = sort_conditions(problem)
    assert not found.soft
    for part, condition in (("outer", problem.conditions[1]), ("initial", problem.conditions[0])):
        points = problem.domain.sample(200, part)
        np.testing.assert_allclose(
            at(found.trials[0].particular, problem, points), at(condition.value, problem, points), atol=1e-10
        )


def test_what_is_no_circle_stays_soft_and_says_why():
    u = Function("u")(x, y)
    ring = co.Disk((x, y), (0, 0), 2) - co.Disk((x, y), (0, 0), 1)
    plan = co.plan(co.Problem(Eq(laplacian(u, x, y), 0), ring, [co.Dirichlet(u, 0, on="inner"), co.Neumann(u, 1)]))
    reasons = {c.subject: (c.value, c.reason) for c in plan.choices if c.subject.startswith("condition")}
    assert reasons["condition dirichlet u on inner"] == (
        "residual", "a value is exact only on a whole end of a box, on a circle or on a sphere"
    )  # fmt: skip
    assert reasons["condition neumann u on outer"] == ("residual", "a derivative is exact only on a whole end of a box")
