"""The method of lines against Cole and Hopf's solution, a decaying mode, and a moving boundary value."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import TrainingError
from collocate.verification.references.cole_hopf import cole_hopf
from collocate.verification.references.lines import by_lines


def test_burgers_equals_cole_hopf() -> None:
    found = by_lines(
        lambda x, t, u, first, second: 0.1 * second - u * first,
        (-1, 1),
        1.0,
        initial=lambda x: -np.sin(np.pi * x),
        ends=lambda t: (0.0, 0.0),
        tolerance=1e-6,
    )
    x, t = np.linspace(-1, 1, 51)[:, None], np.linspace(0, 1, 11)
    expected = cole_hopf(
        x,
        t,
        viscosity=0.1,
        initial=lambda s: -np.sin(np.pi * s),
        potential=lambda s: np.cos(np.pi * s) / np.pi,
    )
    assert np.abs(found(x, t) - expected).max() < 1e-6


def test_ends_may_move() -> None:
    """u_t = u_xx has e^{x + t}."""
    found = by_lines(
        lambda x, t, u, first, second: second,
        (0, 1),
        0.5,
        initial=np.exp,
        ends=lambda t: (np.exp(t), np.exp(1 + t)),
    )
    x, t = np.random.default_rng(0).random((2, 50))
    np.testing.assert_allclose(found(x, t / 2), np.exp(x + t / 2), rtol=1e-7)


def test_an_explosion_is_said() -> None:
    with pytest.raises(TrainingError, match="method of lines"), np.errstate(all="ignore"):
        by_lines(
            lambda x, t, u, first, second: second + 50 * u**2,
            (0, 1),
            1.0,
            initial=lambda x: np.sin(np.pi * x),
            ends=lambda t: (0.0, 0.0),
            most=16,
        )
