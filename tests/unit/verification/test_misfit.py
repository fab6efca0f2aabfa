"""Noise, too large a misfit, and a trend, each made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.verification.misfit import misfit

PLACES = np.random.default_rng(0).random((80, 2))


def errors(seed: int = 1) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(80)


def test_noise_of_the_size_of_sigma_is_noise():
    found = misfit("data u", PLACES, errors(), np.full(80, 0.1), 2.0)
    assert found.is_noise
    assert found.chi_squared == pytest.approx(np.mean(errors() ** 2) / 0.01)
    assert found.rms == pytest.approx(np.sqrt(np.mean(errors() ** 2)) / 2)


def test_a_misfit_above_sigma_is_too_large():
    found = misfit("data u", PLACES, errors(), np.full(80, 0.05), 1.0)
    assert found.too_large and not found.has_trend and not found.is_noise


@pytest.mark.parametrize("sigma", [None, np.full(80, 0.2)])
def test_misfits_that_neighbours_share_are_a_trend(sigma: np.ndarray | None):
    wave = 0.1 * np.sin(5 * PLACES[:, 0])
    found = misfit("data u", PLACES, wave + 0.3 * errors(), sigma, 1.0)
    assert found.has_trend and not found.too_large and not found.is_noise


def test_noise_seldom_looks_like_a_trend():
    trends = [misfit("data u", PLACES, errors(seed), None, 1.0).trend for seed in range(200)]
    assert np.mean(trends) == pytest.approx(0.0, abs=0.25)
    assert np.std(trends) == pytest.approx(1.0, abs=0.2)


def test_few_points_without_sigma_tell_nothing():
    found = misfit("data u", PLACES[:5], errors()[:5], None, 1.0)
    assert found.trend is None and not found.is_noise
    assert misfit("data u", PLACES[:5], errors()[:5], np.full(5, 0.2), 1.0).is_noise


@pytest.mark.parametrize("sigma", [None, np.full(80, 0.1)])
def test_expected_outliers_are_put_aside_and_only_those(sigma: np.ndarray | None):
    spoilt = errors()
    spoilt[[5, 20, 60]] = 3.0
    found = misfit("data u", PLACES, spoilt, sigma, 1.0, robust=True)
    assert (found.outliers, found.points) == (3, 77) and found.is_noise
    assert found.rms == pytest.approx(np.sqrt(np.mean(np.delete(errors(), [5, 20, 60]) ** 2)))
    assert misfit("data u", PLACES, spoilt, np.full(80, 0.1), 1.0).too_large  # where nobody spoke of outliers
    assert misfit("data u", PLACES, spoilt, np.full(80, 0.05), 1.0, robust=True).too_large  # the others are too far off
    wave = 0.1 * np.sin(5 * PLACES[:, 0]) + 0.3 * spoilt
    assert misfit("data u", PLACES, wave, sigma, 1.0, robust=True).has_trend


def test_what_is_not_finite_is_no_outlier():
    broken = errors()
    broken[3] = np.nan
    found = misfit("data u", PLACES, broken, None, 1.0, robust=True)
    assert found.outliers == 0 and not found.is_noise
