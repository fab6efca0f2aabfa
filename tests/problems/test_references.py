"""The numerical truths against computations that share nothing with them."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from collocate import problems
from collocate.errors import TrainingError
from collocate.verification.references.cole_hopf import cole_hopf
from collocate.verification.references.orbit import integrate


def chebyshev(count: int, lower: float, upper: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on [lower, upper] and the matrix that differentiates there (Trefethen, Spectral Methods, ch. 6)."""
    nodes = np.cos(np.pi * np.arange(count) / (count - 1))
    c = np.r_[2.0, np.ones(count - 2), 2.0] * (-1.0) ** np.arange(count)
    matrix = np.outer(c, 1 / c) / (nodes[:, None] - nodes + np.eye(count))
    matrix -= np.diag(matrix.sum(axis=1))
    half = (upper - lower) / 2
    return lower + half * (nodes + 1), matrix / half


def burgers_by_mpmath(x: float, t: float) -> float:
    """The Cole-Hopf integral by 40-digit tanh-sinh quadrature in the original variable."""
    with mpmath.workdps(40):
        nu, width = mpmath.mpf("0.01") / mpmath.pi, 2 * mpmath.sqrt(mpmath.mpf("0.01") / mpmath.pi * t)

        def weight(s: mpmath.mpf) -> mpmath.mpf:
            return mpmath.exp(-mpmath.cos(mpmath.pi * s) / (2 * mpmath.pi * nu) - ((x - s) / width) ** 2)

        pieces = mpmath.linspace(x - 14 * width, x + 14 * width, 29)
        moment = mpmath.quad(lambda s: -mpmath.sin(mpmath.pi * s) * weight(s), pieces)
        return float(moment / mpmath.quad(weight, pieces))


@pytest.mark.parametrize(("x", "t"), [(0.01, 0.5), (0.001, 1.0), (-0.3, 0.9)])
def test_cole_hopf_equals_forty_digit_quadrature(x: float, t: float) -> None:
    truth = problems.load("burgers").truth
    assert abs(truth(np.array(x), np.array(t)) - burgers_by_mpmath(x, t)) < 1e-12


@pytest.mark.parametrize(
    ("x", "t"), [((0.0, 0.02), (0.45, 0.5)), ((-0.8, -0.5), (0.05, 0.2)), ((-0.01, 0.01), (0.9, 1.0))]
)
def test_cole_hopf_satisfies_burgers_equation(x: tuple[float, float], t: tuple[float, float]) -> None:
    """By Chebyshev differentiation on a patch, in the layer and outside it."""
    module = problems.load("burgers")
    (xs, by_x), (ts, by_t) = chebyshev(40, *x), chebyshev(16, *t)
    u = module.truth(xs[:, None], ts)
    u_x, u_t = by_x @ u, u @ by_t.T
    residual = u_t + u * u_x - 0.01 / np.pi * (by_x @ u_x)
    assert np.abs(residual).max() < 1e-9 * max(np.abs(u * u_x).max(), 1.0)


def test_allen_cahn_satisfies_its_equation_at_a_wall() -> None:
    """By Chebyshev differentiation on patches about a wall, where |u_x| is 10 and more, and away from it."""
    module = problems.load("allen_cahn")
    for x, t in (((0.3, 0.34), (0.5, 0.55)), ((-0.6, -0.5), (0.2, 0.3))):
        (xs, by_x), (ts, by_t) = chebyshev(24, *x), chebyshev(14, *t)
        u = module.truth(xs[:, None], ts)
        reaction = 5 * (u - u**3)
        residual = u @ by_t.T - 1e-4 * (by_x @ (by_x @ u)) - reaction
        assert np.abs(residual).max() < 1e-6 * np.abs(reaction).max()


def test_allen_cahn_starts_from_the_data_and_is_periodic() -> None:
    truth = problems.load("allen_cahn").truth
    x = np.linspace(-1, 1, 101)
    np.testing.assert_array_equal(truth(x, np.zeros(101)), x**2 * np.cos(np.pi * x))
    t = np.linspace(0, 1, 21)
    np.testing.assert_allclose(truth(np.full(21, -1.0), t), truth(np.full(21, 1.0), t), atol=1e-12)
    soon = truth(x, np.full(101, 1e-3)) - truth(x, np.zeros(101))
    assert 1e-4 < np.abs(soon).max() < 1e-2  # no jump between the data and the series


