"""Training beside measured values: where it ends, and what it says of the equation and of the data apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares
from sympy import Eq, Function, symbols

import collocate as co
from collocate.cli.solving import print_result

t, k = symbols("t k")
u = Function("u")(t)
TIMES, SIGMA = np.linspace(0, 3, 30), 0.05
SETTINGS: dict[str, Any] = {"network": (6,), "callbacks": []}


def readings(*spoilt: int) -> np.ndarray:
    """2 e^(−0.7 t) with noise, and 5 in the rows that are spoilt."""
    found = 2 * np.exp(-0.7 * TIMES) + SIGMA * np.random.default_rng(0).standard_normal(30)
    found[list(spoilt)] = 5.0
    return found


def cooling(*data: co.Data, guess: float = 1.0) -> co.Problem:
    """u′ = −k u, nothing known of u but the data."""
    return co.Problem(Eq(u.diff(t), -k * u), co.Time(t, 0, 3), list(data), unknowns=[co.Unknown(k, guess)])


def best_fit(values: np.ndarray, **loss: Any) -> float:
    return least_squares(lambda z: z[0] * np.exp(-z[1] * TIMES) - values, [2.0, 0.7], **loss).x[1]


@pytest.mark.parametrize("guess", [1.0, 3.0])
def test_outliers_beside_a_sigma_are_counted_as_huber_does(guess: float):
    values = readings(5, 20)
    problem = cooling(co.Data(u, {"t": TIMES, "u": values}, sigma=SIGMA), guess=guess)
    solution = co.solve(problem, misfit=co.Huber(2 * SIGMA), **SETTINGS)
    expected = best_fit(values, loss="huber", f_scale=2 * SIGMA)
    low, high = solution.intervals["k"]
    deviation = (high - low) / 3.92
    assert abs(solution.unknowns["k"] - expected) < 0.1 * deviation < 0.1 * abs(best_fit(values) - expected)
    assert solution.result["misfits"]["data u"] == pytest.approx(1.0, abs=0.3)  # of the rows that are none


def test_the_equation_and_the_misfit_are_told_apart(capsys: pytest.CaptureFixture[str]):
    """The misfit is the one that one would compute, of each table by its own sigmas."""
    values, sigma = readings(), np.where(TIMES < 1.5, SIGMA, 2 * SIGMA)
    first = co.Data(u, {"t": TIMES[:20], "u": values[:20]}, sigma=sigma[:20])
    second = co.Data(u, {"t": TIMES[20:], "u": values[20:]}, sigma=3 * SIGMA)
    solution = co.solve(cooling(first, second), **SETTINGS)
    left = solution(t=TIMES) - values
    expected = [np.sqrt(np.mean((left[:20] / sigma[:20]) ** 2)), np.sqrt(np.mean((left[20:] / (3 * SIGMA)) ** 2))]
    assert list(solution.result["misfits"]) == ["data u", "data u (2)"]
    assert list(solution.result["misfits"].values()) == pytest.approx(expected, rel=1e-6)
    residual = solution.result["residual_heldout"]
    assert residual < 0.1 * min(solution.history["heldout"])  # which holds the noise too
    drawn = np.linspace(0, 3, 2001)
    of_equation, size = solution.at([u.diff(t) + k * u, u.diff(t)], t=drawn)
    assert 0.1 < residual / np.sqrt(np.mean(of_equation**2) / np.mean(size**2)) < 10
    print_result(solution.result, None, as_json=False)
    assert f"misfit, in sigma   data u {expected[0]:.4g}, data u (2) {expected[1]:.4g}" in capsys.readouterr().out
    assert "misfit of data, in sigma" in solution._repr_html_()


def test_data_without_a_sigma_are_part_of_the_residual():
    solution = co.solve(cooling(co.Data(u, {"t": TIMES, "u": readings()})), **SETTINGS)
    assert solution.result["misfits"] == {}
    assert solution.result["residual_heldout"] == min(solution.history["heldout"])


def test_an_accuracy_is_reached_by_the_equation_and_does_not_end_the_fit():
    """With the noise in it no training would reach it; without the data it would be reached at any k."""
    problem = cooling(co.Data(u, {"t": TIMES, "u": readings()}, sigma=SIGMA))
    solution = co.solve(problem, accuracy=1e-4, **SETTINGS)
    assert solution.result["residual_heldout"] < 1e-4
    assert solution.unknowns["k"] == pytest.approx(best_fit(readings()), abs=1e-3)
