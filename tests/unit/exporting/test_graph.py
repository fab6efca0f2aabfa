"""A graph that breaks a rule is refused by name; one that keeps them can be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from collocate.exporting.graph import Constant, Graph, Input, Node, Output

COLUMN = (None, 1)
X, Y = Input(0, "x"), Input(1, "y")
HALF, WEIGHTS = Constant(2, np.array(0.5)), Constant(3, np.ones((2, 4)))


def graph(*nodes: Node, outputs: tuple[Output, ...] = (Output("u", 0),), **rest: Any) -> Graph:
    return Graph((X, Y), (HALF, WEIGHTS), nodes, outputs, **rest)


def test_it_can_be_read():
    both = Node(4, "concat", (0, 1), (None, 2))
    wide = Node(5, "matmul", (4, 3), (None, 4))
    last = Node(6, "slice", (5,), COLUMN, attributes={"start": 3, "stop": 4})
    text = str(graph(both, wide, last, Node(7, "add", (2, 6), COLUMN), outputs=(Output("u", 7),)))
    assert text.splitlines() == [
        "v4 = concat(x, y)  # float (None, 2)",
        "v5 = matmul(v4, array(2, 4))  # float (None, 4)",
        "v6 = slice(v5, start=3, stop=4)  # float (None, 1)",
        "v7 = add(0.5, v6)  # float (None, 1)",
        "u = v7",
    ]


BROKEN: dict[str, tuple[tuple[Node, ...], str]] = {
    "unknown": ((Node(4, "relu", (0,), COLUMN),), "no operation 'relu'; the operations are negative"),
    "too many": ((Node(4, "exp", (0, 1), COLUMN),), r"exp of .*: it takes float"),
    "kind": ((Node(4, "where", (0, 0, 1), COLUMN),), "it takes bool, float, float"),
    "kind of result": ((Node(4, "less", (0, 1), COLUMN),), r"says .*'float'.* its result is .*'bool'"),
    "shape": ((Node(4, "exp", (0,), (None, 2)),), r"node 4, exp, says \(\(None, 2\)"),
    "no row": ((Node(4, "add", (0, 3), (None, 4)),), "do not broadcast"),
    "matrix": ((Node(4, "matmul", (0, 3), (None, 4)),), r"take \(None, k\) and a constant \(k, m\)"),
    "concat": ((Node(4, "concat", (0, 2), (None, 2)),), "and no constant"),
    "columns": ((Node(4, "slice", (0,), COLUMN, attributes={"start": 1, "stop": 2}),), "no columns 1 to 2"),
    "attributes": ((Node(4, "exp", (0,), COLUMN, attributes={"axis": 1}),), "has the attributes"),
    "constants": ((Node(4, "add", (2, 2), ()),), "all operands are constants"),
    "exponent": ((Node(4, "power", (0, 1), COLUMN),), "the exponent is a constant"),
    "order": ((Node(4, "exp", (5,), COLUMN), Node(5, "exp", (0,), COLUMN)), "takes 5, which does not come before"),
    "twice": ((Node(2, "exp", (0,), COLUMN),), "id 2 is given twice"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_node_that_breaks_a_rule_is_refused(case: str):
    nodes, message = BROKEN[case]
    with pytest.raises(ValueError, match=message):
        graph(*nodes)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ((Output("u", 3),), "a column .* is expected"),
        ((Output("u", 9),), "of None"),
        ((Output("u.v", 0),), "'u.v' is no identifier"),
        ((Output("x", 0),), "stands twice"),
        ((), "one output at least"),
    ],
)
def test_outputs_are_columns_with_names_of_their_own(outputs: tuple[Output, ...], message: str):
    with pytest.raises(ValueError, match=message):
        graph(outputs=outputs)


def test_constants_are_doubles_and_cast_once():
    with pytest.raises(ValueError, match="constant 7 is float32"):
        Graph((X,), (Constant(7, np.float32(1)),), (), (Output("u", 0),))  # type: ignore[arg-type]
    single = graph(dtype="float32")
    assert single.array(Constant(9, np.array(0.1))).dtype == np.float32
    assert single.array(Constant(9, np.array(True))).dtype == bool


def test_inner_names_are_none_of_the_interface():
    names = graph(outputs=(Output("v0", 0), Output("v_1", 1))).inner_names()
    assert len({*names.values(), "v0", "v_1", "x", "y"}) == len(names) + 4
