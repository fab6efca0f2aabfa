"""Solutions that many tests ask: trained once, on PyTorch without compilation."""

from __future__ import annotations

from pathlib import Path

import pytest

import collocate as co

from ..small import heat, rotation


@pytest.fixture(scope="session")
def warm() -> co.Solution:
    """`heat()` by twelve steps of a small network."""
    return co.solve(heat(), backend="torch", mode="eager", network=(10, 10), points=150, steps=12)


@pytest.fixture(scope="session")
def turning() -> co.Solution:
    """`rotation()`: two fields, in several slabs of time."""
    solution = co.solve(rotation(), backend="torch", mode="eager", network=(8,), points=40, accuracy=1e-6)
    assert len(solution.slabs) > 1
    return solution


@pytest.fixture
def saved(warm: co.Solution, tmp_path: Path) -> Path:
    warm.save(tmp_path / "warm.collocate")
    return tmp_path / "warm.collocate"
