"""torch.export: one program of plain tensor operations, which PyTorch loads without any of this package.

    program = torch.export.load("model.pt2").module()
    values = program({"x": x, "t": t})

takes tensors (N,) of the graph's dtype by their names, and gives {output: (N,)}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from collocate.backends.torch import ELEMENTWISE
from collocate.exporting.graph import Graph
from collocate.exporting.interpret import Operations, interpret

FILE = "model.pt2"
_EXAMPLE = 7  # points that the program is traced with: any number but 1, which torch.export would take as fixed

_OPERATIONS: Operations = ELEMENTWISE | {
    "negative": torch.neg, "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
    "where": torch.where, "concat": lambda *parts: torch.cat(parts, dim=1),
}  # fmt: skip


def write(graph: Graph, folder: Path) -> None:
    """`model.pt2`, with every batch size but 0."""
    torch.export.save(program(graph), folder / FILE)


def program(graph: Graph, largest: int | None = None) -> torch.export.ExportedProgram:
    """The graph for 1 to `largest` points, any number where that is left out."""
    count = torch.export.Dim("N", min=1, max=largest)
    example = {one.name: torch.zeros(_EXAMPLE, dtype=getattr(torch, graph.dtype)) for one in graph.inputs}
    shapes = {name: {0: count} for name in example}
    found = torch.export.export(_Interpreter(graph), (example,), dynamic_shapes=(shapes,))
    for node in found.graph.nodes:
        node.meta.pop("stack_trace", None)  # paths of the machine that exported
    return found


class _Interpreter(torch.nn.Module):
    """The graph, node by node; its constants are buffers."""

    def __init__(self, graph: Graph):
        super().__init__()
        self.graph, self.names = graph, graph.inner_names()
        for constant in graph.constants:
            self.register_buffer(self.names[constant.id], torch.from_numpy(graph.array(constant).copy()))

    def forward(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        columns = {name: tensor.reshape(-1, 1) for name, tensor in inputs.items()}
        values = interpret(self.graph, columns, _OPERATIONS, lambda each: getattr(self, self.names[each.id]))
        # Copies: two outputs may be of one value, and an output of an input
        return {output.name: values[output.id].reshape(-1).clone() for output in self.graph.outputs}


def load(folder: Path) -> Callable[[Mapping[str, Any]], dict[str, np.ndarray]]:
    """The program as a function {input: (N,)} -> {output: (N,)}, by PyTorch on the CPU."""
    found = torch.export.load(folder / FILE)
    assert found.example_inputs is not None
    example, call = found.example_inputs[0][0], found.module()
    dtypes = {name: one.numpy().dtype for name, one in example.items()}

    def run(batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
        given = {name: torch.from_numpy(np.array(batch[name], dtype)) for name, dtype in dtypes.items()}
        return {name: value.numpy() for name, value in call(given).items()}

    return run
