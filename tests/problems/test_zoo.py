"""The zoo's table, and that each exact truth satisfies its equations and conditions, by SymPy substitution."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sympy import Expr, Symbol, lambdify

import collocate as co
from collocate import problems
from collocate.errors import StatementError

EXACT = (
    *("poisson2d", "poisson5d", "helmholtz2d", "convection_diffusion", "plate", "elasticity2d", "kovasznay"),
    *("poisson_multiscale", "taylor_green"),
    *("heat1d", "wave1d", "advection", "reaction", "kdv_soliton", "klein_gordon", "sine_gordon"),
)

WITHOUT_TRUTH = {"cavity": {"p"}}  # infinite in the corners under the lid


def values(expression: Expr, points: dict[str, np.ndarray]) -> np.ndarray:
    """A SymPy expression of real coordinates at points."""
    function = lambdify([Symbol(name, real=True) for name in points], expression, "numpy")
    return np.broadcast_to(function(*points.values()), np.broadcast_shapes(*map(np.shape, points.values())))


def inside(problem: co.Problem, count: int = 200) -> dict[str, np.ndarray]:
    unit = np.random.default_rng(0).random((len(problem.domain.axes), count))
    return {
        axis.name: float(axis.lower) + float(axis.upper - axis.lower) * row
        for axis, row in zip(problem.domain.axes, unit, strict=True)
    }


def substituted(expression: Expr, problem: co.Problem) -> Expr:
    return expression.subs({field: problem.reference[str(field.func)] for field in problem.fields}).doit()


def faces(problem: co.Problem) -> list[dict[str, np.ndarray]]:
    """Points on each side of a box, 50 a side."""
    points = inside(problem, 50)
    return [
        {**points, axis.name: np.full(50, float(end))}
        for axis in problem.domain.axes
        for end in (axis.lower, axis.upper)
    ]


def test_names_are_the_files_of_the_folder() -> None:
    files = {path.stem for path in Path(problems.__file__).parent.glob("*.py")} - {"__init__", "reading"}
    assert set(problems.names()) == files


@pytest.mark.parametrize("name", problems.names())
def test_each_problem_loads_and_has_a_truth_for_its_fields(name: str) -> None:
    module = problems.load(name)
    assert isinstance(module.problem, co.Problem)
    assert set(module.problem.reference) == set(module.problem.field_names) - WITHOUT_TRUTH.get(name, set())
    assert module.__doc__ and "Truth:" in module.__doc__


def test_an_unknown_name_lists_those_there_are() -> None:
    with pytest.raises(StatementError, match=r"'poisson'.*poisson2d, poisson_disk"):
        problems.load("poisson")


def test_loading_trains_nothing_and_imports_no_framework() -> None:
    code = (
        "import sys; from collocate import problems; [problems.load(name) for name in problems.names()]; "
        "print(sorted({'jax', 'torch', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", EXACT)
def test_the_truth_satisfies_the_equations(name: str) -> None:
    problem = problems.load(name).problem
    points = inside(problem)
    for equation in problem.equations:
        left, right = (values(substituted(side, problem), points) for side in (equation.left, equation.right))
        scale = max(np.abs(left).max(), np.abs(right).max(), 1.0)
        assert np.abs(left - right).max() <= 1e-12 * scale


@pytest.mark.parametrize("name", EXACT)
def test_the_truth_satisfies_the_conditions(name: str) -> None:
    """Each residual on each of its faces, normals being ±1 there; a mean has tests of its own."""
    problem = problems.load(name).problem
    unit = np.random.default_rng(1).random((60, problem.domain.dimension - 1))
    for condition in (c for c in problem.conditions if c.kind not in ("mean", "periodic")):
        expression = substituted(condition.residual, problem)
        for selection in condition.selections:
            part = problem.domain.part(selection.part)
            place = dict(zip(problem.domain.names, problem.domain.part_points(part, unit).T, strict=True))
            normals = {
                symbol: part.side if symbol == co.normal(Symbol(part.coordinate)) else 0
                for symbol in expression.free_symbols - set(problem.coordinates)
            }
            assert np.abs(values(expression.subs(normals), place)).max() < 1e-11, (condition.label, part.name)


@pytest.mark.parametrize("name", ["advection", "reaction"])
def test_a_periodic_truth_closes(name: str) -> None:
    problem = problems.load(name).problem
    t = np.linspace(0, 1, 21)
    low, high = (values(problem.reference["u"], {"x": np.full(21, end), "t": t}) for end in (0.0, 2 * np.pi))
    assert np.abs(high - low).max() < 1e-12


def test_the_vortex_is_periodic_and_its_pressure_is_that_of_the_place_where_it_is_fixed() -> None:
    module = problems.load("taylor_green")
    rng = np.random.default_rng(2)
    t, other, ends = rng.random(20), 6 * rng.random(20), (np.zeros(20), np.full(20, 2 * np.pi))
    for truth in module.problem.reference.values():
        for along, across in (("x", "y"), ("y", "x")):
            low, high = (values(truth, {along: end, across: other, "t": t}) for end in ends)
            assert np.abs(high - low).max() < 1e-14
    fixed = {name: column for name, column in module.gauge.items() if name != "p"}
    assert np.abs(values(module.problem.reference["p"], fixed) - module.gauge["p"]).max() < 1e-16
    assert "p" not in module.problem.floating  # so p itself is compared, not p less its mean


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", problems.names())
def test_each_is_stated_without_a_remark_and_not_solved_by_its_trial_function(name: str) -> None:
    module = problems.load(name)
    assert module.problem.warnings == ()
    plan = co.plan(module.problem, **getattr(module, "settings", {}))
    assert plan.trial_error and all(error >= 0.05 for _, error in plan.trial_error)


def test_poisson_vanishes_on_the_boundary() -> None:
    problem = problems.load("poisson2d").problem
    for side in faces(problem):
        assert np.abs(values(problem.reference["u"], side)).max() < 1e-15


def test_the_plate_is_clamped_and_its_load_is_not_trivial() -> None:
    problem = problems.load("plate").problem
    truth = problem.reference["u"]
    for expression in (truth, *(truth.diff(coordinate) for coordinate in problem.coordinates)):
        for side in faces(problem):
            assert np.abs(values(expression, side)).max() < 1e-14
    assert np.abs(values(problem.equations[0].right, inside(problem))).max() > 1e3


def test_kovasznay_data_are_the_truth_and_pressure_has_no_mean() -> None:
    module = problems.load("kovasznay")
    problem = module.problem
    nodes, weights = np.polynomial.legendre.leggauss(40)
    pressure = values(problem.reference["p"], {"x": 0.25 + 0.75 * nodes, "y": np.zeros(40)})
    assert abs(weights @ pressure) < 1e-14
    stated = {condition.u: condition.g for condition in problem.stated if isinstance(condition, co.Dirichlet)}
    assert stated == {module.u: module.truth[module.u], module.v: module.truth[module.v]}


def test_burgers_and_lotka_volterra_state_the_data_of_their_truths() -> None:
    burgers, predators = (problems.load(name).problem for name in ("burgers", "lotka_volterra"))
    x = np.linspace(-1, 1, 101)
    start = burgers.reference["u"](x=x, t=np.zeros(101))
    initial = next(condition for condition in burgers.stated if isinstance(condition, co.Initial))
    np.testing.assert_allclose(start, [float(initial.g.subs(initial.u.args[0], value)) for value in x], atol=1e-14)
    ends = burgers.reference["u"](x=np.array([[-1.0], [1.0]]), t=np.linspace(0, 1, 21))
    assert np.abs(ends).max() < 1e-13
    for condition in predators.stated:
        found = predators.reference[str(condition.u.func)](t=np.zeros(1))
        assert found == pytest.approx([float(condition.g)], abs=1e-15)