def test_schroedinger_equals_an_integration_by_runge_and_kutta() -> None:
    """256 modes, their system of ordinary equations by DOP853; neither steps nor splitting are shared."""
    kappa = 2 * np.pi * np.fft.fftfreq(256, 10 / 256)
    x = -5 + 10 * np.arange(256) / 256

    def change(t: float, spectrum: np.ndarray) -> np.ndarray:
        turn = np.exp(-0.5j * kappa**2 * t)
        h = np.fft.ifft(turn * spectrum)
        return 1j * np.fft.fft(np.abs(h) ** 2 * h) / turn

    spectrum = np.fft.fft(2 / np.cosh(x)).astype(complex)
    end = np.pi / 4
    solved = solve_ivp(change, (0, end), spectrum, method="DOP853", rtol=1e-6, atol=1e-6)
    places = x + 0.01
    waves = np.exp(1j * np.outer(places + 5, kappa))
    expected = waves @ (np.exp(-0.5j * kappa**2 * end) * solved.y[:, -1]) / 256
    found = problems.load("nls").truth(places, np.array(end))
    difference = np.linalg.norm(found["u"] + 1j * found["v"] - expected) / np.linalg.norm(expected)
    assert difference < 3e-5  # 1.8e-5 with 256 modes, 6e-6 with 512: the kink where the period closes
    assert np.abs(expected).max() > 3.9


def test_zabusky_and_kruskal_equals_an_integration_by_runge_and_kutta() -> None:
    """256 modes by DOP853, the dispersion solved exactly: neither steps nor contour means are shared."""
    kappa = np.pi * np.arange(129)

    def change(t: float, spectrum: np.ndarray) -> np.ndarray:
        turn = np.exp(1j * 0.022**2 * kappa**3 * t)
        return -0.5j * kappa * np.fft.rfft(np.fft.irfft(turn * spectrum) ** 2) / turn

    x = np.arange(256) / 128
    solved = solve_ivp(change, (0, 1), np.fft.rfft(np.cos(np.pi * x)), method="DOP853", rtol=1e-10, atol=1e-10)
    expected = np.fft.irfft(np.exp(1j * 0.022**2 * kappa**3) * solved.y[:, -1])
    found = problems.load("kdv_zk").truth(x, np.array(1.0))
    assert np.linalg.norm(found - expected) < 1e-8 * np.linalg.norm(expected)
    assert expected.max() > 2.3  # solitons stand higher than the wave they came from


def test_kuramoto_sivashinsky_equals_an_implicit_integration() -> None:
    """64 modes as values at 64 points, by Radau's method: nothing is shared but Fourier's series."""
    x, kappa = -1 + np.arange(64) / 32, np.pi * np.arange(33)
    spectra = np.fft.rfft(np.eye(64), axis=0)
    linear = np.fft.irfft((0.5 * kappa**2 - 0.005 * kappa**4)[:, None] * spectra, axis=0)
    slope = np.fft.irfft((1j * kappa * (kappa < kappa[-1]))[:, None] * spectra, axis=0)
    solved = solve_ivp(
        lambda t, u: linear @ u - 2.5 * (slope @ u**2),
        (0, 0.5),
        -np.sin(np.pi * x),
        method="Radau",
        jac=lambda t, u: linear - 5 * slope * u,
        rtol=1e-9,
        atol=1e-9,
    )
    expected = solved.y[:, -1]
    found = problems.load("kuramoto_sivashinsky").truth(x, np.array(0.5))
    assert np.linalg.norm(found - expected) < 1e-6 * np.linalg.norm(expected)


@pytest.mark.parametrize(("name", "end", "width"), [("kdv_zk", 1.0, 0.1), ("kuramoto_sivashinsky", 0.5, 0.2)])
def test_a_periodic_series_satisfies_its_equation(name: str, end: float, width: float) -> None:
    """By Chebyshev differentiation on patches, between the kept steps too; the data at t = 0, and the period."""
    module = problems.load(name)
    for x, t in (((0.1, 0.1 + width), (0.4 * end, 0.42 * end)), ((0.6, 0.6 + width), (0.98 * end, end))):
        (xs, by_x), (ts, by_t) = chebyshev(24, *x), chebyshev(12, *t)
        u = module.truth(xs[:, None], ts)
        first = by_x @ u
        second, third, fourth = by_x @ first, by_x @ by_x @ first, by_x @ by_x @ by_x @ first
        rest = 0.022**2 * third if name == "kdv_zk" else 0.5 * second + 0.005 * fourth
        carried = (1 if name == "kdv_zk" else 5) * u * first
        assert np.abs(u @ by_t.T + carried + rest).max() < 1e-5 * np.abs(carried).max()
    (axis, _), (u,) = module.problem.domain.axes, module.problem.fields
    low, high = float(axis.lower), float(axis.upper)
    x, t = np.linspace(low, high, 51), np.linspace(0, end, 21)
    initial = np.cos(np.pi * x) if name == "kdv_zk" else -np.sin(np.pi * x)
    np.testing.assert_allclose(module.truth(x, np.zeros(51)), initial, atol=1e-13)
    np.testing.assert_allclose(module.truth(np.full(21, low), t), module.truth(np.full(21, high), t), atol=1e-12)


