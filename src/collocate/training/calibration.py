"""From the held-out residual to an error: what a moment of the run was wrong by is seen once the run is far beyond it.

Let h be the held-out residual and u the fields on fixed points, now, and h′, u′ those of an earlier moment with
h′ ≥ FURTHER · h. The fields of now are that much nearer to the solution, so that

    κ = max over fields ‖u′ − u‖ / ‖u‖ / h′    is the error of then, relative, by its residual, and    κ h

estimates the relative L2 error of now, as far as error and residual fall together. No reference is looked at.
docs/why/calibration.md compares it with true errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

FURTHER = 10.0
# A moment is kept where the held-out residual is at most so much of that of the last one kept.
APART = 0.5

# A field smaller than this part of the largest, such as one that is zero, is taken relative to that part.
SMALL = 1e-3

Moments = list[dict[str, Any]]


def kept(moments: Moments, heldout: float, values: np.ndarray) -> Moments:
    """The moments with this one, where it is far enough from the last; only those that may still be of use."""
    if moments and heldout > APART * moments[-1]["heldout"]:
        return moments
    needed = [old for old in moments if old["heldout"] < FURTHER * heldout]
    before = [old for old in moments if old["heldout"] >= FURTHER * heldout][-1:]
    return [*before, *needed, {"heldout": heldout, "values": values}]


def estimate(moments: Moments, heldout: float, values: np.ndarray) -> float:
    """κ h; h itself, as for κ = 1, while no moment is far enough. `values`: (n, fields)."""
    before = [old for old in moments if old["heldout"] >= FURTHER * heldout]
    if not before:
        return heldout
    sizes = np.linalg.norm(values, axis=0)
    changes = np.linalg.norm(before[-1]["values"] - values, axis=0)
    floor = max(SMALL * float(sizes.max()), 1e-300)
    return float(np.max(changes / np.maximum(sizes, floor)) / before[-1]["heldout"] * heldout)
