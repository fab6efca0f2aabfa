"""Compilation: the same values as eager, one compilation for each shape, in one process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from collocate import tree
from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.errors import BackendError

frameworks = pytest.mark.parametrize("name", ["jax", "torch", "tensorflow"])
RNG = np.random.default_rng(0)
PARAMS = {
    "layers": [
        {"w": RNG.normal(size=(2, 8)), "b": RNG.normal(size=8)},
        {"w": RNG.normal(size=(8, 1)), "b": RNG.normal(size=1)},
    ],
    "k": 0.7,
}
POINTS = {"interior": {"coordinates": RNG.uniform(size=(12, 2)), "weight": np.full(12, 1 / 12), "columns": {}}}


def laplacian_loss(bk: Backend):
    """½ Σ w (Δu − k u)² for an MLP u, Δ by nested forward mode: what one training step computes."""

    def network(params, x):
        for layer in params["layers"][:-1]:
            x = bk.tanh(x @ layer["w"] + layer["b"])
        return x @ params["layers"][-1]["w"] + params["layers"][-1]["b"]

    def loss(params, points):
        x = points["interior"]["coordinates"]

        def second(axis):
            tangent = bk.broadcast_to(bk.asarray(np.eye(2)[axis]), (x.shape[0], 2))
            first = lambda y: bk.jvp(lambda z: network(params, z), y, tangent)[1]  # noqa: E731
            return bk.jvp(first, x, tangent)[1]

        r = second(0) + second(1) - params["k"] * network(params, x)
        return 0.5 * bk.sum(points["interior"]["weight"] * r[:, 0] ** 2)

    return loss


@pytest.fixture(scope="module")
def reference():
    """Loss and gradient by JAX, eager."""
    bk = select.get("jax", mode="eager")
    return tree.map(bk.to_numpy, bk.compile(bk.value_and_grad(laplacian_loss(bk)))(PARAMS, POINTS))


def close(got, expected):
    tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12), got, expected)


@frameworks
def test_loss_and_gradient_agree_and_compile_once(name: str, reference):
    bk = select.get(name)
    step = bk.compile(bk.value_and_grad(laplacian_loss(bk)))
    result = step(PARAMS, POINTS)
    assert tree.structure(result) == tree.structure(reference)
    assert type(result[1]["layers"]) is list
    close(tree.map(bk.to_numpy, result), reference)
    for k in (0.1, np.float64(0.2), bk.asarray(0.3)):  # another number, array or own array is no other function
        step({**PARAMS, "k": k}, tree.map(bk.asarray, POINTS))
    step(result[1], POINTS)
    assert step.compilations == 1


@frameworks
def test_blocks_agree_with_the_whole_and_compile_once(name: str):
    bk = select.get(name)
    f = bk.value_and_grad(lambda p, points: bk.sum(bk.tanh(points["x"] @ p["w"] + p["b"]) ** 2))
    params, points = {"w": RNG.normal(size=(2, 3)), "b": 0.5}, {"x": RNG.uniform(size=(12, 2))}
    whole = tree.map(bk.to_numpy, select.get(name, mode="eager").compile(f)(params, points))
    total = bk.sum_over_blocks(f, 3)
    for _ in range(3):
        close(tree.map(bk.to_numpy, total(params, points)), whole)
    assert total.compilations == 1


@frameworks
def test_blocks_are_summed_alike_each_time(name: str):
    """Bitwise, whichever finishes first; and threads of the framework's are left as they were."""
    before = torch.get_num_threads()
    bk = select.get(name, dtype="float32")
    total = bk.sum_over_blocks(lambda p, x: {"sum": bk.sum(bk.sin(p * x)), "rows": bk.mean(x, axis=0)}, 16)
    points = RNG.normal(size=(1600, 40))
    first = tree.map(bk.to_numpy, total(1.5, points))
    for _ in range(5):
        tree.map(np.testing.assert_array_equal, tree.map(bk.to_numpy, total(1.5, points)), first)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == torch.get_num_threads() == before


@frameworks
def test_nested_reverse_mode_compiles(name: str):
    """The pullback called twice, a derivative of a derivative by vjp, vmap inside, mixed results."""
    bk = select.get(name)

    def f(x):
        first = lambda y: bk.vjp(lambda z: bk.sin(z) * z, y)[1](bk.ones_like(y))  # noqa: E731
        value, pullback = bk.vjp(first, x)
        rows = bk.vmap(pullback)(bk.asarray(np.eye(3)))
        return {
            "first": value,
            "twice": (pullback(bk.ones_like(x)), pullback(x)),
            "rows": [rows],
            "one": 1.0,
            "none": None,
        }

    x = np.array([0.1, 0.5, -2.0])
    result = bk.compile(f)(x)
    second = 2 * np.cos(x) - x * np.sin(x)
    assert result["none"] is None
    result = tree.map(bk.to_numpy, {k: v for k, v in result.items() if k != "none"})
    close(result, {
        "first": np.sin(x) + x * np.cos(x), "twice": (second, x * second), "rows": [np.diag(second)], "one": 1.0,
    })  # fmt: skip
    assert result["one"].dtype == np.float64


