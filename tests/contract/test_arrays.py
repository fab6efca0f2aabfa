"""Array functions: values equal to NumPy's, eager, on awkward arguments."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from collocate.backends import select
from collocate.backends.protocol import Backend

INF = np.inf
ANY = np.array([0.0, -0.0, 1e-300, 1e-8, -1e-8, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, 20.0, -20.0, 700.0, -750.0, INF, -INF])
FINITE = ANY[np.isfinite(ANY)]
UNIT = np.array([0.0, -0.0, 1e-300, 1e-8, -1e-8, 0.5, -0.5, 0.999999, 1.0, -1.0])
POSITIVE = np.array([0.0, 1e-300, 1e-8, 0.5, 1.0, 2.5, 1e8, INF])
X, Y = (grid.ravel() for grid in np.meshgrid(FINITE, FINITE))
TRUTH = np.array([True, True, False, False]), np.array([True, False, True, False])

ELEMENTWISE = {
    "exp": (np.exp, ANY), "log": (np.log, POSITIVE), "sqrt": (np.sqrt, POSITIVE), "sin": (np.sin, FINITE),
    "cos": (np.cos, FINITE), "tan": (np.tan, FINITE), "sinh": (np.sinh, ANY), "cosh": (np.cosh, ANY),
    "tanh": (np.tanh, ANY), "asin": (np.arcsin, UNIT), "acos": (np.arccos, UNIT), "atan": (np.arctan, ANY),
    "atan2": (np.arctan2, X, Y), "erf": (special.erf, FINITE), "sigmoid": (special.expit, ANY), "abs": (np.abs, ANY),
    "sign": (np.sign, ANY), "floor": (np.floor, ANY), "maximum": (np.maximum, X, Y), "minimum": (np.minimum, X, Y),
    "less": (np.less, X, Y), "less_equal": (np.less_equal, X, Y), "equal": (np.equal, X, Y),
    "logical_and": (np.logical_and, *TRUTH), "logical_or": (np.logical_or, *TRUTH),
    "logical_not": (np.logical_not, TRUTH[0]), "isfinite": (np.isfinite, np.append(ANY, np.nan)),
    "zeros_like": (np.zeros_like, ANY), "ones_like": (np.ones_like, ANY), "stop_gradient": (np.asarray, ANY),
    "matmul": (np.matmul, np.arange(24.0).reshape(2, 3, 4) / 7, np.arange(20.0).reshape(4, 5) / 3),
    "power": (np.power, [0.0, 0.0, 2.0, -2.0, -2.0, 1e-8, 9.0, 0.0], [0.0, 2.0, -1.5, 3.0, -2.0, 2.0, 0.5, -1.0]),
}  # fmt: skip
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_values(bk: Backend, name: str, dtype):
    bk = select.get(bk.name, mode="eager", dtype=dtype)
    oracle, *values = ELEMENTWISE[name]
    with np.errstate(all="ignore"):
        arguments = [a if a.dtype == bool else a.astype(dtype) for a in map(np.asarray, values)]
        expected = oracle(*arguments)
        result = bk.to_numpy(getattr(bk, name)(*map(bk.asarray, arguments)))
    assert result.dtype == expected.dtype
    np.testing.assert_allclose(result, expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * 1e-3)


def test_every_name_of_the_protocol_is_there(bk: Backend):
    methods = [name for name, value in vars(Backend).items() if callable(value) and not name.startswith("_")]
    missing = [name for name in (*Backend.__annotations__, *methods) if not hasattr(bk, name)]
    assert missing == []
    assert {name for name, kind in Backend.__annotations__.items() if kind in ("Unary", "Binary")} == set(ELEMENTWISE)
    assert (bk.dtype, bk.device, bk.mode) == ("float64", "cpu", "eager")
    assert bk.version[0].isdigit()


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "std"])
def test_reductions(bk: Backend, name: str, axis, keepdims: bool):
    x = np.random.default_rng(0).normal(size=(3, 4, 5)) * 10.0 + 3.0
    result = bk.to_numpy(getattr(bk, name)(bk.asarray(x), axis=axis, keepdims=keepdims))
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert result.shape == expected.shape
    np.testing.assert_allclose(result, expected, rtol=1e-12)


def test_std_is_the_population_s(bk: Backend):
    assert float(bk.std(bk.asarray([1.0, 3.0]))) == 1.0


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_sort_returns_the_values(bk: Backend, axis: int):
    x = np.array([[3.0, -INF, 0.5, 3.0], [2.0, INF, -0.5, 7.0]])
    np.testing.assert_array_equal(bk.to_numpy(bk.sort(bk.asarray(x), axis=axis)), np.sort(x, axis=axis))


def test_shapes(bk: Backend):
    value = np.arange(6.0).reshape(2, 3)
    x = bk.asarray(value)
    cases = [
        (bk.permute(x, (1, 0)), value.T),
        (bk.reshape(x, (3, 2)), value.reshape(3, 2)),
        (bk.reshape(x, (-1,)), value.ravel()),
        (bk.concat([x, x], axis=1), np.concatenate([value, value], axis=1)),
        (bk.stack([x, x], axis=-1), np.stack([value, value], axis=-1)),
        (bk.broadcast_to(x[:1], (4, 3)), np.broadcast_to(value[:1], (4, 3))),
        (bk.broadcast_to(2.0, (2, 2)), np.full((2, 2), 2.0)),
        (bk.zeros((2, 0)), np.zeros((2, 0))),
        (bk.ones((2,)), np.ones(2)),
        (x[:, None, 1:], value[:, None, 1:]),
        (x[..., 0], value[:, 0]),
    ]
    for result, expected in cases:
        assert bk.to_numpy(result).dtype == np.float64
        np.testing.assert_array_equal(bk.to_numpy(result), expected)


def test_python_numbers_stand_for_arrays(bk: Backend):
    x = bk.asarray([-1.0, 0.1, 2.0])
    cases = [
        (bk.maximum(x, 0.1), [0.1, 0.1, 2.0]),
        (bk.power(2.0, x), [0.5, 2.0**0.1, 4.0]),
        (bk.atan2(0.1, x), np.arctan2(0.1, [-1.0, 0.1, 2.0])),
        (bk.where(bk.less(x, 0.1), 0.1, 0.3), [0.1, 0.3, 0.3]),
        (bk.where(bk.equal(x, 2), x, 0), [0.0, 0.0, 2.0]),
        (bk.exp(0.1), np.exp(0.1)),
    ]
    for result, expected in cases:
        assert bk.to_numpy(result).dtype == np.float64
        np.testing.assert_allclose(bk.to_numpy(result), expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_operators_keep_the_dtype_in_scope(bk: Backend, dtype):
    bk = select.get(bk.name, mode="eager", dtype=dtype)
    value = np.array([[0.1, 2.0], [3.0, -4.0]], dtype)
    x = bk.asarray(value)
    with bk.scope():
        result = bk.to_numpy(0.1 - (-x * 2.0 + 1.0) @ x / 3.0 + x**2 - 1.0 / x)
    assert result.dtype == dtype
    expected = 0.1 - (-value * 2.0 + 1.0) @ value / 3.0 + value**2 - 1.0 / value
    np.testing.assert_allclose(result, expected, rtol=10 * TOLERANCE[dtype])
