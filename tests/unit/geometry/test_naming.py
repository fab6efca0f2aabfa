"""Lists of numbered parts are shortened where their numbers run on, and nowhere else."""

from __future__ import annotations

import pytest

from collocate.geometry.naming import shortened


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("edge 1, edge 2, edge 3", "edge 1 … edge 3"),
        ("dirichlet u on edge 9, edge 10, edge 11 (edge 10)", "dirichlet u on edge 9 … edge 11 (edge 10)"),
        ("edge 1, edge 2", "edge 1, edge 2"),
        ("edge 1, edge 2, edge 3, edge 5, edge 7, edge 8, edge 9", "edge 1 … edge 3, edge 5, edge 7 … edge 9"),
        ("edge 3, edge 2, edge 1", "edge 3, edge 2, edge 1"),
        ("inner edge 1, inner edge 2, inner edge 3, edge 4", "inner edge 1 … inner edge 3, edge 4"),
        ("outer, outer 2, outer 3, outer 4", "outer, outer 2 … outer 4"),
        ("x1=0, x1=1, x2=0", "x1=0, x1=1, x2=0"),
        ("left, right", "left, right"),
    ],
)
def test_numbered_parts_by_the_ends_of_their_runs(text: str, expected: str):
    assert shortened(text) == expected
