"""One stretch of time of a solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Slab:
    """From time `start` on (all of time, where it is not split): parameters as a tree of NumPy arrays."""

    start: float
    parameters: dict[str, Any]
