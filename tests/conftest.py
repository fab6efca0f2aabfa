"""What every test runs under: fixed examples, and no assertion on the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("collocate", deadline=None, derandomize=True)
settings.load_profile("collocate")

HERE = Path(__file__).parent
# Marked "exports": they run compilers, converters, servers and browsers. What is plain Python stays with the others.
ROOMS = ("exporting", "serve", "bindings", "unit/exporting")
FILES = ("benchmarks/test_export_c.py", "benchmarks/test_export_table.py", "benchmarks/test_serve_load.py")
PLAIN = tuple(
    f"test_{name}.py" for name in ("graph", "passes", "recording", "outputs", "manifest", "parity", "decompose")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        place = item.path.relative_to(HERE)
        in_room = place.parent.as_posix() in ROOMS and place.name not in PLAIN
        if in_room or place.as_posix() in FILES:
            item.add_marker("exports")
