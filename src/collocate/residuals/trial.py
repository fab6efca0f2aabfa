"""The trial function u = G + Φ·Σ_s scale_s N_s as jets: what residuals and solutions both evaluate."""

from __future__ import annotations

from typing import Any

import sympy

from collocate.expressions import lower
from collocate.jets import Jet, JetAlgebra, JetSpace, affine, column, stack_features
from collocate.jets.nested import nested
from collocate.networks import Module
from collocate.planning.specification import Plan, Stage


def coordinate_jets(algebra: JetAlgebra, plan: Plan, coordinates: Any) -> dict[Any, Jet]:
    """{symbol: jet} of each coordinate, from points (n, d) in the plan's order."""
    return {
        symbol: algebra.coordinate(axis, coordinates[:, axis : axis + 1]) for axis, symbol in enumerate(plan.symbols)
    }


def field_jets(
    algebra: JetAlgebra, plan: Plan, parameters: dict[str, Any], points: dict[Any, Jet], affine_map: Any = affine
) -> dict[str, Jet]:
    """{field: jet} at `points` (see `coordinate_jets`); entries (n, 1).

    `parameters["stages"]` holds one tree per stage, `parameters["constants"]` the numbers of the slab.
    `affine_map` is used by the last stage only: earlier ones are frozen, nothing is recorded of them.
    """
    known = points | _constant_jets(algebra, parameters, points[plan.symbols[0]][0])
    outputs = []
    for number, (stage, weights) in enumerate(zip(plan.stages, parameters["stages"], strict=True)):
        trained = number == len(plan.stages) - 1
        outputs.append(_output(algebra, plan, stage, weights, known, affine_map if trained else affine))
    return {
        trial.field: _assemble(algebra, plan, position, outputs, known) for position, trial in enumerate(plan.trials)
    }


def _output(
    algebra: JetAlgebra, plan: Plan, stage: Stage, weights: dict[str, Any], known: dict[Any, Jet], affine_map: Any
) -> Jet:
    """The jet of one network; of a user's own by nested differentiation of its values."""
    network = stage.network
    if not isinstance(network, Module):
        features = stack_features([lower(feature, algebra, known) for feature in stage.features])
        return network.apply(algebra, weights, features, affine_map)
    plain = JetAlgebra(algebra.bk, JetSpace.of(len(plan.coordinates)))
    constants = {symbol: jet[:1] for symbol, jet in known.items() if symbol not in plan.symbols}

    def values(coordinates: Any) -> Any:
        here = coordinate_jets(plain, plan, coordinates) | constants
        columns = [plain.value(lower(feature, plain, here)) for feature in stage.features]
        return network.values(algebra.bk, weights, algebra.bk.concat(columns, axis=1))

    coordinates = algebra.bk.concat([known[symbol][0] for symbol in plan.symbols], axis=1)
    return nested(algebra.bk, values, coordinates, algebra.space)


def check_backend(bk: Any, plan: Plan) -> None:
    """Raises BackendError where a network of the plan is of another framework."""
    for stage in plan.stages:
        if isinstance(stage.network, Module):
            stage.network.check(bk)


def _constant_jets(algebra: JetAlgebra, parameters: dict[str, Any], like: Any) -> dict[Any, Jet]:
    """The numbers of the slab as columns `like` a coordinate's: features of one entry must be of one length."""
    return {
        sympy.Symbol(name, real=True): algebra.array(algebra.bk.zeros_like(like) + value)
        for name, value in parameters["constants"].items()
    }


def _assemble(algebra: JetAlgebra, plan: Plan, position: int, outputs: list[Jet], known: dict[Any, Jet]) -> Jet:
    trial = plan.trials[position]
    total = algebra.add(
        *(algebra.scale(stage.scales[position], column(output, position))
          for stage, output in zip(plan.stages, outputs, strict=True))
    )  # fmt: skip
    particular = lower(trial.particular, algebra, known)
    factor = lower(trial.factor, algebra, known)
    return algebra.add(particular, algebra.multiply(factor, total))
