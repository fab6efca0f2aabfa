"""The recording backend: constants are computed, values at points written down, and the rest is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from collocate.backends.protocol import Backend
from collocate.errors import BackendError
from collocate.exporting.builder import Builder
from collocate.exporting.evaluate import evaluate
from collocate.exporting.recording import Recorded, RecordingBackend


@pytest.fixture
def bk() -> RecordingBackend:
    return RecordingBackend(Builder(["x", "y"], "float64"))


def values(bk: RecordingBackend, found: Any) -> np.ndarray:
    graph = bk.builder.finish({"u": found.id})
    return evaluate(graph, {"x": np.array([0.2, -0.3]), "y": np.array([0.5, 0.7])})["u"]


X, Y = np.array([0.2, -0.3]), np.array([0.5, 0.7])

CASES = {
    "operators": (
        lambda bk, x, y: -(1.0 - x) * (x + y - 2.0) / y + 3.0 / y + y**1.5,
        lambda: -(1 - X) * (X + Y - 2) / Y + 3 / Y + Y**1.5,
    ),
    "arrays on the left": (
        lambda bk, x, y: np.array([[2.0]]) * x + np.array([[1.0]]) - np.array([[3.0]]) / y,
        lambda: 2 * X + 1 - 3 / Y,
    ),
    "where": (
        lambda bk, x, y: bk.where(bk.logical_not(bk.less(x, 0.0)), x, np.nan * y),
        lambda: np.where(X >= 0, X, np.nan),
    ),
    "matmul": (
        lambda bk, x, y: (bk.concat([x, y], axis=1) @ np.array([[1.0, 2.0], [3.0, 4.0]]))[:, 1:],
        lambda: 2 * X + 4 * Y,
    ),
    "ones": (lambda bk, x, y: bk.ones_like(x) * 2.0 + bk.zeros_like(y) + bk.stop_gradient(x), lambda: 2 + X),
    "row": (lambda bk, x, y: (x + np.array([1.0, 2.0]))[:, -1:], lambda: X + 2),
    "function": (lambda bk, x, y: bk.erf(x) + bk.sigmoid(y), lambda: special.erf(X) + special.expit(Y)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_recorded_is_what_numpy_computes(bk: RecordingBackend, case: str):
    build, expected = CASES[case]
    found = values(bk, build(bk, Recorded(bk.builder, 0), Recorded(bk.builder, 1)))
    np.testing.assert_allclose(found, expected(), rtol=1e-15)


def test_constants_alone_are_computed_and_leave_no_node(bk: RecordingBackend):
    weights = bk.concat([bk.asarray([[1, 2]]), bk.reshape(bk.asarray([3.0, 4.0]), (1, 2))], axis=0)
    np.testing.assert_array_equal(bk.sin(weights), np.sin([[1, 2], [3, 4]]))
    assert len(bk.builder.values) == 2
    assert (
        bk.compile(test_constants_alone_are_computed_and_leave_no_node)
        is test_constants_alone_are_computed_and_leave_no_node
    )


REFUSED = {
    "a transform": (lambda bk, x: bk.vjp(lambda z: z, x), "the recording backend has no vjp"),
    "a sum over points": (lambda bk, x: bk.sum(x), "sum of values at points cannot be recorded"),
    "a branch": (lambda bk, x: 1.0 if bk.less(x, 0.0) else 2.0, "has no truth"),
    "a row": (lambda bk, x: x[0], r"columns are taken, x\[:, a:b\]"),
    "steps": (lambda bk, x: x[:, ::2], "columns are taken"),
    "along points": (lambda bk, x: bk.concat([x, x], axis=0), "side by side"),
    "numbers": (lambda bk, x: bk.to_numpy(x), "has no numbers yet"),
    "misfit": (lambda bk, x: x @ np.ones((2, 2)), "cannot be recorded: matmul"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_recorded_is_refused(bk: RecordingBackend, case: str):
    use, message = REFUSED[case]
    with pytest.raises(BackendError, match=message):
        use(bk, Recorded(bk.builder, 0))


def test_it_answers_to_every_name_of_the_protocol(bk: RecordingBackend):
    """Refusals are for operands at points, and for transforms; no name is simply not there."""
    for name in (name for name in {*dir(Backend), *Backend.__annotations__} if not name.startswith("_")):
        try:
            getattr(bk, name)
        except BackendError:
            assert name in ("value_and_grad", "jvp", "vjp", "vmap", "sum_over_blocks", "update_rule")
