"""Periodic evolution equations by Fourier series: exponential time differencing (ETDRK4) and split steps.

What is refined is the number of modes and of steps together. Data that are given as a function are sampled far more
finely than they are kept: a kink where the period closes must not be aliased into the modes that count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from collocate.verification.references.interpolation import in_steps

ArrayFunction = Callable[[np.ndarray], np.ndarray]

_SAMPLES = 2**20
_CONTOUR = 32
_KEPT_STEPS = 400


@dataclass(frozen=True)
class Series:
    """u(x, t) = Σ_k c_k(t) e^{iκ_k (x − low)}: coefficients (times, modes) at equal steps from t = 0 to `end`."""

    low: float
    end: float
    wavenumbers: np.ndarray
    coefficients: np.ndarray

    def __call__(self, x: np.ndarray, t: np.ndarray) -> np.ndarray:
        """Complex values at x, t (broadcast): the series itself in x, degree nine in t between the kept steps."""
        x, t = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(t, dtype=float))
        instants, when = np.unique(t.ravel(), return_inverse=True)
        places, where = np.unique(x.ravel(), return_inverse=True)
        step = self.end / (len(self.coefficients) - 1)
        rows = in_steps(0.0, step, self.coefficients, instants)
        if len(instants) * len(places) <= 4 * x.size:
            return (rows @ self._waves(places)).T[where, when].reshape(x.shape)
        found = np.empty(x.size, dtype=complex)
        for part in np.array_split(np.arange(x.size), -(-x.size // 1000)):
            found[part] = np.einsum("nk,kn->n", rows[when[part]], self._waves(places[where[part]]))
        return found.reshape(x.shape)

    def _waves(self, places: np.ndarray) -> np.ndarray:
        return np.exp(1j * np.outer(self.wavenumbers, places - self.low))


def coefficients(function: ArrayFunction, low: float, high: float, count: int) -> np.ndarray:
    """The `count` lowest coefficients of a periodic function, in the order of numpy.fft."""
    samples = max(_SAMPLES, count)
    all_of_them = np.fft.fft(function(low + (high - low) * np.arange(samples) / samples)) / samples
    half = count // 2
    return np.concatenate([all_of_them[:half], all_of_them[-half:]])


def etdrk4(
    linear: ArrayFunction,
    nonlinear: ArrayFunction,
    initial: ArrayFunction,
    *,
    low: float,
    high: float,
    end: float,
    modes: int,
    steps: int,
    outer: ArrayFunction | None = None,
) -> Series:
    """û_t = L(κ) û + P(κ) g(u)^ for a real periodic u: `linear` is L, `nonlinear` g, `outer` P (1 where it is None).

    Fourth order in the step; its coefficients, (e^z − 1)/z and such, are means over a circle about z = hL, on which
    nothing cancels. Only half of the modes are kept: u is real, and the real part of the series is u.

    Source: Cox & Matthews, J. Comput. Phys. 176 (2002), doi:10.1006/jcph.2002.6995; Kassam & Trefethen, SIAM J. Sci.
    Comput. 26 (2005), doi:10.1137/S1064827502410633.
    """
    kappa = 2 * np.pi / (high - low) * np.arange(modes // 2 + 1)
    state = coefficients(initial, low, high, modes)[: modes // 2 + 1] * modes
    state[-1] = 0.0  # of the highest mode the grid holds the cosine only
    tables = _etdrk4_tables(linear(kappa) * np.ones_like(kappa), end / steps)
    factor = np.ones_like(kappa) if outer is None else outer(kappa)

    def change(spectrum: np.ndarray) -> np.ndarray:
        return factor * np.fft.rfft(nonlinear(np.fft.irfft(spectrum, modes)))

    every = -(-steps // _KEPT_STEPS)
    while steps % every:
        every += 1
    kept = [state]
    for step in range(1, steps + 1):
        state = _etdrk4_step(state, change, tables)
        if step % every == 0:
            kept.append(state)
    twice = np.where(kappa > 0, 2.0, 1.0) / modes
    return Series(low, end, kappa, np.array(kept) * twice)


Tables = tuple[np.ndarray, ...]


def _etdrk4_tables(linear: np.ndarray, step: float) -> Tables:
    z = step * linear
    circle = z[:, None] + np.exp(2j * np.pi * (np.arange(_CONTOUR) + 0.5) / _CONTOUR)
    growth = np.exp(circle)

    def mean(values: np.ndarray) -> np.ndarray:
        found = step * values.mean(axis=1)
        return found.real if np.isrealobj(linear) else found

    half = mean((np.exp(circle / 2) - 1) / circle)
    first = mean((-4 - circle + growth * (4 - 3 * circle + circle**2)) / circle**3)
    middle = mean((2 + circle + growth * (-2 + circle)) / circle**3)
    last = mean((-4 - 3 * circle - circle**2 + growth * (4 - circle)) / circle**3)
    return np.exp(z), np.exp(z / 2), half, first, middle, last


def _etdrk4_step(state: np.ndarray, change: ArrayFunction, tables: Tables) -> np.ndarray:
    whole, halved, half, first, middle, last = tables
    at_start = change(state)
    a = halved * state + half * at_start
    at_a = change(a)
    at_b = change(halved * state + half * at_a)
    at_c = change(halved * a + half * (2 * at_b - at_start))
    return whole * state + first * at_start + 2 * middle * (at_a + at_b) + last * at_c


def split_step(
    initial: ArrayFunction, *, strength: float, low: float, high: float, end: float, modes: int, steps: int
) -> Series:
    """The cubic Schrödinger equation i h_t + ½ h_xx + s |h|² h = 0, h complex and periodic; s is the `strength`.

    Each half is solved exactly, h_t = i ½ h_xx by its modes and h_t = i s |h|² h pointwise, where |h| stays; three
    Strang steps of the lengths w, 1 − 2w, w with w = 1/(2 − 2^{1/3}) make one of fourth order.

    Source: Yoshida, Phys. Lett. A 150 (1990), doi:10.1016/0375-9601(90)90092-3.
    """
    kappa = 2 * np.pi * np.fft.fftfreq(modes, (high - low) / modes)
    state = np.fft.ifft(coefficients(initial, low, high, modes) * modes)
    outer = 1 / (2 - 2 ** (1 / 3))
    lengths = np.array([outer, 1 - 2 * outer, outer]) * end / steps
    turns = [np.exp(-0.5j * kappa**2 * length) for length in lengths]
    # Half steps of the potential that meet are one: halves at the ends, means between.
    potentials = np.convolve(lengths, [0.5, 0.5])
    every = -(-steps // _KEPT_STEPS)
    while steps % every:
        every += 1
    kept = [np.fft.fft(state)]
    for step in range(1, steps + 1):
        for potential, turn in zip(potentials, turns, strict=False):
            state = state * np.exp(1j * strength * potential * np.abs(state) ** 2)
            state = np.fft.ifft(turn * np.fft.fft(state))
        state = state * np.exp(1j * strength * potentials[-1] * np.abs(state) ** 2)
        if step % every == 0:
            kept.append(np.fft.fft(state))
    return Series(low, end, kappa, np.array(kept) / modes)
