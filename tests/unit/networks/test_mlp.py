from __future__ import annotations

import numpy as np
import pytest

from collocate import tree
from collocate.backends.select import get
from collocate.errors import PlanError, StoreError
from collocate.jets import JetAlgebra, JetSpace, affine, stack_features
from collocate.networks import MLP, Network, from_json


def test_shapes_and_the_map_are_the_formula() -> None:
    network = MLP((3, 4))
    parameters = network.initial(2, 1, np.random.default_rng(0))
    layers = parameters["layers"]
    assert [layer["weight"].shape for layer in layers] == [(2, 3), (3, 4), (4, 1)]
    points = np.random.default_rng(1).normal(size=(5, 2))
    algebra = JetAlgebra(get("numpy"), JetSpace.of(2))
    inputs = stack_features([algebra.coordinate(k, points[:, k : k + 1]) for k in range(2)])
    (value,) = network.apply(algebra, parameters, inputs, affine)
    first = np.tanh(points @ layers[0]["weight"] + layers[0]["bias"])
    second = np.tanh(first @ layers[1]["weight"] + layers[1]["bias"])
    np.testing.assert_allclose(value, second @ layers[2]["weight"] + layers[2]["bias"], rtol=1e-14)


def test_weights_are_glorot_normal_and_biases_zero() -> None:
    layer = MLP((300, 200)).initial(2, 1, np.random.default_rng(0))["layers"][1]
    assert layer["weight"].std() == pytest.approx(np.sqrt(2 / 500), rel=0.01)
    assert not layer["bias"].any()


def test_slope_makes_the_first_layer_steep_and_spreads_its_zeros_over_the_box() -> None:
    plain, steep = (MLP((400, 3), slope=k).initial(2, 1, np.random.default_rng(0))["layers"] for k in (1, 5))
    np.testing.assert_array_equal(steep[0]["weight"], 5 * plain[0]["weight"])
    # b = −Wᵀc with c uniform in the box: Var b = |w|²/3.
    spread = steep[0]["bias"] / np.linalg.norm(steep[0]["weight"], axis=0)
    assert spread.std() == pytest.approx(np.sqrt(1 / 3), rel=0.1)
    assert all(not layer["bias"].any() for layer in [*plain, *steep[1:]])
    with pytest.raises(PlanError, match="slope must be a positive number, such as 3; got 0"):
        MLP((3,), slope=0)


def test_equal_seeds_draw_equal_parameters() -> None:
    one, two = (MLP((4,)).initial(2, 1, np.random.default_rng(7)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(tree.leaves(one), tree.leaves(two), strict=True))


def test_it_is_a_network_and_survives_json() -> None:
    network = MLP([6, 5], "swish")
    assert isinstance(network, Network)
    assert from_json(network.to_json()) == network


@pytest.mark.parametrize("widths", [(), (0,), (3, -1), (2.5,)])
def test_widths_that_are_not_sizes(widths: tuple) -> None:
    with pytest.raises(PlanError, match="widths must be positive integers"):
        MLP(widths)


def test_activations_without_derivatives() -> None:
    with pytest.raises(PlanError, match=r"second derivative .* use 'tanh'"):
        MLP((3,), "relu")
    with pytest.raises(PlanError, match="unknown activation 'tanhh'; choose one of tanh, sin, sigmoid, swish, gelu"):
        MLP((3,), "tanhh")


@pytest.mark.parametrize("document", [{"kind": "cnn"}, {}, {"kind": "mlp", "depth": 3}])
def test_a_file_that_describes_no_network(document: dict) -> None:
    with pytest.raises(StoreError, match=r"network"):
        from_json(document)
