"""Slabs of time that are done sooner."""

from __future__ import annotations

import pytest

from collocate.training import march


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> float:
    """The held-out residual at which a slab is done: 1e-4 here, so that slabs take a few steps each."""
    monkeypatch.setattr(march, "TARGET", 1e-4)
    monkeypatch.setattr(march, "ACCEPTED", 1e-3)
    return march.TARGET
