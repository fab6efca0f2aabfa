"""Problems on shapes beyond boxes, solved in a small setting against manufactured truth."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, Rational, exp, log, sin, symbols

import collocate as co

x, y, t = symbols("x y t")
u = Function("u")(x, y)


def laplacian(v):
    return v.diff(x, 2) + v.diff(y, 2)


def solve(problem, backend="jax", **options):
    settings = {"network": (10, 10), "points": {"interior": 500, "face": 60}, "steps": 40} | options
    return co.solve(problem, backend=backend, seed=0, **settings)


@pytest.fixture(scope="module")
def disk():
    truth = exp(x) * sin(2 * y) + x * y**2
    return co.Problem(
        Eq(-laplacian(u), -laplacian(truth)), co.Disk((x, y), (0, 0), 1), [co.Dirichlet(u, truth)], reference=truth
    )


@pytest.fixture(scope="module")
def plate():
    """Values on the rim of the hole, fluxes outside: normals that turn, and flat ones."""
    truth = log((x - Rational(1, 2)) ** 2 + (y - Rational(1, 2)) ** 2) / 2 + x * y
    flux = co.normal(x) * (u - truth).diff(x) + co.normal(y) * (u - truth).diff(y)
    domain = co.Rectangle((x, y), 0, 1) - co.Disk((x, y), (Rational(1, 2), Rational(1, 2)), Rational(1, 4))
    ends = co.Condition(Eq(flux, 0), on=["left", "right", "bottom", "top"])
    return co.Problem(Eq(laplacian(u), 0), domain, [co.Dirichlet(u, truth, on="inner"), ends], reference=truth)


def test_poisson_on_a_disk(disk):
    solution = solve(disk)
    assert solution.error() < 2e-3  # 5e-4
    angle = np.linspace(0, 2 * np.pi, 50)
    rim = np.cos(angle), np.sin(angle)
    truth = np.exp(rim[0]) * np.sin(2 * rim[1]) + rim[0] * rim[1] ** 2
    np.testing.assert_allclose(solution(x=rim[0], y=rim[1]), truth, atol=1e-12)  # exact, whatever was learned


def test_laplace_on_a_plate_with_a_hole(plate):
    assert solve(plate).error() < 1e-2  # 2.5e-3


def test_heat_on_a_disk_in_time():
    v = Function("v")(x, y, t)
    truth = exp(-t) * (1 - x**2 - y**2) * (1 + x * y)
    problem = co.Problem(
        Eq(v.diff(t) - laplacian(v), truth.diff(t) - laplacian(truth)),
        co.Disk((x, y), (0, 0), 1) * co.Time(t, 0, 1),
        [co.Initial(v, truth), co.Dirichlet(v, 0)],
        reference=truth,
    )
    assert solve(problem).error() < 1e-5  # 1.4e-6


def test_laplace_on_a_polygon():
    truth = exp(x) * sin(y) + x * y
    triangle = co.Polygon((x, y), [(0, 0), (2, 0), (Rational(1, 2), 1)])
    problem = co.Problem(Eq(laplacian(u), 0), triangle, [co.Dirichlet(u, truth)], reference=truth)
    assert solve(problem).error() < 3e-5  # 3.6e-6


@pytest.mark.parametrize("name", ["disk", "plate"])
def test_frameworks_agree_on_shapes(name, request):
    problem = request.getfixturevalue(name)
    points = {"interior": 60, "face": 20}
    values = [
        solve(problem, backend, network=(4,), steps=1, points=points, mode="eager")(x=0.1, y=0.2)
        for backend in ("jax", "torch", "tensorflow")
    ]
    np.testing.assert_allclose(values[1:], values[0], rtol=1e-8)
