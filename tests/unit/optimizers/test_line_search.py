from __future__ import annotations

import numpy as np
import pytest

from collocate.optimizers.line_search import Trial, strong_wolfe


def _along(f, slope):
    return lambda length: Trial(length, f(length), slope(length), np.zeros(1))


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 10.0, 1000.0])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda a: -a / (a**2 + 2), lambda a: (a**2 - 2) / (a**2 + 2) ** 2),  # Moré & Thuente's first function
        (lambda a: (a - 3) ** 2, lambda a: 2 * (a - 3)),
        (lambda a: (a - 2) ** 4 + a, lambda a: 4 * (a - 2) ** 3 + 1),
    ],
)
def test_strong_wolfe_conditions_hold(f, slope, first):
    along = _along(f, slope)
    start = along(0.0)
    trial = strong_wolfe(along, start, first, c1=1e-4, c2=0.1, evaluations=60)
    assert trial is not None
    assert trial.loss <= start.loss + 1e-4 * trial.length * start.slope
    assert abs(trial.slope) <= -0.1 * start.slope


def test_backs_away_from_where_the_loss_is_not_finite():
    along = _along(lambda a: (a - 0.5) ** 2 if a < 0.9 else float("inf"), lambda a: 2 * (a - 0.5))
    trial = strong_wolfe(along, along(0.0), 1.0)
    assert trial is not None and trial.loss < 0.25


def test_no_descent_gives_none():
    along = _along(lambda a: a, lambda a: -1.0)
    assert strong_wolfe(along, along(0.0), 1.0) is None
