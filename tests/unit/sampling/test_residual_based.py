from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import TrainingError
from collocate.sampling import probabilities, resample


def test_probabilities_are_the_formula():
    r = np.array([0.0, 1.0, 2.0, 5.0])
    expected = r**2 / np.mean(r**2) + 0.5
    np.testing.assert_allclose(probabilities(r, power=2.0, floor=0.5), expected / expected.sum(), rtol=1e-14)


def test_residuals_at_rounding_level_or_zero_give_probabilities():
    np.testing.assert_allclose(probabilities(np.zeros(4)), 0.25)
    np.testing.assert_allclose(probabilities(np.array([1e-200, 3e-200]), 2.0), probabilities(np.array([1.0, 3.0]), 2.0))


def test_points_gather_where_the_residual_is_large():
    r = np.concatenate([np.full(500, 1e-3), np.full(500, 1.0)])
    chosen = resample(r, 300, seed=0, step=0, floor=0.0)
    assert (chosen >= 500).mean() > 0.95
    assert 0.1 < (resample(r, 300, seed=0, step=0, floor=1.0) < 500).mean() < 0.45


def test_pure_in_seed_and_step_and_without_repeats():
    r = np.random.default_rng(0).random(400)
    first = resample(r, 200, seed=3, step=4)
    np.testing.assert_array_equal(first, resample(r, 200, seed=3, step=4))
    assert len(np.unique(first)) == 200
    assert (first != resample(r, 200, seed=3, step=5)).any()


def test_residual_that_is_not_finite_is_a_training_error():
    with pytest.raises(TrainingError, match="candidate"):
        resample(np.array([1.0, np.nan]), 1, seed=0, step=0)


def test_more_points_than_candidates_is_an_error():
    with pytest.raises(TrainingError, match="3 points were asked of 2"):
        resample(np.ones(2), 3, seed=0, step=0)
