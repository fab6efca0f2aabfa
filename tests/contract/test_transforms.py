"""Derivatives: closed forms and finite differences, eager, on the three frameworks that have them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.errors import BackendError

frameworks = pytest.mark.parametrize("bk", ["jax", "torch", "tensorflow"], indirect=True)
INSIDE = np.array([-0.7, -0.2, 0.3, 0.8])
POSITIVE = np.array([0.2, 0.9, 1.7, 3.1])
SMOOTH = {
    "exp": INSIDE, "sin": INSIDE, "cos": INSIDE, "tan": INSIDE, "sinh": INSIDE, "cosh": INSIDE, "tanh": INSIDE,
    "asin": INSIDE, "acos": INSIDE, "atan": INSIDE, "erf": INSIDE, "sigmoid": INSIDE, "abs": INSIDE,
    "log": POSITIVE, "sqrt": POSITIVE,
}  # fmt: skip
PARAMS = {
    "w": [np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.4]])],
    "b": (np.array([0.1, 0.2, -0.3]),),
    "unused": np.ones(4),
}


def host(bk: Backend, values):
    return tree.map(bk.to_numpy, values)


@frameworks
@pytest.mark.parametrize("name", SMOOTH)
def test_elementwise_derivatives_by_both_modes(bk: Backend, name: str):
    x, h, f = SMOOTH[name], 1e-6, getattr(select.get("numpy"), name)
    expected = (f(x + h) - f(x - h)) / (2 * h)
    _, forward = bk.jvp(getattr(bk, name), x, np.ones_like(x))
    _, pullback = bk.vjp(getattr(bk, name), x)
    np.testing.assert_allclose(bk.to_numpy(forward), expected, rtol=1e-8)
    np.testing.assert_allclose(bk.to_numpy(pullback(np.ones_like(x))), expected, rtol=1e-8)


@frameworks
def test_derivatives_through_shapes_and_reductions(bk: Backend):
    x = np.random.default_rng(0).normal(size=(4, 3))

    def f(bk, x):
        y = bk.concat([bk.permute(x, (1, 0)), bk.reshape(x, (3, 4))], axis=0)
        y = bk.stack([y, bk.broadcast_to(y[:1], (6, 4))], axis=1) @ x
        y = bk.where(bk.less(y, 0.1), bk.maximum(y, -1.0), bk.power(bk.abs(y), 1.5))
        parts = bk.std(y, axis=2), bk.max(y, axis=1), bk.sort(y, axis=0), bk.mean(y), bk.min(y, axis=(0, 2))
        return sum(bk.sum(part * part) for part in parts) + bk.sum(bk.atan2(y, y * y + 1.0))

    value, gradient = bk.value_and_grad(lambda x: f(bk, x))(x)
    oracle, h = select.get("numpy"), 1e-6
    expected = np.array([
        (f(oracle, x + h * e) - f(oracle, x - h * e)) / (2 * h) for e in np.eye(x.size).reshape(-1, *x.shape)
    ]).reshape(x.shape)  # fmt: skip
    np.testing.assert_allclose(bk.to_numpy(value), f(oracle, x), rtol=1e-12)
    np.testing.assert_allclose(bk.to_numpy(gradient), expected, rtol=1e-6, atol=1e-6)


@frameworks
def test_value_and_grad_over_a_tree(bk: Backend):
    """½‖xW + b‖²: the gradients are xᵀr and Σr, and zeros where a leaf is not used."""
    x = np.linspace(-1.0, 1.0, 10).reshape(5, 2)

    def half_square(params, x, scale):
        r = scale * (x @ params["w"][0] + params["b"][0])
        return 0.5 * bk.sum(r * r)

    value, gradient = bk.value_and_grad(half_square)(tree.map(bk.asarray, PARAMS), bk.asarray(x), 2.0)
    r = 2.0 * (x @ PARAMS["w"][0] + PARAMS["b"][0])
    expected = {"w": [2.0 * x.T @ r], "b": (2.0 * r.sum(axis=0),), "unused": np.zeros(4)}
    np.testing.assert_allclose(bk.to_numpy(value), 0.5 * np.sum(r * r), rtol=1e-13)
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-13), host(bk, gradient), expected)


@frameworks
def test_the_pullback_may_be_called_several_times(bk: Backend):
    a, b = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    f = lambda p: {"product": p["a"] * p["b"], "sine": [bk.sin(p["a"])], "constant": 1.0}  # noqa: E731
    value, pullback = bk.vjp(f, {"a": a, "b": b, "unused": np.ones(3)})
    np.testing.assert_allclose(bk.to_numpy(value["sine"][0]), np.sin(a))
    for c in (1.0, -2.0):
        got = pullback({"product": np.full(2, c), "sine": [np.ones(2)], "constant": 0.0})
        expected = {"a": c * b + np.cos(a), "b": c * a, "unused": np.zeros(3)}
        tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-13), host(bk, got), expected)


@frameworks
def test_jvp_over_trees(bk: Backend):
    f = lambda p: (p["a"] * p["b"], [bk.exp(p["a"])], 3.0)  # noqa: E731
    value, out = bk.jvp(f, {"a": 2.0, "b": np.array([1.0, 3.0])}, {"a": 0.5, "b": np.array([0.0, 1.0])})
    expected = (np.array([2.0, 6.0]), [np.exp(2.0)], 3.0), (np.array([0.5, 3.5]), [0.5 * np.exp(2.0)], 0.0)
    tree.map(lambda x, y: np.testing.assert_allclose(x, y), host(bk, (value, out)), expected)


@frameworks
def test_jvp_in_jvp_to_the_fourth_order(bk: Backend):
    """d⁴/dx⁴ tanh x = 16 t − 40 t³ + 24 t⁵ with t = tanh x."""

    def derivative(f):
        return lambda x: bk.jvp(f, x, bk.ones_like(x))[1]

    fourth = derivative(derivative(derivative(derivative(bk.tanh))))
    t = np.tanh(INSIDE)
    np.testing.assert_allclose(bk.to_numpy(fourth(bk.asarray(INSIDE))), 16 * t - 40 * t**3 + 24 * t**5, rtol=1e-10)


@frameworks
def test_vjp_in_vjp_and_mixed_modes(bk: Backend):
    def by_vjp(f):
        return lambda x: bk.vjp(f, x)[1](bk.ones_like(x))

    def by_jvp(f):
        return lambda x: bk.jvp(f, x, bk.ones_like(x))[1]

    for outer in (by_vjp, by_jvp):
        for inner in (by_vjp, by_jvp):
            second = outer(inner(bk.sin))(bk.asarray(INSIDE))
            np.testing.assert_allclose(bk.to_numpy(second), -np.sin(INSIDE), rtol=1e-12)


@frameworks
def test_a_captured_array_is_a_constant(bk: Backend):
    """f(y) = x y at y = x has derivative x, not 2x: a tape that watches x itself gets it wrong."""
    x = bk.asarray([1.0, 2.0])
    np.testing.assert_allclose(bk.to_numpy(bk.vjp(lambda y: x * y, x)[1](np.ones(2))), [1.0, 2.0])
    np.testing.assert_allclose(bk.to_numpy(bk.jvp(lambda y: x * y, x, np.ones(2))[1]), [1.0, 2.0])
    inner = lambda y: bk.jvp(lambda z: y * z, y, bk.ones_like(y))[1]  # noqa: E731
    np.testing.assert_allclose(bk.to_numpy(bk.jvp(inner, x, np.ones(2))[1]), [1.0, 1.0])


@frameworks
def test_stop_gradient_stops_both_modes(bk: Backend):
    f = lambda x: x * bk.stop_gradient(x)  # noqa: E731
    x = np.array([2.0, 3.0])
    np.testing.assert_allclose(bk.to_numpy(bk.vjp(f, x)[1](np.ones(2))), x)
    np.testing.assert_allclose(bk.to_numpy(bk.jvp(f, x, np.ones(2))[1]), x)


@frameworks
def test_vmap_over_trees_and_of_gradients(bk: Backend):
    """Rows of a Jacobian: vmap of value_and_grad, with a captured tree and nested arguments."""
    x = np.arange(6.0).reshape(3, 2)
    w = bk.asarray([0.5, -2.0])
    out = bk.vmap(lambda row: {"s": bk.sum(row["x"] * w) * row["k"], "c": [row["x"]]})({"x": x, "k": np.arange(3.0)})
    np.testing.assert_allclose(bk.to_numpy(out["s"]), (x @ [0.5, -2.0]) * np.arange(3.0))
    np.testing.assert_allclose(bk.to_numpy(out["c"][0]), x)
    values, rows = bk.vmap(bk.value_and_grad(lambda row: bk.sum(bk.sin(row) * w)))(bk.asarray(x))
    np.testing.assert_allclose(bk.to_numpy(values), np.sin(x) @ [0.5, -2.0], rtol=1e-13)
    np.testing.assert_allclose(bk.to_numpy(rows), np.cos(x) * [0.5, -2.0], rtol=1e-13)


@frameworks
def test_sum_over_blocks_eager(bk: Backend):
    points = {"x": np.linspace(0.0, 1.0, 12).reshape(6, 2)}
    f = bk.value_and_grad(lambda p, points: bk.sum(bk.tanh(points["x"] @ p)))
    p = np.array([[0.3], [-0.7]])
    whole = host(bk, f(bk.asarray(p), tree.map(bk.asarray, points)))
    for count in (1, 2, 6):
        parts = host(bk, bk.sum_over_blocks(f, count)(p, points))
        tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-13), parts, whole)


def test_sum_over_blocks_that_do_not_fit(bk: Backend):
    total = bk.sum_over_blocks(lambda p, x: bk.sum(x), 4)
    with pytest.raises(BackendError, match="6 points cannot be split into 4 equal blocks"):
        total(0.0, np.ones(6))
    with pytest.raises(BackendError, match="6 points"):
        total(0.0, {"x": np.ones(8), "y": np.ones(6)})


def test_sum_over_blocks_of_sets_of_different_size(bk: Backend):
    """Points inside and on a face: each set is cut into the same number of blocks, and none is lost."""
    sets = {"inside": np.arange(12.0).reshape(6, 2), "face": np.array([10.0, 20.0, 40.0])}
    total = bk.sum_over_blocks(lambda p, s: p * bk.sum(s["inside"]) + bk.sum(s["face"]), 3)
    assert float(bk.to_numpy(total(2.0, sets))) == 2 * 66 + 70


def test_numpy_says_who_has_the_transforms():
    bk = select.get("numpy")
    calls = [
        lambda: bk.value_and_grad(bk.sum), lambda: bk.jvp(bk.sin, 0.0, 1.0), lambda: bk.vjp(bk.sin, 0.0),
        lambda: bk.vmap(bk.sin),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(BackendError, match="'jax', 'torch' and 'tensorflow' have it"):
            call()
    assert math.isclose(bk.compile(lambda x: bk.sin(x))(1.0), math.sin(1.0))
