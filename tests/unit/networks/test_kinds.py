"""Each network is its formula, starts as it says, survives JSON, and says what is wrong with its options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from collocate import tree
from collocate.backends.select import get
from collocate.errors import PlanError, StoreError
from collocate.jets import Features, JetAlgebra, JetSpace, affine, column, stack_features
from collocate.networks import MLP, FourierFeatures, GatedMLP, Network, PirateNet, Separate, from_json, from_text

POINTS = np.random.default_rng(1).normal(size=(5, 2))
NETWORKS = [
    GatedMLP((4, 4), "sin", "lecun_uniform"),
    PirateNet((6, 6), "swish", 0.3, 4),
    FourierFeatures(GatedMLP((3,)), 5, (1.0, 10.0), 7),
    Separate(MLP((3,)), inputs=(None, (1,))),
    Separate((MLP((3,)), PirateNet((4,)))),
]


def values(network: Network, parameters: Any, fields: int = 1) -> np.ndarray:
    algebra = JetAlgebra(get("numpy"), JetSpace.of(2))
    inputs = stack_features([algebra.coordinate(k, POINTS[:, k : k + 1]) for k in range(2)])
    jet = network.apply(algebra, parameters, inputs, affine)
    return np.concatenate([column(jet, k)[0] for k in range(fields)], axis=1)


def filled(network: Network, outputs: int = 1) -> Any:
    """Its parameters, none of them zero."""
    rng = np.random.default_rng(2)
    return tree.map(lambda leaf: leaf + 0.3 * rng.normal(size=leaf.shape), network.initial(2, outputs, rng))


def dense(layer: dict[str, Any], x: np.ndarray) -> np.ndarray:
    return x @ layer["weight"] + layer["bias"]


def test_the_gated_network_is_its_formula() -> None:
    network = GatedMLP((4, 4), "sin")
    p = filled(network)
    first, second = (np.sin(dense(gate, POINTS)) for gate in p["gates"])
    h = POINTS
    for layer in p["layers"][:-1]:
        z = np.sin(dense(layer, h))
        h = (1 - z) * first + z * second
    np.testing.assert_allclose(values(network, p), dense(p["layers"][-1], h), rtol=1e-13)


def waves(seed: int, frequencies: int, scales: tuple[float, ...]) -> np.ndarray:
    rng = np.random.default_rng(seed)
    angles = np.concatenate([2 * np.pi * POINTS @ (s * rng.normal(size=(2, frequencies))) for s in scales], axis=1)
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def test_fourier_features_are_their_formula_with_frequencies_of_the_seed() -> None:
    network = FourierFeatures(MLP((4,)), 3, (0.5, 2.0), seed=9)
    p = filled(network)
    hidden = np.tanh(dense(p["layers"][0], waves(9, 3, (0.5, 2.0))))
    np.testing.assert_allclose(values(network, p), dense(p["layers"][1], hidden), rtol=1e-12)
    assert p["layers"][0]["weight"].shape == (12, 4)
    other = FourierFeatures(MLP((4,)), 3, (0.5, 2.0), seed=10)
    assert np.abs(values(other, p) - values(network, p)).max() > 1e-3


def test_pirate_net_is_its_formula() -> None:
    network = PirateNet((4, 4), scale=0.3, seed=5)
    p = filled(network)
    x = waves(5, 2, (0.3,))
    first, second = (np.tanh(dense(gate, x)) for gate in p["gates"])
    for block in p["blocks"]:
        inside = x
        for layer in block["layers"][:2]:
            f = np.tanh(dense(layer, inside))
            inside = (1 - f) * first + f * second
        share = block["share"]["factor"]
        x = share * np.tanh(dense(block["layers"][2], inside)) + (1 - share) * x
    np.testing.assert_allclose(values(network, p), dense(p["last"], x), rtol=1e-12)


def test_pirate_net_starts_linear_in_its_waves() -> None:
    network = PirateNet((4, 4))
    p = network.initial(2, 1, np.random.default_rng(0))
    assert all(block["share"]["factor"] == 0 for block in p["blocks"])
    np.testing.assert_allclose(values(network, p), dense(p["last"], waves(0, 2, (0.25,))), rtol=1e-12)


def test_separate_networks_share_nothing() -> None:
    network = Separate((MLP((3,)), MLP((5,))), inputs=(None, (1,)))
    p = filled(network, 2)
    left, right = p["networks"]
    found = values(network, p, 2)
    expected = dense(left["layers"][1], np.tanh(dense(left["layers"][0], POINTS)))
    np.testing.assert_allclose(found[:, :1], expected, rtol=1e-13)
    expected = dense(right["layers"][1], np.tanh(dense(right["layers"][0], POINTS[:, 1:])))
    np.testing.assert_allclose(found[:, 1:], expected, rtol=1e-13)


def test_a_template_is_replicated_with_parameters_of_its_own() -> None:
    one, two = Separate(MLP((3,))).initial(2, 2, np.random.default_rng(0))["networks"]
    assert tree.structure(one) == tree.structure(two)
    assert (one["layers"][0]["weight"] != two["layers"][0]["weight"]).all()


def test_what_a_field_does_not_see_is_a_structural_zero() -> None:
    network = Separate(MLP((3,)), inputs=((0,), None))
    algebra = JetAlgebra(get("numpy"), JetSpace.of(2, [(0, 2), (1, 0)]))
    inputs = stack_features([algebra.coordinate(k, POINTS[:, k : k + 1]) for k in range(2)])
    jet = network.apply(algebra, network.initial(2, 2, np.random.default_rng(0)), inputs, affine)
    by_y = jet[algebra.space.position((0, 1))]
    assert isinstance(by_y, Features) and by_y.columns[0] is None and by_y.columns[1] is not None


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: type(network).__name__)
def test_it_is_a_network_and_survives_json(network: Network) -> None:
    assert isinstance(network, Network)
    again = from_json(network.to_json())
    assert again == network
    p = filled(network, 2)
    np.testing.assert_array_equal(values(again, p), values(network, p))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "variance", "largest"),
    [
        ("glorot_normal", 2 / 500, None),
        ("glorot_uniform", 2 / 500, np.sqrt(6 / 500)),
        ("lecun_normal", 1 / 300, None),
        ("lecun_uniform", 1 / 300, np.sqrt(3 / 300)),
    ],
)
def test_weights_have_the_variance_of_their_name(name: str, variance: float, largest: float | None) -> None:
    layer = MLP((300, 200), initialisation=name).initial(2, 1, np.random.default_rng(0))["layers"][1]
    assert layer["weight"].var() == pytest.approx(variance, rel=0.02)
    assert not layer["bias"].any()
    if largest is not None:
        assert 0.999 * largest < np.abs(layer["weight"]).max() <= largest
    else:
        assert np.abs(layer["weight"]).max() > 3.5 * np.sqrt(variance)


def test_the_default_draws_what_it_always_drew() -> None:
    """Pinned results rest on it."""
    rng = np.random.default_rng(3)
    expected = [rng.normal(0.0, np.sqrt(2 / (i + o)), (i, o)) for i, o in ((2, 4), (4, 1))]
    found = MLP((4,)).initial(2, 1, np.random.default_rng(3))["layers"]
    assert all((layer["weight"] == weight).all() for layer, weight in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: GatedMLP((4, 5)), r"widths must be equal, as in \(4, 4\), .* same two gates; got \(4, 5\)"),
        (lambda: GatedMLP(()), "widths must be positive integers"),
        (lambda: GatedMLP(7), "widths must be positive integers"),
        (lambda: MLP((True,)), "widths must be positive integers"),
        (lambda: PirateNet((4, 6)), "widths must be equal"),
        (lambda: PirateNet((5,)), r"widths must be even, .* as in \(6,\); got \(5,\)"),
        (lambda: PirateNet(scale=-1.0), r"scale must be a positive number .* got \(-1.0,\)"),
        (lambda: PirateNet(activation="relu"), "second derivative"),
        (lambda: FourierFeatures(MLP, 4), r"network of collocate was expected, as in co.FourierFeatures\(co.MLP"),
        (lambda: FourierFeatures(MLP(), 0), "frequencies must be a positive whole number; got 0"),
        (lambda: FourierFeatures(scale=()), "scale must be a positive number"),
        (lambda: FourierFeatures(scale="big"), "scale must be a positive number"),
        (lambda: FourierFeatures(seed=-1), "seed must be a whole number, zero or more; got -1"),
        (lambda: MLP(initialisation="he"), "unknown initialisation 'he'; choose one of glorot_normal, glorot_uniform"),
        (lambda: MLP(activation=["tanh"]), "unknown activation"),
        (lambda: Separate([]), r"network of collocate was expected, as in co.Separate.*got \[\]"),
        (lambda: Separate((20, 20)), r"expected, as in co.Separate\(co.MLP"),
        (lambda: Separate(MLP(), inputs=[()]), r"tuples of column numbers, such as \(0,\), or None; got \(\)"),
        (lambda: Separate(MLP(), inputs=["x"]), "tuples of column numbers"),
    ],
)
def test_options_that_mean_nothing(build: Any, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        build()


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Separate((MLP(), MLP(), MLP())), "Separate has 3 networks for 2 fields; give one for each field"),
        (Separate(MLP(), inputs=[(0,)]), "inputs of Separate has 1 members for 2 fields"),
        (Separate(MLP(), inputs=[None, (0, 2)]), "name column 2; the network has 0 to 1"),
    ],
)
def test_networks_that_are_not_as_many_as_fields(network: Separate, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        network.initial(2, 2, np.random.default_rng(0))


@pytest.mark.parametrize(
    "document",
    [
        {"kind": ["mlp"]},
        {"kind": "fourier", "network": {"kind": "os.system"}},
        {"kind": "separate", "network": "mlp"},
        {"kind": "module", "backend": "torch", "name": "Net", "shapes": []},
        {"kind": "module", "backend": "torch", "name": "Net", "shapes": [["w", [-1]]]},
    ],
)
def test_files_that_describe_no_network(document: dict[str, Any]) -> None:
    with pytest.raises((StoreError, ValueError), match=r"network|module|dictionary"):
        from_json(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20,20,20", MLP((20, 20, 20))),
        ("gated:20, 20", GatedMLP((20, 20))),
        ("pirate:16,16", PirateNet((16, 16))),
        ("fourier:20,20", FourierFeatures(MLP((20, 20)))),
        ("separate:fourier:gated:8", Separate(FourierFeatures(GatedMLP((8,))))),
    ],
)
def test_networks_by_text(text: str, expected: Network) -> None:
    assert from_text(text) == expected


@pytest.mark.parametrize("text", ["", "a", "20,", "cnn:20", "fourier:", "gated"])
def test_texts_that_name_no_network(text: str) -> None:
    with pytest.raises(PlanError, match="like 20,20,20, perhaps after gated:"):
        from_text(text)