def test_the_cavity_satisfies_the_equations_of_the_flow() -> None:
    """The vorticity's, u ω_x + v ω_y = Δω/Re, and u_x + v_y = 0, on patches; the data on the walls."""
    problem = problems.load("cavity").problem
    speeds = problem.reference["u"], problem.reference["v"]
    for x, y in (((0.4, 0.5), (0.7, 0.8)), ((0.8, 0.9), (0.8, 0.9)), ((0.9, 0.96), (0.9, 0.96))):
        (xs, by_x), (ys, by_y) = chebyshev(16, *x), chebyshev(16, *y)
        u, v = (speed(x=xs[:, None], y=ys) for speed in speeds)
        spin = by_x @ v - u @ by_y.T
        carried = u * (by_x @ spin), v * (spin @ by_y.T)
        friction = (by_x @ by_x @ spin + spin @ by_y.T @ by_y.T) / 100
        assert np.abs(carried[0] + carried[1] - friction).max() < 1e-4 * np.abs(friction).max()
        assert np.abs(by_x @ u + v @ by_y.T).max() < 1e-8 * np.abs(by_x @ u).max()
    along, zero, one = np.linspace(0, 1, 41), np.zeros(41), np.ones(41)
    for x, y in ((zero, along), (one, along), (along, zero), (along, one)):
        np.testing.assert_allclose(speeds[0](x=x, y=y), np.where(y == 1, 4 * x * (1 - x), 0), atol=1e-8)
        np.testing.assert_allclose(speeds[1](x=x, y=y), 0, atol=1e-8)


def test_cole_hopf_is_safe_at_small_viscosity_and_says_when_it_does_not_settle() -> None:
    def solve(viscosity: float) -> np.ndarray:
        return cole_hopf(
            np.linspace(-1, 1, 9),
            np.array(0.2),
            viscosity=viscosity,
            initial=lambda s: -np.sin(np.pi * s),
            potential=lambda s: np.cos(np.pi * s) / np.pi,
        )

    assert np.isfinite(solve(2e-4)).all()  # exp(−Φ/2ν) alone is exp(±796), beyond float64
    with pytest.raises(TrainingError, match="2048 nodes"):
        solve(1e-9)


def lotka_volterra_by_taylor(times: np.ndarray, order: int = 24) -> np.ndarray:
    """Taylor series of the solution, restarted at each time, in extended precision.

    x_{k+1} = (1.5 x_k − Σ x_i y_{k−i}) / (k + 1), and so for y.
    """
    states = [np.array([10, 5], dtype=np.longdouble)]
    for before, after in pairwise(times):
        x, y = (np.zeros(order + 1, dtype=np.longdouble) for _ in range(2))
        x[0], y[0] = states[-1]
        for k in range(order):
            meetings = x[: k + 1] @ y[k::-1]
            x[k + 1] = (np.longdouble(1.5) * x[k] - meetings) / (k + 1)
            y[k + 1] = (meetings - 3 * y[k]) / (k + 1)
        step = np.longdouble(after) - np.longdouble(before)
        states.append(np.array([np.polyval(x[::-1], step), np.polyval(y[::-1], step)]))
    return np.array(states, dtype=float).T


def test_lotka_volterra_equals_taylor_series() -> None:
    times = np.linspace(0, 10, 1001)
    truth = problems.load("lotka_volterra").truth(times)
    expected = lotka_volterra_by_taylor(times)
    for found, row in zip((truth["x"], truth["y"]), expected, strict=True):
        assert np.linalg.norm(found - row) < 1e-11 * np.linalg.norm(row)


def test_an_orbit_takes_times_of_any_shape_and_says_where_it_stopped() -> None:
    orbit = integrate(lambda t, z: np.array([z[1], -z[0]]), (0.0, 1.0), 3.0)
    times = np.linspace(0, 3, 12).reshape(3, 4)
    np.testing.assert_allclose(orbit(times), [np.sin(times), np.cos(times)], atol=1e-11)
    with pytest.raises(TrainingError, match=r"stopped at t = 1\b.* of 2"):
        integrate(lambda t, z: z**2, (1.0,), 2.0)
