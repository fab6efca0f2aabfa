"""Each pass leaves fewer operations and the same values, and finds nothing more in what it has made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from collocate.exporting.builder import Builder
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.outputs import read_outputs
from collocate.exporting.passes import common, fold, optimise, simplify
from collocate.exporting.record import record
from collocate.exporting.recording import Recorded, RecordingBackend

from ...small import string
from .untrained import points_of, untrained

X, Y = np.array([0.2, -0.3, 0.0]), np.array([0.5, 0.7, -2.0])
W = np.array([[1.0, 2.0], [3.0, 4.0]])

# What is recorded, and the operations that are left by one pass.
CASES: dict[str, tuple[Callable, Callable, str]] = {
    "a number in a column": (fold, lambda bk, x, y: bk.sin(bk.zeros_like(x) + 2.0) * y, "multiply"),
    "a column of numbers in a product": (
        fold,
        lambda bk, x, y: (bk.concat([x, bk.zeros_like(x) + 3.0], axis=1) @ W)[:, :1],
        "matmul add slice",
    ),
    "a column of numbers alone": (fold, lambda bk, x, y: bk.exp(bk.zeros_like(x) + 2.0), "zeros_like add"),
    "a column of numbers put beside": (
        fold,
        lambda bk, x, y: bk.concat([x, bk.zeros_like(x) * 2.0 + 1.0], axis=1)[:, 1:] * y,
        "zeros_like add concat slice multiply",
    ),
    "a condition that always holds": (
        fold,
        lambda bk, x, y: bk.where(bk.less(bk.zeros_like(x), 1.0), x * y, x),
        "multiply",
    ),
    "a condition that never holds": (
        fold,
        lambda bk, x, y: bk.where(bk.less(1.0, bk.zeros_like(x)), x, 3.0) * y,
        "multiply",
    ),
    "a condition not of points": (
        fold,
        lambda bk, x, y: bk.where(np.array([[True, False]]), x, bk.concat([y, y], axis=1))[:, :1],
        "concat where slice",
    ),
    "a part of what was put together": (simplify, lambda bk, x, y: bk.concat([x, y], axis=1)[:, 1:] * 2.0, "multiply"),
    "two parts": (simplify, lambda bk, x, y: (bk.concat([x, y, x], axis=1)[:, 1:] @ W)[:, :1], "concat matmul slice"),
    "a part of a part": (simplify, lambda bk, x, y: (x @ np.ones((1, 4)))[:, 1:4][:, 1:2], "matmul slice"),
    "put together twice": (
        simplify,
        lambda bk, x, y: (bk.concat([bk.concat([x, y], axis=1), x], axis=1) @ np.ones((3, 2)))[:, 1:],
        "concat matmul slice",
    ),
    "a choice between what was put together": (
        simplify,
        lambda bk, x, y: bk.where(bk.less(x, 0.0), bk.concat([x, y], axis=1), np.nan)[:, 1:],
        "less where",
    ),
    "nothing added": (simplify, lambda bk, x, y: 0.0 + (x - 0.0) / 1.0 * 1.0 + y, "add"),
    "signs": (simplify, lambda bk, x, y: bk.sin(x) * -1.0 * -1.0 + (-(1.0 * y)), "sin subtract"),
    "a sign in front": (simplify, lambda bk, x, y: (-x) + y, "subtract"),
    "a sign in a product": (simplify, lambda bk, x, y: -1.0 * x * y, "multiply negative"),
    "a number after a product": (simplify, lambda bk, x, y: 0.5 * (x @ np.ones((1, 1))) / 0.3, "matmul"),
    "a number before a product": (simplify, lambda bk, x, y: (x / 0.3) @ np.ones((1, 1)) + y, "matmul add"),
    "a product of two uses": (
        simplify,
        lambda bk, x, y: (lambda z: 0.5 * z + z)(x @ np.ones((1, 1))),
        "matmul multiply add",
    ),
    "the same again": (common, lambda bk, x, y: bk.sin(x * y) + bk.sin(y * x), "multiply sin add"),
    "the same the other way": (common, lambda bk, x, y: (x - y) * (y - x), "subtract subtract multiply"),
}


def recorded(build: Callable) -> Graph:
    builder = Builder(["x", "y"], "float64")
    bk = RecordingBackend(builder)
    return builder.finish({"u": build(bk, Recorded(builder, 0), Recorded(builder, 1)).id})


def settled(apply: Callable[[Graph], Graph], graph: Graph) -> Graph:
    """What the pass makes, again and again until nothing changes: `optimise` does so."""
    for _ in range(5):
        graph = apply(graph)
    return graph


@pytest.mark.parametrize("case", CASES)
def test_each_rule(case: str):
    apply, build, expected = CASES[case]
    graph = recorded(build)
    smaller = settled(apply, graph)
    assert Counter(node.operation for node in smaller.nodes) == Counter(expected.split())
    assert str(apply(smaller)) == str(smaller)
    wanted = evaluate(graph, {"x": X, "y": Y})["u"]
    np.testing.assert_allclose(evaluate(smaller, {"x": X, "y": Y})["u"], wanted, rtol=1e-15)


def test_what_no_output_needs_is_left_out():
    builder = Builder(["x", "y"], "float64")
    bk = RecordingBackend(builder)
    x = Recorded(builder, 0)
    bk.exp(x * 7.0)
    graph = builder.finish({"u": (x + 1.0).id})
    assert [node.operation for node in graph.nodes] == ["add"] and len(graph.constants) == 1
    assert [one.name for one in graph.inputs] == ["x", "y"]  # part of the interface, used or not


def test_a_whole_graph_is_optimised_once_and_for_all():
    solution = untrained(string(), slabs=2)
    graph = record(solution, read_outputs(solution.problem, "u, u_t, u_xx, residual"))
    again = optimise(graph)
    assert str(again) == str(graph)
    for one, other in zip(again.constants, graph.constants, strict=True):
        np.testing.assert_array_equal(one.value, other.value)
    keys = [(node.operation, node.inputs, *sorted(node.attributes.items())) for node in graph.nodes]
    assert len(set(keys)) == len(keys)
    points = points_of(solution.problem, 9)
    for name, values in evaluate(again, points).items():
        np.testing.assert_array_equal(values, evaluate(graph, points)[name])
