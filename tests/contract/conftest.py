"""The contract that every backend keeps. NumPy is the oracle; a framework that is missing is a failure."""

from __future__ import annotations

import pytest

from collocate.backends import select
from collocate.backends.protocol import Backend


@pytest.fixture(params=["numpy", "jax", "torch", "tensorflow"])
def bk(request) -> Backend:
    """Each backend, eager and in float64. ``indirect`` parametrisation narrows it to the three that differentiate."""
    return select.get(request.param, mode="eager")
