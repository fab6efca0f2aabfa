"""A target that needs nothing, and a folder that was exported to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from collocate.exporting.export import make
from collocate.exporting.targets import TARGETS

from . import fake


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of the target "fake"; what a test sets in it by `monkeypatch` is undone."""
    monkeypatch.setitem(sys.modules, fake.REGISTERED.module, fake)
    monkeypatch.setitem(TARGETS, "fake", fake.REGISTERED)
    yield fake


@pytest.fixture
def exported(target: ModuleType, tmp_path: Path) -> Path:
    """`fake.graph()` as an artifact."""
    return make(fake.REGISTERED, fake.graph(), fake.batches(), fake.about(), tmp_path / "out" / "fake").folder
