"""One stretch of time of a solution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collocate.plan import Plan


@dataclass(frozen=True)
class Slab:
    """All of time, or one stretch of it: its plan, and parameters as a tree of NumPy arrays."""

    plan: Plan
    parameters: dict[str, Any]
