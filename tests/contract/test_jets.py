"""Networks in jets against nested automatic differentiation: every activation and order, on every framework, eager."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.expressions import lower
from collocate.jets import SMOOTH_ACTIVATIONS, Entry, Features, JetAlgebra, JetSpace, affine, column, stack_features
from collocate.jets.nested import nested
from collocate.networks import MLP, GatedMLP, Network, Separate

from .cases import NETWORKS

frameworks = pytest.mark.parametrize("bk", ["jax", "torch", "tensorflow"], indirect=True)

x, y = sympy.symbols("x y", real=True)
PLAIN = (x, 0.5 * y - 0.25)
PERIODIC = (sympy.sin(2 * x), sympy.cos(2 * x), y)
POINTS = np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]])
BIHARMONIC = Entry((((0, 4), 1.0), ((2, 2), 2.0), ((4, 0), 1.0)))
ANISOTROPIC = Entry((((0, 2), -0.5), ((2, 0), 2.0)))
PARABOLIC = Entry((((0, 1), 1.0), ((2, 0), -0.3)))


def _parameters(network: Network, inputs: int, outputs: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    return tree.map(lambda leaf: leaf + 0.2 * rng.normal(size=leaf.shape), network.initial(inputs, outputs, rng))


def _by_jets(
    bk: Any, network: Network, parameters: Any, features: tuple, space: JetSpace, points: Any
) -> tuple[Any, ...]:
    algebra = JetAlgebra(bk, space)
    coordinates = {symbol: algebra.coordinate(k, points[:, k : k + 1]) for k, symbol in enumerate((x, y))}
    inputs = stack_features([lower(feature, algebra, coordinates) for feature in features])
    return tuple(_whole(bk, entry) for entry in network.apply(algebra, parameters, inputs, affine))


def _whole(bk: Any, entry: Any) -> Any:
    """An entry that came as columns as one array."""
    if not isinstance(entry, Features):
        return entry
    zero = bk.zeros_like(next(each for each in entry.columns if each is not None))
    return bk.concat([zero if each is None else each for each in entry.columns], axis=1)


def _compare(bk: Backend, network: Network, features: tuple, wanted: list, outputs: int = 1) -> None:
    """Nested differentiation takes outputs^order pullbacks, so high orders are compared on one output."""
    space = JetSpace.of(2, wanted)
    parameters = _parameters(network, len(features), outputs)

    def both(parameters, points):
        value = lambda at: _by_jets(bk, network, parameters, features, JetSpace.of(2), at)[0]  # noqa: E731
        return _by_jets(bk, network, parameters, features, space, points), nested(bk, value, points, space)

    jets, expected = tree.map(bk.to_numpy, bk.compile(both)(parameters, POINTS))
    for entry, got, truth in zip(space.entries, jets, expected, strict=True):
        size = 1.0 + np.abs(truth).max()
        np.testing.assert_allclose(got, truth, rtol=0, atol=1e-9 * size, err_msg=str(entry))


@frameworks
@pytest.mark.parametrize("activation", SMOOTH_ACTIVATIONS)
def test_every_activation_to_fourth_order(bk: Backend, activation: str):
    _compare(bk, MLP((4, 3), activation), PLAIN, [(4, 0), (1, 1)])


@frameworks
@pytest.mark.parametrize(
    "wanted", [[(1, 0)], [(0, 2)], [(2, 1)], [(2, 2)], [ANISOTROPIC], [PARABOLIC], [BIHARMONIC]], ids=str
)
def test_every_order_mixed_and_collapsed(bk: Backend, wanted: list):
    _compare(bk, MLP((4, 3)), PLAIN, wanted)


@pytest.mark.parametrize("activation", SMOOTH_ACTIVATIONS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_with_every_activation(name: str, activation: str):
    """On JAX: what differs between frameworks is held by the tests of the operations."""
    _compare(select.get("jax", mode="eager"), NETWORKS[name](activation), PLAIN, [(0, 2), (1, 1)])


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_to_fourth_order(name: str):
    _compare(select.get("jax", mode="eager"), NETWORKS[name]("tanh"), PLAIN, [(0, 4)])


@pytest.mark.parametrize("bk", ["torch", "tensorflow"], indirect=True)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_with_several_outputs_on_the_other_frameworks(bk: Backend, name: str):
    _compare(bk, NETWORKS[name]("tanh"), PERIODIC, [PARABOLIC], outputs=2)


@frameworks
def test_a_field_has_no_derivative_by_what_it_does_not_see(bk: Backend):
    """The first of two fields sees x alone, and the pair agrees with nested differentiation."""
    network = Separate((MLP((4,)), GatedMLP((3, 3))), inputs=((0,), None))
    space = JetSpace.of(2, [(2, 0), (0, 1), (1, 1)])
    parameters = _parameters(network, 2, 2)
    algebra = JetAlgebra(bk, space)

    def first_column(parameters: Any, points: Any) -> Any:
        inputs = stack_features([algebra.coordinate(k, points[:, k : k + 1]) for k in range(2)])
        return column(network.apply(algebra, parameters, inputs, affine), 0)

    found = bk.compile(first_column)(parameters, POINTS)
    assert [entry is None for entry in found] == [entry.terms[0][0][1] > 0 for entry in space.entries]
    _compare(bk, network, PLAIN, [(2, 0), (0, 1), (1, 1)], outputs=2)


@frameworks
def test_a_periodic_embedding(bk: Backend):
    _compare(bk, MLP((4, 3), "swish"), PERIODIC, [(3, 0), (1, 1)])


@frameworks
def test_several_outputs(bk: Backend):
    _compare(bk, MLP((4,), "sin"), PLAIN, [(1, 1)], outputs=3)


def test_the_oracle_computes_the_same_jets():
    """NumPy has no transforms, but the same jets: of JAX, to rounding."""
    network, space = MLP((4, 3), "gelu"), JetSpace.of(2, [BIHARMONIC])
    parameters = _parameters(network, 3)
    oracle = _by_jets(select.get("numpy"), network, parameters, PERIODIC, space, POINTS)
    bk = select.get("jax", mode="eager")
    found = bk.compile(lambda p, at: _by_jets(bk, network, p, PERIODIC, space, at))(parameters, POINTS)
    for got, truth in zip(found, oracle, strict=True):
        np.testing.assert_allclose(bk.to_numpy(got), truth, rtol=1e-12, atol=1e-12 * (1.0 + np.abs(truth).max()))


def test_what_is_structurally_zero_is_not_computed(bk: Backend):
    """A network of x alone has no derivative by y; second derivatives of the plain input do not exist either."""
    network, space = MLP((4,)), JetSpace.of(2, [(2, 0), (0, 2), (1, 1)])
    parameters = _parameters(network, 1)
    computed = bk.compile(lambda p, at: _by_jets(bk, network, p, (x,), space, at))(parameters, POINTS)
    assert [entry is None for entry in computed] == [entry.terms[0][0][1] > 0 for entry in space.entries]
    algebra = JetAlgebra(bk, space)
    inputs = stack_features([algebra.coordinate(k, POINTS[:, k : k + 1]) for k in range(2)])
    for entry, columns in zip(space.entries, inputs, strict=True):
        assert isinstance(columns, Features) == (entry.order < 2)
    assert inputs[space.position((1, 0))] == Features((1.0, None))
