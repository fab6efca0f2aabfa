"""A graph over protocol arrays as a `torch.nn.Module`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import torch

from collocate import tree
from collocate.errors import BackendError
from collocate.tree import Tree


@final
class GraphModule(torch.nn.Module):
    """`module(points (n, d)) -> (n, k)`; the leaves of `parameters` are its trainable parameters."""

    def __init__(self, graph: Callable[[Tree, Any], Any], parameters: Tree, dtype: str) -> None:
        super().__init__()
        self._graph, self._like = graph, parameters
        leaves = [torch.tensor(leaf, dtype=getattr(torch, dtype)) for leaf in tree.leaves(parameters)]
        self.leaves = torch.nn.ParameterList([torch.nn.Parameter(leaf) for leaf in leaves])

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        computes_in = self.leaves[0].dtype
        if points.dtype != computes_in:
            raise BackendError(
                f"the points are {points.dtype}, the module is {computes_in}: pass points.to({computes_in})"
            )
        return self._graph(tree.unflatten(self._like, list(self.leaves)), points)
