"""A target for tests of what is around the writers: the graph as JSON, run by NumPy in the graph's own dtype.

`write` and `load` may be replaced by what goes wrong; `REGISTERED` is the target's row.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from collocate.exporting.evaluate import compute
from collocate.exporting.graph import Constant, Graph, Input, Node, Output
from collocate.exporting.targets import TARGETS, Target

FILE = "model.json"
REGISTERED = Target("fake", "Fake", FILE, "fake_target")


def write(graph: Graph, folder: Path) -> None:
    document = {
        "dtype": graph.dtype,
        "inputs": [[one.id, one.name] for one in graph.inputs],
        "constants": [[each.id, each.value.tolist()] for each in graph.constants],
        "nodes": [[node.id, node.operation, node.inputs, dict(node.attributes)] for node in graph.nodes],
        "outputs": [[output.name, output.id] for output in graph.outputs],
    }
    (folder / FILE).write_text(json.dumps(document))


def load(folder: Path) -> Any:
    model = json.loads((folder / FILE).read_text())

    def run(batch: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        found: dict[int, Any] = {number: batch[name].reshape(-1, 1) for number, name in model["inputs"]}
        for number, value in model["constants"]:
            array = np.array(value)
            found[number] = array if array.dtype == bool else array.astype(model["dtype"])
        with np.errstate(all="ignore"):
            for number, operation, inputs, attributes in model["nodes"]:
                found[number] = compute(operation, [found[each] for each in inputs], attributes)
        return {name: found[number][:, 0] for name, number in model["outputs"]}

    return run


def register(target: Target = REGISTERED) -> None:
    sys.modules[target.module] = sys.modules[__name__]
    TARGETS[target.name] = target


def graph(factor: float = 2.0, dtype: Any = "float64") -> Graph:
    """u = factor · sin(x) · t and v = x − t."""
    return Graph(
        (Input(0, "x"), Input(1, "t")),
        (Constant(2, np.array(factor)),),
        (
            Node(3, "sin", (0,), (None, 1)),
            Node(4, "multiply", (3, 1), (None, 1)),
            Node(5, "multiply", (2, 4), (None, 1)),
            Node(6, "subtract", (0, 1), (None, 1)),
        ),
        (Output("u", 5), Output("v", 6)),
        dtype,
    )


def about() -> dict[str, Any]:
    """Of the graph, as `description.describe` tells it."""
    unit = {"lower": 0.0, "upper": 1.0, "unit": None}
    return {
        "inputs": [{"name": "x", "role": "space", **unit}, {"name": "t", "role": "time", **unit}],
        "outputs": [{"name": name, "expression": name, "unit": None} for name in ("u", "v")],
        "provenance": {"versions": {}},
    }


def batches(dtype: Any = "float64") -> list[dict[str, np.ndarray]]:
    generator = np.random.default_rng(0)
    return [{name: generator.random(count).astype(dtype) for name in ("x", "t")} for count in (1, 7, 50)]
