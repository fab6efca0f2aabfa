"""A `torch.nn.Module` as a network."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any, final

import numpy as np
import torch

from collocate.backends.protocol import DType
from collocate.errors import PlanError


@final
class TorchModule:
    """Called by `torch.func.functional_call`, in the mode (train or eval) in which it is.

    Parameters that require no gradient, and buffers, stay as they are.
    """

    backend = "torch"

    def __init__(self, module: torch.nn.Module) -> None:
        self.name, self._module = type(module).__name__, module
        self._trained = {name: p for name, p in module.named_parameters() if p.requires_grad}
        if not self._trained:
            raise PlanError(f"the network {self.name} has no parameter that requires a gradient, so nothing to train")
        if any(isinstance(p, torch.nn.parameter.UninitializedParameter) for p in self._trained.values()):
            raise PlanError(f"the network {self.name} has lazy layers: call it once on points before it is given")
        # The call puts tensors into the module and takes them out again, which two threads must not do at once.
        self._calling = Lock()

    def arrays(self) -> dict[str, np.ndarray]:
        return {name: p.detach().cpu().numpy().astype(np.float64) for name, p in self._trained.items()}

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        every = [*self._module.named_parameters(), *self._module.named_buffers()]
        fixed = {name: bk.asarray(tensor.detach().clone()) for name, tensor in every if name not in self._trained}
        with self._calling:
            return torch.func.functional_call(self._module, {**fixed, **parameters}, (features,))

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(torch.as_tensor(np.array(parameters[name])))


def wrap(given: torch.nn.Module, inputs: int, dtype: DType) -> TorchModule:
    return TorchModule(given)
