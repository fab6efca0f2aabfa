"""What the web page shows of a solution, and the truth beside it."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, cos, pi, sin, symbols

import collocate as co
from collocate.errors import ExportError
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
    assert list(outputs(problem, read_outputs(problem, "v=u, residual")))[:3] == ["v", "residual", "u"]


@pytest.mark.parametrize("asked", ["u=2*u", "u_x=u.diff(t)", "residual=2*u", "u_reference=u"])
def test_a_name_that_the_page_uses_means_what_it_means_there(asked: str) -> None:
    problem = heat()
    with pytest.raises(ExportError, match=r"would be shown on the web page as the .* it is not; give it another name"):
        outputs(problem, read_outputs(problem, asked))


@pytest.mark.filterwarnings(r"ignore:u\(y, x\)")
def test_a_derivative_that_is_asked_for_is_one_whatever_its_order() -> None:
    u = Function("u")(x, y)
    problem = co.Problem(Eq(u.diff(y).diff(x) + u, 0), co.Rectangle((y, x), (0, 0), (1, 1)), [co.Dirichlet(u, 0)])
    found = outputs(problem, read_outputs(problem, "u.diff(x, y)"))
    solution = untrained(problem)
    kinds = {each["name"]: each["kind"] for each in quantities(record(solution, found), solution, [])}
    assert kinds == {
        "u": "field",
        "u_y": "derivative",
        "u_x": "derivative",
        "u_yx": "derivative",
        "residual": "residual",
    }


def test_a_field_that_is_called_like_a_truth_or_a_derivative_is_a_field() -> None:
    u, truth, slope = (Function(name)(x) for name in ("u", "u_reference", "u_x"))
    equations = [Eq(each.diff(x), 0) for each in (u, truth, slope)]
    conditions = [co.Dirichlet(each, 0, on=Eq(x, 0)) for each in (u, truth, slope)]
    problem = co.Problem(equations, co.Interval(x, 0, 1), conditions, reference={u: sin(x)})
    solution = untrained(problem)
    found = quantities(record(solution, outputs(problem, {})), solution, [])
    assert [each["name"] for each in found if each["kind"] == "field"] == ["u", "u_reference", "u_x"]
    assert [each["name"] for each in found if each["kind"] == "error"] == []


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
