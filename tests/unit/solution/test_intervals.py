"""95 % intervals of unknown numbers against the linear propagation that can be written by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, symbols

import collocate as co

t, k = symbols("t k")
u = Function("u")(t)
TIMES = np.linspace(0.1, 3, 30)
RATE, SIGMA = 0.7, 0.02
SETTINGS = {"network": (6,), "points": 60, "steps": 40, "callbacks": []}


def decay(values: np.ndarray, times: np.ndarray = TIMES, sigma: float | None = SIGMA) -> co.Problem:
    return co.Problem(
        Eq(u.diff(t), -k * u),
        co.Time(t, 0, 3),
        [co.Initial(u, 1), co.Data(u, {"t": times, "u": values}, sigma=sigma)],
        unknowns=[co.Unknown(k, 1.0)],
    )


def noisy(seed: int = 0) -> np.ndarray:
    return np.exp(-RATE * TIMES) + SIGMA * np.random.default_rng(seed).normal(size=len(TIMES))


def test_the_interval_is_that_of_the_exact_family():
    """u = e^(−kt): var k = σ² / Σ (∂u/∂k)²."""
    solution = co.solve(decay(noisy()), **SETTINGS)
    low, high = solution.intervals["k"]
    deviation = SIGMA / np.sqrt(np.sum((TIMES * np.exp(-RATE * TIMES)) ** 2))
    assert (high - low) / 2 == pytest.approx(1.96 * deviation, rel=0.1)
    assert low < RATE < high
    assert (high + low) / 2 == pytest.approx(solution.unknowns["k"])


def test_without_sigma_it_is_estimated_from_the_misfit():
    solution = co.solve(decay(noisy(), sigma=None), **SETTINGS)
    low, high = solution.intervals["k"]
    deviation = SIGMA / np.sqrt(np.sum((TIMES * np.exp(-RATE * TIMES)) ** 2))
    assert (high - low) / 2 == pytest.approx(1.96 * deviation, rel=0.4)


def test_one_reading_without_sigma_tells_nothing_of_its_noise():
    solution = co.solve(decay(np.array([0.5]), np.array([1.0]), sigma=None), **SETTINGS)
    assert solution.intervals["k"] == (-np.inf, np.inf)


def test_in_single_precision_the_solution_is_not_lost():
    solution = co.solve(decay(noisy()), dtype="float32", **SETTINGS)
    assert solution.unknowns["k"] == pytest.approx(RATE, abs=0.05)