@frameworks
def test_every_array_function_compiles(name: str):
    bk, oracle = select.get(name), select.get("numpy")
    x = np.linspace(0.05, 0.95, 12).reshape(3, 4)

    def f(bk, x):
        unary = [
            "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "erf", "sigmoid", "sqrt",
            "abs", "sign", "floor", "zeros_like", "ones_like", "stop_gradient",
        ]  # fmt: skip
        out = [getattr(bk, function)(x) for function in unary]
        out += [bk.atan2(x, 0.5), bk.maximum(x, 0.5), bk.minimum(x, 0.5), bk.power(x, 1.5), x @ bk.permute(x, (1, 0))]
        small = bk.logical_or(bk.less(x, 0.3), bk.logical_not(bk.less_equal(x, 0.9)))
        out.append(bk.where(bk.logical_and(bk.isfinite(x), bk.logical_or(small, bk.equal(x, 0.5))), 1.0, x))
        out += [getattr(bk, reduction)(x, axis=0) for reduction in ("sum", "mean", "max", "min", "std")]
        out += [bk.sort(-x, axis=1), bk.concat([x, bk.ones((1, 4)), bk.zeros((1, 4))]), bk.stack([x, 2.0 * x], axis=1)]
        return [*out, bk.broadcast_to(bk.reshape(x, (12,)), (2, 12)), x[:, None, 1:]]

    close([bk.to_numpy(array) for array in bk.compile(lambda x: f(bk, x))(x)], f(oracle, x))


@frameworks
def test_shapes_and_closures_each_have_a_compilation_of_their_own(name: str):
    """More of either than torch.compile's limit of eight for one piece of code."""
    bk = select.get(name)
    twice = bk.compile(lambda x: bk.sum(x) * 2.0)
    for length in range(1, 10):
        assert float(twice(np.ones(length))) == 2.0 * length
    assert twice.compilations == 9

    def shifted(by):
        return bk.compile(lambda x: x + by)

    functions = [shifted(bk.asarray(float(i))) for i in range(9)]
    assert [float(f(0.5)) for f in functions] == [i + 0.5 for i in range(9)]
    assert [f.compilations for f in functions] == [1] * 9


@frameworks
def test_compiled_functions_nest(name: str):
    bk = select.get(name)
    cube = bk.compile(lambda x: x * x * x)
    outer = bk.compile(lambda x: cube(x) + bk.jvp(cube, x, bk.ones_like(x))[1])
    assert float(outer(2.0)) == 8.0 + 12.0
    assert float(bk.value_and_grad(cube)(bk.asarray(2.0))[1]) == 12.0
    views = cube(bk.permute(bk.asarray(np.arange(6.0).reshape(2, 3)), (1, 0)))  # other strides than the first call's
    np.testing.assert_allclose(bk.to_numpy(views), np.arange(6.0).reshape(2, 3).T ** 3)
    np.testing.assert_allclose(bk.to_numpy(cube(np.ones((3, 2)))), 1.0)


@frameworks
def test_float32_stays_float32(name: str):
    bk = select.get(name, dtype="float32")
    f = bk.compile(lambda x, k: (bk.where(bk.less(x, 0.5), 0.1, x) * 0.1 + bk.ones((2,)) / 3.0, bk.mean(x) * k))
    results = [bk.to_numpy(r) for r in f(np.array([0.25, 0.75]), 2.0)]
    assert [r.dtype for r in results] == [np.float32] * 2
    np.testing.assert_allclose(results[0], np.array([0.01, 0.075]) + 1 / 3, rtol=1e-6)


@frameworks
def test_blocks_that_do_not_fit(name: str):
    bk = select.get(name)
    with pytest.raises(BackendError, match="6 points cannot be split into 4 equal blocks"):
        bk.sum_over_blocks(lambda p, x: bk.sum(x), 4)(0.0, np.ones(6))


@frameworks
def test_blocks_of_sets_of_different_size(name: str):
    bk = select.get(name)
    sets = {"inside": np.arange(12.0).reshape(6, 2), "face": np.array([10.0, 20.0, 40.0])}
    total = bk.sum_over_blocks(lambda p, s: p * bk.sum(s["inside"]) + bk.sum(s["face"]), 3)
    assert float(bk.to_numpy(total(2.0, sets))) == 2 * 66 + 70
