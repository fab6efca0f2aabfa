"""Resolutions that are tried, and what is said where none settles."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import TrainingError
from collocate.verification.references.refinement import refined


@pytest.mark.parametrize(("growth", "expected"), [(2.0, [8, 16, 32]), (1.25, [8, 10, 12, 15, 19])])
def test_resolution_grows_until_two_answers_agree(growth: float, expected: list[int]) -> None:
    tried: list[int] = []

    def solve(count: int) -> float:
        tried.append(count)
        return 1 + 3.0**-count

    tolerance = abs(solve(expected[-1]) - solve(expected[-2])) * 1.001
    tried.clear()
    found = refined(solve, np.array, first=8, most=100, tolerance=tolerance, what="the series", growth=growth)
    assert tried == expected and found == 1 + 3.0 ** -expected[-1]


def test_what_does_not_settle_is_said() -> None:
    with pytest.raises(TrainingError, match=r"the series still moves by .* at resolution 32; 1e-12"):
        refined(lambda n: 1 / n, np.array, first=8, most=40, tolerance=1e-12, what="the series")
