"""What every test runs under: fixed examples, and no assertion on the clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("collocate", deadline=None, derandomize=True)
settings.load_profile("collocate")
