"""Optimizers of torch.optim as update rules: made anew for each step around the state; nothing else is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
import torch

from collocate.backends import update_rules
from collocate.tree import Tree

WHERE = "PyTorch (torch.optim)"
# These need what a first-order step over one dense vector does not have: a closure, sparse gradients, matrices.
UNFIT = ("optimizer", "lbfgs", "sparseadam", "muon")


def known() -> dict[str, type[torch.optim.Optimizer]]:
    """{name in small letters: class}."""
    classes = (entry for entry in vars(torch.optim).values() if isinstance(entry, type))
    found = {entry.__name__.lower(): entry for entry in classes if issubclass(entry, torch.optim.Optimizer)}
    return {name: entry for name, entry in found.items() if name not in UNFIT}


@final
class TorchRule:
    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        update_rules.refuse_reserved(options, ("lr",))
        self._class, self._options = update_rules.find(name, known(), WHERE), dict(options)
        update_rules.tried(lambda: self.update(np.zeros(1), np.zeros(1), {}, 1e-3), name, options, WHERE)

    def init(self, vector: np.ndarray) -> Tree:
        return {}

    def update(
        self, vector: np.ndarray, gradient: np.ndarray, state: Tree, learning_rate: float
    ) -> tuple[np.ndarray, Tree]:
        parameter = torch.nn.Parameter(torch.tensor(vector))
        parameter.grad = torch.tensor(gradient)
        optimizer = self._class([parameter], lr=learning_rate, **self._options)
        if state:
            optimizer.state[parameter] = {key: torch.tensor(value) for key, value in state.items()}
        optimizer.step()
        after = {key: value for key, value in optimizer.state[parameter].items() if value is not None}
        return parameter.detach().numpy().copy(), {
            key: np.array(torch.as_tensor(value).detach().numpy()) for key, value in after.items()
        }
