"""What a manifest tells of the solution that was exported."""

from __future__ import annotations

import math
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from collocate import __version__
from collocate.expressions.printing import to_text

if TYPE_CHECKING:
    from collocate.solution import Solution

# Of `solution.result`: how good it is, and how it came to be.
_FIGURES = (
    *("relative_l2", "max_error", "error_estimate", "residual_heldout", "misfits", "solved_until"),
    *("steps", "train_seconds", "stopped_because", "versions"),
)


def describe(solution: Solution, outputs: Mapping[str, sympy.Expr]) -> dict[str, Any]:
    """Inputs, outputs and provenance, as the manifest of every target has them."""
    problem = solution.problem
    return {
        "inputs": [
            {"name": axis.name, "role": axis.role, "lower": float(axis.lower), "upper": float(axis.upper), "unit": None}
            for axis in problem.domain.axes
        ],
        "outputs": [{"name": name, "expression": to_text(e), "unit": None} for name, e in outputs.items()],
        "provenance": _finite(
            {
                "problem": {
                    "name": problem.name,
                    "statement": problem.describe(),
                    "domain": problem.domain.to_json(),
                },
                "solution": {**solution.settings, "slabs": len(solution.slabs), "stages": len(solution.plan.stages)},
                "result": {
                    **{name: solution.result[name] for name in _FIGURES if name in solution.result},
                    "unknowns": solution.unknowns,
                },
                "versions": {
                    "collocate": __version__,
                    "python": platform.python_version(),
                    "numpy": np.__version__,
                    "sympy": sympy.__version__,
                },
                "date": datetime.now(UTC).isoformat(timespec="seconds"),
            }
        ),
    }


def _finite(value: Any) -> Any:
    """None for a number that is not finite: JSON has none."""
    if isinstance(value, Mapping):
        return {str(name): _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
