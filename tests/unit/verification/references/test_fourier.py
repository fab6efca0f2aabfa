"""Fourier solvers against exact solitons and their own order."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.verification.references.fourier import Series, coefficients, etdrk4, split_step


def kdv(modes: int, steps: int) -> Series:
    """One soliton of speed 4 on a circle of length 20: u_t + 6 u u_x + u_xxx = 0 has ½ c sech²(√c (x − ct)/2)."""
    return etdrk4(
        lambda k: 1j * k**3,
        lambda u: u * u,
        lambda x: 2 / np.cosh(x) ** 2,
        low=-15,
        high=15,
        end=1,
        modes=modes,
        steps=steps,
        outer=lambda k: -3j * k,
    )


def kdv_error(steps: int) -> float:
    x = np.linspace(-15, 15, 101)
    return np.abs(kdv(256, steps)(x, np.array(1.0)).real - 2 / np.cosh(x - 4) ** 2).max()


def test_etdrk4_follows_a_soliton_at_fourth_order() -> None:
    errors = np.array([kdv_error(steps) for steps in (100, 200, 400)])
    assert errors[-1] < 1e-6
    assert 3.8 < np.log2(errors[0] / errors[-1]) / 2 < 4.6, errors


def test_etdrk4_is_exact_in_the_linear_part_however_stiff() -> None:
    """Of u_t = u_xx − u_xxxx the mode 2 decays at the rate 4 + 16: so it does in a single step of any length."""
    found = etdrk4(
        lambda k: -(k**2) - k**4,
        lambda u: 0 * u,
        lambda x: np.cos(2 * x) + 3,
        low=0,
        high=2 * np.pi,
        end=0.1,
        modes=64,
        steps=1,
    )
    x = np.linspace(0, 6, 7)
    np.testing.assert_allclose(found(x, np.array(0.1)).real, 3 + np.exp(-2.0) * np.cos(2 * x), atol=1e-14)


def schroedinger(steps: int, modes: int = 256) -> Series:
    return split_step(
        lambda x: np.exp(1j * x) / np.cosh(x), strength=1, low=-20, high=20, end=2, modes=modes, steps=steps
    )


def test_split_steps_follow_a_moving_soliton_at_fourth_order() -> None:
    """h = sech(x − t) e^{ix} on the line solves i h_t + ½ h_xx + |h|² h = 0: e^{−it/2} and e^{it/2} cancel."""
    x = np.linspace(-10, 10, 101)
    errors = np.array(
        [
            np.abs(schroedinger(steps)(x, np.array(2.0)) - np.exp(1j * x) / np.cosh(x - 2)).max()
            for steps in (50, 100, 200)
        ]
    )
    orders = np.log2(errors[:-1] / errors[1:])
    assert errors[-1] < 1e-6
    assert np.all((orders > 3.7) & (orders < 4.4)), (errors, orders)


def test_between_kept_steps_the_series_is_as_exact() -> None:
    series = schroedinger(800)
    x, t = np.linspace(-10, 10, 41)[:, None], np.array([0.0, 0.00123, 0.77777, 1.9999])
    exact = np.exp(1j * x) / np.cosh(x - t)
    assert np.abs(series(x, t) - exact).max() < 1e-8
    scattered = np.random.default_rng(0).random((2, 2500))
    places, times = 20 * scattered[0] - 10, 2 * scattered[1]
    np.testing.assert_allclose(series(places, times), np.exp(1j * places) / np.cosh(places - times), atol=1e-8)


def test_a_kink_does_not_alias() -> None:
    """|x| on (−1, 1) has the coefficients −2/(π k)² at odd k, 0 at even ones, and ½, in x + 1 with the sign (−1)^k."""
    found = coefficients(np.abs, -1, 1, 16)
    k = np.fft.fftfreq(16, 1 / 16)
    odd = k % 2 == 1
    expected = np.where(k == 0, 0.5, np.where(odd, 2 / (np.pi * np.where(odd, k, 1)) ** 2, 0.0))
    assert np.abs(found - expected).max() < 1e-11
    assert found[1] == pytest.approx(2 / np.pi**2, abs=1e-11)
