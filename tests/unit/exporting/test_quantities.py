"""What the web page shows of a solution, and the truth beside it."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, cos, pi, symbols

import collocate as co
from collocate.exporting.evaluate import evaluate
from collocate.exporting.outputs import read_outputs
from collocate.exporting.quantities import outputs, quantities, tables
from collocate.exporting.record import record
from collocate.solution.grids import verification_points

from ...small import heat
from .untrained import untrained

x, y, z = symbols("x y z")


def floating() -> co.Problem:
    """−u″ = π² cos πx with both slopes given: u is known but for a constant."""
    u = Function("u")(x)
    conditions = [co.Neumann(u, 0), co.Mean(u, 0)]
    return co.Problem(Eq(-u.diff(x, 2), pi**2 * cos(pi * x)), co.Interval(x, 0, 1), conditions, reference=cos(pi * x))


def test_fields_derivatives_and_the_residual_are_added_to_what_is_asked() -> None:
    problem = heat()
    assert list(outputs(problem, read_outputs(problem, "flux=-u_x, u_x")))[:5] == ["flux", "u_x", "u", "u_t", "u_xx"]
    asked = read_outputs(problem, "residual=2*u")
    assert outputs(problem, asked)["residual"] == asked["residual"]  # the name is taken


def test_the_error_of_a_field_that_floats_is_without_its_mean() -> None:
    problem = floating()
    solution = untrained(problem)
    graph = record(solution, outputs(problem, {}))
    found = {each["name"]: each for each in quantities(graph, solution, [])}
    points = {"x": verification_points(problem.domain)[:, 0]}
    values = evaluate(graph, points)
    error = values["u"] - np.cos(np.pi * points["x"])
    assert found["u error"]["reference"] == "u_reference"
    assert found["u error"]["offset"] == pytest.approx(error.mean(), rel=1e-12)
    assert found["u"]["range"] == [values["u"].min(), values["u"].max()]
    assert found["u"]["range"][0] < found["u"]["core"][0] < found["u"]["core"][1] < found["u"]["range"][1]
    assert [each["kind"] for each in found.values()] == ["field", "derivative", "derivative", "residual", "error"]


def test_a_function_is_tabulated_inside_the_domain_of_two_coordinates_at_most() -> None:
    u = Function("u")(x, y)
    laplace = Eq(u.diff(x, 2) + u.diff(y, 2), 0)
    problem = co.Problem(
        laplace, co.Disk((x, y), (0, 0), 1), [co.Dirichlet(u, 0)], reference=lambda x, y: np.log(1.5 - x**2 - y**2)
    )
    (table,) = tables(problem).values()
    assert table["counts"] == [201, 201]
    values = table["values"].reshape(201, 201)
    assert values[100, 100] == pytest.approx(np.log(1.5))
    assert values[100, 150] == pytest.approx(np.log(1.25))
    assert np.isnan(values[0, 0])
    w = Function("w")(x, y, z)
    box = co.Box((x, y, z), (0, 0, 0), (1, 1, 1))
    cube = co.Problem(Eq(w.diff(x, 2), 0), box, [co.Dirichlet(w, 0)], reference=lambda x, y, z: x)
    assert tables(cube) == {}
