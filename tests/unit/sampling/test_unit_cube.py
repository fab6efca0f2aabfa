from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import PlanError
from collocate.sampling import SAMPLERS, unit_cube

RULES = sorted(SAMPLERS)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("count", [0, 1, 7, 64, 100])
def test_shape_and_range(rule, count):
    points = unit_cube(rule, count, 3, seed=0)
    assert points.shape == (count, 3) and points.dtype == np.float64
    assert ((points >= 0) & (points < 1)).all()


@pytest.mark.parametrize("rule", RULES)
def test_same_arguments_same_points_and_any_other_argument_others(rule):
    points = unit_cube(rule, 50, 2, seed=1, step=2, stream=3)
    np.testing.assert_array_equal(points, unit_cube(rule, 50, 2, seed=1, step=2, stream=3))
    for other in ({"seed": 2}, {"step": 3}, {"stream": 2}, {"step": 3, "stream": 2}):
        assert not np.isin(points, unit_cube(rule, 50, 2, **{"seed": 1, "step": 2, "stream": 3, **other})).any()


def test_latin_hypercube_has_one_point_in_every_slice():
    points = unit_cube("latin_hypercube", 40, 3, seed=0)
    for axis in range(3):
        assert sorted(np.floor(points[:, axis] * 40).astype(int)) == list(range(40))


def test_sobol_integrates_better_than_uniform():
    def error(rule: str) -> float:
        points = (unit_cube(rule, 1000, 2, seed=seed) for seed in range(8))
        return float(np.mean([abs(np.prod(np.sin(np.pi * p), axis=1).mean() - 4 / np.pi**2) for p in points]))

    assert error("sobol") < 0.2 * error("uniform")


def test_unknown_rule_is_named_with_those_there_are():
    with pytest.raises(PlanError, match="latin_hypercube"):
        unit_cube("sobl", 10, 2, seed=0)
