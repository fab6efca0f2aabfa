"""What a solution shows of inverse problems, families, integral equations and shapes, hardly trained all."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, Integral, Rational, exp, pi, sin, symbols

import collocate as co
from collocate.cli.solving import print_result
from collocate.solution import integrals
from collocate.solution.figure import fields
from collocate.solution.intervals import with_interval
from collocate.solution.measurements import measured
from collocate.solution.pictures import survey
from collocate.solution.residual_map import residual_map

x, y, z, t, s, D, nu = symbols("x y z t s D nu")
u, k = Function("u")(x, t), Function("k")(x)
ROD = co.Interval(x, 0, 1) * co.Time(t, 0, 1)


def solve(problem: co.Problem, **options: Any) -> co.Solution:
    return co.solve(problem, backend="torch", mode="eager", **{"network": (5,), "points": 30, "steps": 2} | options)


def observed() -> co.Data:
    places, times = np.random.default_rng(0).random((2, 12))
    values = np.exp(-(np.pi**2) * 0.1 * times) * np.sin(np.pi * places)
    return co.Data(u, {"x": places, "t": times, "u": values + 0.01 * np.cos(40 * places)}, sigma=0.01)


@pytest.fixture(scope="module")
def inverse() -> co.Solution:
    conditions = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0), observed()]
    return solve(co.Problem(Eq(u.diff(t), D * u.diff(x, 2)), ROD, conditions, unknowns=[co.Unknown(D, 0.15)]), steps=12)


# Unknown numbers


@pytest.mark.parametrize(
    ("value", "interval", "said"),
    [
        (0.09987, (0.0990123, 0.1007), "0.0999 (0.0990 to 0.1007)"),
        (1234.5, (1200.4, 1269.0), "1234 (1200 to 1269)"),
        (1.23e-7, (1.1e-7, 1.36e-7), "1.23e-07 (1.10e-07 to 1.36e-07)"),
        (-2.0, (-2.5, np.inf), "-2.00 (-2.50 to ∞)"),
        (2.0, (-np.inf, np.inf), "2 (the data do not determine it)"),
        (2.0, (2.0, 2.0), "2"),
        (1 / 3, None, "0.3333333333"),
    ],
)
def test_a_number_has_the_digits_of_its_interval(value: float, interval: Any, said: str) -> None:
    assert with_interval(value, interval) == said


def test_unknown_numbers_are_told_with_their_intervals(
    inverse: co.Solution, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    low, high = inverse.intervals["D"]
    assert low < inverse.unknowns["D"] < high
    said = with_interval(inverse.unknowns["D"], (low, high))
    assert " to " in said
    assert f", D {said}>" in repr(inverse)
    assert f"D = {said}" in inverse._repr_html_()
    inverse.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"<td>{said}</td><td>0.15</td>" in page
    assert "95 % interval" in page
    assert "what was measured of u" in page
    assert "<mi>u</mi><mo>=</mo><mi>measured</mi>" in page and "<td>12 points</td>" in page
    assert "<td>-measured + u</td>" in page and "__" not in re.sub(r"base64,[^\"]+", "", page)
    assert "-measured + u " in str(inverse.plan)
    print_result(inverse.result, None, as_json=False)
    assert f"D  {said}" in capsys.readouterr().out


# Measurements


def test_measurements_of_a_field_are_those_that_data_gave(inverse: co.Solution, tmp_path: Path) -> None:
    (given,) = measured(inverse).values()
    (table,) = inverse.problem.observations.values()
    np.testing.assert_array_equal(given.values, table.values)
    np.testing.assert_array_equal(given.coordinates["t"], table.coordinates[:, 1])
    assert given.sigma.tolist() == [0.01] * 12
    assert len(inverse.plot().axes[0].collections[0].get_offsets()) == 12
    inverse.animate(tmp_path / "film.gif", frames=2)
    problem = co.Problem(
        Eq(u.diff(t), u.diff(x, 2)), ROD, [co.Initial(u, 0), co.Data(u.diff(x), {"x": [0.5], "t": [0.5], "value": [0]})]
    )
    assert measured(solve(problem)) == {}


# Fields of fewer coordinates, and families


def test_an_unknown_field_is_drawn_over_its_own_coordinates() -> None:
    conditions = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0), observed()]
    problem = co.Problem(Eq(u.diff(t), (k * u.diff(x)).diff(x)), ROD, conditions, unknowns=[co.Unknown(k, 0.2)])
    solution = solve(problem)
    last = solution.plot().axes[2]
    assert (last.get_xlabel(), last.get_ylabel()) == ("$x$", "$k$")
    points = np.linspace(0, 1, 801)
    np.testing.assert_allclose(last.lines[0].get_ydata(), solution.at(k, x=points, t=0.9), rtol=1e-12)


def test_a_family_is_drawn_at_three_values(tmp_path: Path) -> None:
    problem = co.Problem(
        Eq(u.diff(t), nu * u.diff(x, 2)),
        ROD,
        [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0)],
        parameters=[co.Parameter(nu, 0.1, 0.3)],
        reference=exp(-(pi**2) * nu * t) * sin(pi * x),
    )
    solution = solve(problem)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        curves = solution.plot(at={"t": 1}).axes[0].lines
        solution.report(tmp_path / "report.html")
        solution.animate(tmp_path / "film.gif", frames=2)
    for line, value in zip(curves[:3], (0.1, 0.2, 0.3), strict=True):
        assert line.get_label() == f"$u$, nu = {value}"
        np.testing.assert_allclose(line.get_ydata(), solution(x=line.get_xdata(), t=1.0, nu=value), rtol=1e-12)
    place = {"x": 0.3, "t": 0.4, "nu": 0.2}
    assert solution.at(u.diff(x), **place) == solution.at("u_x", **place)  # as stated, without nu


# Residuals


def test_the_residual_of_an_integral_equation() -> None:
    """u(x) = 1 + ∫₀ˣ e^{x−s} u(s) ds, its integral once more by 60 nodes of the solution itself."""
    w = Function("w")
    volterra = Eq(w(x) - Integral(exp(x - s) * w(s), (s, 0, x)), 1)
    solution = solve(co.Problem(volterra, co.Interval(x, 0, 1)))
    points = np.array([[0.0], [0.3], [1.0]])
    (found,) = residual_map(solution, points).values()
    nodes, weights = np.polynomial.legendre.leggauss(60)
    for place, residual in zip(points[:, 0], found, strict=True):
        inner = 0.5 * place * (nodes + 1)
        integral = 0.5 * place * weights @ (np.exp(place - inner) * solution(x=inner))
        assert residual == pytest.approx(solution(x=place) - integral - 1, abs=1e-10)
    (worst,) = survey(solution)
    assert worst.largest >= np.abs(found).max() > 1e-6


def test_residuals_are_those_of_the_equation_in_every_slab(turning: co.Solution) -> None:
    points = np.linspace(0, 3, 50)[:, None]
    found = residual_map(turning, points)
    p, q, p_t, q_t = turning.at(["p", "q", "p_t", "q_t"], t=points[:, 0])
    np.testing.assert_allclose(list(found.values()), [p_t + q, q_t - p], atol=1e-12)


def test_the_worst_place_lies_between_the_points_and_in_the_time_that_was_reached(turning: co.Solution) -> None:
    p, q = Function("p"), Function("q")
    fine = np.linspace(0, 1.4, 200_001)
    short = replace(turning, result={**turning.result, "solved_until": 1.4})
    for one, expression in zip(survey(short), (p(t).diff(t) + q(t), q(t).diff(t) - p(t)), strict=True):
        sizes = np.abs(turning.at(expression, t=fine))
        assert one.largest >= (1 - 1e-4) * sizes.max()  # more where a slab begins, between the samples
        assert one.place["t"] <= 1.4
        assert abs(turning.at(expression, **one.place)) == pytest.approx(one.largest, rel=1e-5)
        assert one.root_mean_square == pytest.approx(np.sqrt(np.mean(sizes**2)), rel=0.3)


# Integrals on shapes

flat = Function("w")(x, y)
SHAPES = {
    "disk": co.Disk((x, y), (Rational(1, 2), 0), 1),
    "polygon": co.Polygon((x, y), [(0, 0), (2, 0), (Rational(1, 2), 1)]),
}


def test_of_a_set_operation_in_space_it_is_said_how_far_to_trust_an_integral() -> None:
    hollow = co.Ball((x, y, z), (0, 0, 0), 1) - co.Ball((x, y, z), (0, 0, 0), Rational(1, 2))
    v = Function("v")(x, y, z)
    solution = solve(co.Problem(Eq(v.diff(x, 2) + v.diff(y, 2) + v.diff(z, 2), 0), hollow, [co.Dirichlet(v, x)]))
    with pytest.warns(UserWarning, match="trust it to about") as said:
        volume = solution.integrate(1)
    assert abs(volume - 7 * np.pi / 6) < float(str(said[0].message).split()[-1])


@pytest.mark.parametrize("name", SHAPES)
def test_gauss_for_a_solution_on_a_shape(name: str) -> None:
    solution = solve(co.Problem(Eq(flat.diff(x, 2) + flat.diff(y, 2), 4), SHAPES[name], [co.Dirichlet(flat, x**2)]))
    inside = solution.integrate(flat.diff(x, 2) + flat.diff(y, 2))
    outward = co.normal(x) * flat.diff(x) + co.normal(y) * flat.diff(y)
    assert abs(inside) > 0.1
    assert solution.integrate(outward, over="boundary") == pytest.approx(inside, rel=1e-9)
    assert solution.integrate("normal_x**2 + normal_y**2", over="boundary") == pytest.approx(
        sum(part.measure for part in solution.problem.domain.parts)
    )


def test_gauss_for_a_plate_with_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plate's inside takes scattered points, and says so."""
    monkeypatch.setattr(integrals, "MOST_NODES", 20_000)
    plate = co.Rectangle((x, y), 0, 1) - co.Disk((x, y), (Rational(1, 2), Rational(1, 2)), Rational(1, 4))
    solution = solve(co.Problem(Eq(flat.diff(x, 2) + flat.diff(y, 2), 4), plate, [co.Dirichlet(flat, x**2)]))
    with pytest.warns(UserWarning, match="trust it to about"):
        inside = solution.integrate(flat.diff(x, 2) + flat.diff(y, 2))
    outward = co.normal(x) * flat.diff(x) + co.normal(y) * flat.diff(y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert solution.integrate(outward, over="boundary") == pytest.approx(inside, rel=5e-3)


@pytest.mark.filterwarnings("ignore:the integral is")  # steep in the middle of the ball, where it settles slowly
def test_gauss_in_a_ball() -> None:
    z = symbols("z")
    ball = Function("w")(x, y, z)
    laplacian = sum(ball.diff(each, 2) for each in (x, y, z))
    solution = solve(co.Problem(Eq(laplacian, 6), co.Ball((x, y, z), (0, 0, 0), 1), [co.Dirichlet(ball, x)]))
    outward = sum(co.normal(each) * ball.diff(each) for each in (x, y, z))
    inside = solution.integrate(laplacian)
    assert abs(inside) > 0.1
    assert solution.integrate(outward, over="outer") == pytest.approx(inside, rel=1e-6)


def test_coordinates_left_out_are_held_in_their_middle(inverse: co.Solution) -> None:
    """And what is given is blank outside its own shapes."""
    given = fields(inverse)["u"]({"x": np.array([-0.5, 0.5])})
    assert np.isnan(given).tolist() == [True, False]
    assert given[1] == pytest.approx(inverse(x=0.5, t=0.5))
