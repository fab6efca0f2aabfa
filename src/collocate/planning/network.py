"""The network and its inputs: what was asked for, or a size by the number of coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from collocate.errors import PlanError
from collocate.expressions.printing import to_text
from collocate.networks import MLP, Module, Network, Separate, is_own, wrap
from collocate.planning import marching

# Hidden layers by the number of coordinates: deeper beats wider (benchmarks in docs/why/defaults.md). In more, where
# each face brings points of its own, four layers are too many parameters for Gauss-Newton steps: two wide ones are not.
WIDTHS = {1: (16, 16), 2: (20, 20, 20, 20), 3: (24, 24, 24, 24)}
WIDEST = (40, 40)
# Of the first layer (docs/why/defaults.md): Glorot's weights start a network that is smooth all over the domain, and
# steep places are found late. In many dimensions, on a slab, or between measured values smooth is what is wanted.
SLOPE, SLOPED_DIMENSIONS = 3.0, 3


def network_and_inputs(
    asked: Any, problem: Any, periodic: tuple[str, ...], marched: bool, split: bool, dtype: str
) -> tuple[Network | Module, tuple[sympy.Expr, ...]]:
    """The network, and its inputs as expressions of the coordinates; where time is `split`, time within a slab.

    `marched`: it is split, and the equations are ordinary ones.
    """
    inputs = _features(problem, periodic)
    within = {problem.domain.time: marching.feature(problem)} if split else {}
    features = tuple(within.get(name, feature) for name, feature in inputs)
    slope = 1.0 if marched else _slope(problem)
    return _apart(_network(asked, problem, features, slope, dtype), problem, [name for name, _ in inputs]), features


def _slope(problem: Any) -> float:
    sought = problem.unknowns or problem.unknown_fields or problem.observations
    return 1.0 if sought or problem.domain.dimension > SLOPED_DIMENSIONS else SLOPE


def _features(problem: Any, periodic: tuple[str, ...]) -> list[tuple[str, sympy.Expr]]:
    """Network inputs, each with its coordinate: that mapped to [−1, 1]; if periodic, sine and cosine of one period."""
    found: list[tuple[str, sympy.Expr]] = []
    for symbol in problem.domain.coordinates:
        low, high = (sympy.Float(bound) for bound in problem.domain.bounds[symbol.name])
        if symbol.name in periodic:
            angle = (symbol - low) * (2 * sympy.pi / (high - low)).evalf()
            found += [(symbol.name, sympy.sin(angle)), (symbol.name, sympy.cos(angle))]
        else:
            found.append((symbol.name, (symbol - (low + high) / 2) / ((high - low) / 2)))
    return found


def _apart(network: Network | Module, problem: Any, owners: Sequence[str]) -> Network | Module:
    """A network for each field where one is unknown: it may depend on fewer coordinates, and shares no layer.

    Raises PlanError for an own network that would let such a field depend on all of them.
    """
    if not problem.unknown_fields or (isinstance(network, Separate) and network.inputs is not None):
        return network
    if isinstance(network, Module):
        fewer = [name for name in problem.field_names if problem.sees[name] != problem.domain.names]
        if fewer:
            raise PlanError(
                f"{fewer[0]} depends on {', '.join(problem.sees[fewer[0]])} only, and a network of your own sees "
                f"{', '.join(problem.domain.names)}; use one of ours, such as co.MLP((20, 20))"
            )
        return network
    inputs = [
        tuple(column for column, owner in enumerate(owners) if owner in problem.sees[name])
        for name in problem.field_names
    ]
    own: Any = network.network if isinstance(network, Separate) else network
    return Separate(own if isinstance(own, tuple) else (own,) * len(inputs), inputs)


def _network(
    network: Any, problem: Any, features: tuple[sympy.Expr, ...], slope: float, dtype: Any
) -> Network | Module:
    if network is None:
        return MLP(WIDTHS.get(problem.domain.dimension, WIDEST), slope=slope)
    if is_own(network):
        return wrap(network, [to_text(feature) for feature in features], problem.field_names, dtype)
    if isinstance(network, Network) and not isinstance(network, type):
        return network
    if isinstance(network, Sequence) and not isinstance(network, str):
        return MLP(tuple(network), slope=slope)
    raise PlanError(
        "network must be a network such as co.MLP((20, 20, 20)), hidden widths, or your own: a torch.nn.Module, a "
        f"keras.Model, or for JAX (function, parameters); got {network!r}"
    )
