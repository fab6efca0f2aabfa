"""The first loss and gradient that training computes: the compiled function itself is looked at, not another one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from collocate.training import Functions


@contextmanager
def first_evaluation() -> Iterator[dict[str, float]]:
    """Filled with "loss", ½‖r‖², and "gradient_norm", ‖Jᵀr‖, at the first call that has a gradient.

    `solve` builds its functions itself and hands them to nobody, so their class is watched: for a process that does
    nothing else.
    """
    found: dict[str, float] = {}
    call = Functions.call

    def watching(functions: Functions, name: str, *given: Any) -> Any:
        answer = call(functions, name, *given)
        if not found and name in _READ:
            arrays = [np.asarray(functions.bk.to_numpy(part), np.float64) for part in answer]
            found.update(_READ[name](*arrays))
        return answer

    Functions.call = watching  # type: ignore[method-assign]
    try:
        yield found
    finally:
        Functions.call = call  # type: ignore[method-assign]


def _by_jacobian(rows: np.ndarray, jacobian: np.ndarray) -> dict[str, float]:
    return {"loss": 0.5 * float(rows @ rows), "gradient_norm": float(np.linalg.norm(rows @ jacobian))}


def _by_gradient(loss: np.ndarray, gradient: np.ndarray) -> dict[str, float]:
    return {"loss": float(loss), "gradient_norm": float(np.linalg.norm(gradient))}


_READ = {"jacobian": _by_jacobian, "loss_and_gradient": _by_gradient}
