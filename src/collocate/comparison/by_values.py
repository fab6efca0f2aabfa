"""A network of collocate with only its values told: its derivatives are then nested automatic differentiation.

That is the route of a user's own network (`networks.Module`), taken with the same parameters, so that both routes
compute the same loss. Its Jacobian is one reverse pass for each row, as there are no taps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from collocate import tree
from collocate.errors import PlanError
from collocate.jets import JetAlgebra, JetSpace, affine, column, stack_features
from collocate.networks import Module, Network
from collocate.planning import Plan

GAUSS_NEWTON = "levenberg_marquardt"


def settings(plan: Plan, backend: str, seed: int) -> dict[str, Any]:
    """The arguments of `solve` that repeat `plan` by nested derivatives.

    Raises PlanError where time is solved in slabs: a network of one's own trains over all of time at once.
    """
    if plan.slabs != 1:
        raise PlanError(
            "nested derivatives are those of a network of one's own, which trains over all of time at once; this plan "
            "solves time in slabs: compare with derivatives jets alone, or set slabs to 1 in the file's `settings`"
        )
    # With such a network "auto" leaves Gauss-Newton out.
    same = {"optimizer": GAUSS_NEWTON} if plan.phases[0].optimizer == GAUSS_NEWTON else {}
    return {"network": by_values(plan, backend, seed), **same}


def by_values(plan: Plan, backend: str, seed: int) -> Module:
    """The network of the plan, with the parameters that this seed draws."""
    (stage,) = plan.stages
    if isinstance(stage.network, Module):
        return stage.network
    drawn = stage.network.initial(len(stage.features), len(plan.fields), np.random.default_rng(seed))
    return Module.of(_Values(backend, stage.network, drawn, len(plan.fields)))


@final
class _Values:
    """`networks.module.Native` of one of collocate's networks."""

    def __init__(self, backend: str, network: Network, parameters: dict[str, Any], outputs: int):
        self.backend, self.name = backend, type(network).__name__
        self._network, self._like, self._outputs = network, parameters, outputs
        self._names = ["/".join(map(str, path)) for path in tree.paths(parameters)]

    def arrays(self) -> dict[str, np.ndarray]:
        return dict(zip(self._names, tree.leaves(self._like), strict=True))

    def values(self, bk: Any, parameters: Mapping[str, Any], features: Any) -> Any:
        weights = tree.unflatten(self._like, [parameters[name] for name in self._names])
        algebra = JetAlgebra(bk, JetSpace.of(features.shape[1]))
        inputs = stack_features([(features[:, axis : axis + 1],) for axis in range(features.shape[1])])
        jet = self._network.apply(algebra, weights, inputs, affine)
        return bk.concat([algebra.value(column(jet, position)) for position in range(self._outputs)], axis=1)

    def keep(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Nothing: the parameters are those of the comparison, and the next run starts from the same."""
