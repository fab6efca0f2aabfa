"""Residuals on fresh points against what is known of them, and the search between the points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Function, Integral, Rational, cos, pi, sin, symbols

import collocate as co
from collocate import tree
from collocate.errors import StatementError
from collocate.expressions import evaluate
from collocate.solution import Slab
from collocate.solution.residual_map import worst_place
from collocate.verification.residual_map import ResidualMap

from ...own import keras_model
from ...small import bar, heat, rotation

x, y, t = symbols("x y t")
QUICK: dict = {"callbacks": (), "mode": "eager", "backend": "torch"}


@pytest.fixture(scope="module")
def warm() -> co.Solution:
    return co.solve(heat(), network=(6,), points=100, steps=3, callbacks=())


def test_the_residual_is_the_equation_at_the_points_over_the_size_of_its_terms(warm: co.Solution):
    found = ResidualMap(warm)
    u = Function("u")(x, t)
    left, right = u.diff(t), u.diff(x, 2) / 10
    points = dict(zip(("x", "t"), found.interior[:500].T, strict=True))
    expected = np.abs(warm.at(left - right, **points))
    assert found.relative("equation")[:500] * found.scales["equation"] == pytest.approx(expected, rel=1e-9)
    terms = warm.at([left, right], **dict(zip(("x", "t"), found.interior[:2048].T, strict=True)))
    assert found.scales["equation"] == pytest.approx(np.sqrt(sum(np.mean(term**2) for term in terms)), rel=1e-9)


def test_conditions_that_the_trial_function_meets_are_measured_too(warm: co.Solution):
    names = [each.name for each in ResidualMap(warm).measured()]
    assert names == [
        "equation", "initial u (initial)", "dirichlet u on left, right (left)", "dirichlet u on left, right (right)",
    ]  # fmt: skip
    assert all(each.largest < 1e-12 for each in ResidualMap(warm).measured() if each.kind == "condition")


def test_conditions_of_another_statement_are_measured_against_it(warm: co.Solution):
    """u = 0 at both ends; the other wants 2 on the left, ∂u/∂n = 1 on the right and a mean of 3."""
    u = Function("u")(x, t)
    equation = Eq(u.diff(t), u.diff(x, 2) / 10)
    conditions = [
        co.Initial(u, sin(pi * x)), co.Dirichlet(u, 2, on="left"), co.Neumann(u, 1, on="right"), co.Mean(u, 3),
    ]  # fmt: skip
    with pytest.warns(UserWarning):
        other = co.Problem(equation, heat().domain, conditions)
        found = ResidualMap(warm, other)
    measured = {each.name: each for each in found.measured()}
    left = measured["dirichlet u on left (left)"]
    assert left.rms * left.scale == pytest.approx(2.0)
    (name,) = (name for name in measured if name.startswith("neumann"))
    ends = found.points[found.plan.terms[[term.name for term in found.plan.terms].index(name)].sets[0]]["coordinates"]
    slope = warm.at(u.diff(x), x=ends[:, 0], t=ends[:, 1])
    assert found.rows[name] == pytest.approx(slope - 1.0, rel=1e-9)
    grid = other.domain.grid(201)
    mean = float(np.mean(warm(**grid)))
    assert found.rows["mean u"] == pytest.approx([mean - 3.0], abs=0.02)
    assert measured["mean u"].place == {}


def test_each_slab_is_evaluated_by_its_own_network():
    first = co.solve(rotation(), network=(6,), points=40, steps=2, callbacks=())
    other = tree.map(lambda leaf: leaf + 0.1, first.slabs[0].parameters["stages"])
    second = Slab(1.5, {**first.slabs[0].parameters, "stages": other})
    solution = replace(first, slabs=(first.slabs[0], second), result={})
    found = ResidualMap(solution)
    assert found.interior.shape == (4096, 1)
    p, q = Function("p")(t), Function("q")(t)
    assert found.rows["equation 1"] == pytest.approx(solution.at(p.diff(t) + q, t=found.interior[:, 0]), abs=1e-12)
    alone = ResidualMap(replace(first, result={})).rows["equation 1"]
    late = found.interior[:, 0] > 1.5
    assert np.array_equal(found.rows["equation 1"][~late], alone[~late])
    assert np.abs(found.rows["equation 1"] - alone)[late].max() > 1e-3


def test_an_integral_runs_over_all_slabs():
    """u′ = cos t was solved, and u = sin t obeys u′ = 1 − ∫₀ᵗ u too."""
    u, s = Function("u"), symbols("s")
    domain, start = co.Time(t, 0, 12), [co.Initial(u(t), 0)]
    problem = co.Problem(Eq(u(t).diff(t), cos(t)), domain, start)
    solution = co.solve(problem, network=(4,), points=60, accuracy=1e-6, callbacks=())
    assert len(solution.slabs) > 1
    whole = co.Problem(Eq(u(t).diff(t), 1 - Integral(u(s), (s, 0, t))), domain, start)
    assert ResidualMap(solution, whole).measured()[0].largest < 1e-5
    half = co.Problem(Eq(u(t).diff(t), 1 - Integral(u(s), (s, t / 2, t))), domain, start)
    assert ResidualMap(solution, half).measured()[0].largest > 0.1


def test_the_integral_at_a_point_is_that_of_the_solution():
    u, s = Function("u"), symbols("s")
    equation = Eq(u(x), 1 - Integral((x - s) * u(s), (s, 0, x)))
    solution = co.solve(co.Problem(equation, co.Interval(x, 0, 2)), network=(4,), points=30, steps=2, **QUICK)
    found = ResidualMap(solution)
    at = found.interior[:3, 0]
    nodes, weights = np.polynomial.legendre.leggauss(40)
    for place, row in zip(at, found.rows["equation"], strict=False):
        inner = 0.5 * place * (nodes + 1)
        integral = 0.5 * place * float(weights @ ((place - inner) * solution(x=inner)))
        assert row == pytest.approx(solution(x=place) - 1 + integral, abs=1e-10)
    (measured,) = found.measured()
    assert measured.largest >= found.relative("equation").max()


SIDES = {"left": (-1, 0), "right": (1, 0), "bottom": (0, -1), "top": (0, 1)}


@pytest.mark.parametrize(
    "domain",
    [co.Disk((x, y), (0, 0), 1), co.Rectangle((x, y), (-1, -1), (1, 1)) - co.Disk((x, y), (0, 0), Rational(1, 2))],
)
def test_on_curves_the_flux_is_along_the_normal_of_each_point(domain: object):
    u = Function("u")(x, y)
    problem = co.Problem(Eq(u.diff(x, 2) + u.diff(y, 2), u), domain, [co.Neumann(u, x)])
    solution = co.solve(problem, network=(4,), points=30, steps=2, **QUICK)
    found = ResidualMap(solution)
    for part in problem.domain.parts:
        (term,) = (term for term in found.plan.terms if term.name.endswith(f"({part.name})"))
        points = found.points[term.sets[0]]["coordinates"][:20]
        normal = points / np.linalg.norm(points, axis=1, keepdims=True) * (-1 if part.name == "inner" else 1)
        if part.name in SIDES:
            normal = np.array([SIDES[part.name]])
        slopes = np.stack(solution.at([u.diff(x), u.diff(y)], x=points[:, 0], y=points[:, 1]), axis=1)
        assert found.rows[term.name][:20] == pytest.approx((slopes * normal).sum(axis=1) - points[:, 0], abs=1e-10)


def test_soft_conditions_and_parameters_are_measured_as_others():
    u, a = Function("u")(x), symbols("a")
    problem = co.Problem(
        Eq(a * u.diff(x, 2), 1), co.Interval(x, 0, 1), [co.Dirichlet(u, 3)], parameters=[co.Parameter(a, 1, 2)]
    )
    solution = co.solve(problem, network=(4,), points=30, steps=1, conditions="soft", **QUICK)
    left = next(each for each in ResidualMap(solution).measured() if each.name.endswith("(left)"))
    assert left.place.keys() == {"x", "a"} and left.place["x"] == 0.0
    assert left.largest * left.scale == pytest.approx(abs(solution(**left.place) - 3.0), rel=1e-9)


def test_unknown_numbers_that_the_solution_did_not_find_are_refused(warm: co.Solution):
    u, k = Function("u")(x, t), symbols("k")
    places = np.linspace(0.1, 0.9, 5)
    data = co.Data(u, {"x": places, "t": places, "u": places})
    conditions = [co.Initial(u, sin(pi * x)), co.Dirichlet(u, 0), data]
    other = co.Problem(Eq(u.diff(t), k * u.diff(x, 2)), heat().domain, conditions, unknowns=[co.Unknown(k, 0.2)])
    with pytest.raises(StatementError, match="unknown numbers k, which the solution did not find"):
        ResidualMap(warm, other)


def test_a_network_of_the_users_own_is_evaluated_where_it_runs():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    own = torch.nn.Sequential(torch.nn.Linear(1, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1))
    solution = co.solve(
        bar(), network=own, backend="torch", mode="eager", dtype="float32", points=30, steps=3, callbacks=()
    )
    found = ResidualMap(solution)
    assert found.rows["equation"].dtype == np.float64
    places, step = found.interior[:50, 0], 1e-3
    with torch.no_grad():
        own.double()
        values = [own(torch.tensor(2 * (places + k * step) - 1)[:, None])[:, 0].numpy() for k in (-2, -1, 0, 1, 2)]
    (trial,), (stage,) = solution.plan.trials, solution.plan.stages
    arrays = [{"x": places + k * step} for k in (-2, -1, 0, 1, 2)]
    fields = [evaluate(trial.particular, at) + evaluate(trial.factor, at) * stage.scales[0] * value
              for at, value in zip(arrays, values, strict=True)]  # fmt: skip
    second = (-fields[0] + 16 * fields[1] - 30 * fields[2] + 16 * fields[3] - fields[4]) / (12 * step**2)
    expected = -second - np.pi**2 * np.sin(np.pi * places)
    assert found.rows["equation"][:50] == pytest.approx(expected, abs=1e-6)


def test_a_network_that_computes_in_single_precision_only_is_evaluated_in_it():
    """A Keras model casts what it is given to its own precision, whatever the precision of the weights."""
    settings = {"mode": "eager", "dtype": "float32", "points": 20, "steps": 1, "optimizer": "levenberg_marquardt"}
    solution = co.solve(bar(), network=keras_model(1, 1), backend="tensorflow", callbacks=(), **settings)
    found = ResidualMap(solution)
    assert found.rows["equation"].dtype == np.float32
    assert found.as_trained() == pytest.approx(solution.result["residual_heldout"], rel=0.4)


def test_beside_what_training_reports_stands_the_same_figure_on_fresh_points(warm: co.Solution):
    assert ResidualMap(warm).as_trained() == pytest.approx(warm.result["residual_heldout"], rel=0.4)


def test_the_worst_place_is_found_between_the_points():
    domain = bar().domain
    points = np.linspace(0, 1, 101)[:, None]

    def peak(at: np.ndarray) -> np.ndarray:
        return 1e-3 + np.exp(-(((at[:, 0] - 0.70512) / 2e-3) ** 2))

    assert peak(points).max() < 0.01
    largest, place = worst_place(peak, domain, points, peak(points))
    assert largest > 0.999
    assert place == pytest.approx([0.70512], abs=1e-4)


def test_a_residual_that_is_not_finite_is_the_worst():
    domain = bar().domain
    points = np.array([[0.2], [0.6]])
    largest, place = worst_place(lambda at: np.ones(len(at)), domain, points, np.array([1.0, np.nan]))
    assert largest == np.inf and place == [0.6]
