"""Numbers of a request as arrays that a model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from collocate.serve.limits import Limits
from collocate.serve.model import Arrays, Model
from collocate.serve.refused import Refused


def batch(model: Model, given: Mapping[str, Sequence[float] | np.ndarray], limits: Limits) -> Arrays:
    """{input: (N,)} in the model's dtype.

    Raises Refused: 400 for inputs that are missing or unknown, of different lengths, without a point or not finite, 413
    for too many points.
    """
    names = model.input_names
    if set(given) != set(names):
        got = ", ".join(map(repr, given)) or "nothing"
        raise Refused(400, f"{model.name} takes {', '.join(map(repr, names))}; got {got[:200]}")
    counts = {name: len(given[name]) for name in names}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise Refused(400, f"every input has one number a point, all as many: {listed}")
    count = counts[names[0]]
    if count == 0:
        raise Refused(400, "no point is given")
    if count > limits.points:
        raise Refused(413, f"{count} points are given; one request takes {limits.points} at most")
    return {name: _finite(name, given[name], model.dtype) for name in names}


def _finite(name: str, values: Any, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):  # what float32 cannot hold is found below
        array = np.asarray(values, dtype)
    wrong = ~np.isfinite(array)
    if wrong.any():
        place = int(wrong.argmax())
        raise Refused(400, f"{name}[{place}] is {values[place]}, which is no finite {dtype}")
    return array
