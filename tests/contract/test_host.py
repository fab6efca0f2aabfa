"""The way in and out of a backend, and the choice of one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading

import numpy as np
import pytest

from collocate.backends import select
from collocate.backends.protocol import Backend
from collocate.errors import BackendError


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("value", [0.5, [1.0, 2.0], np.float32(0.5), np.ones((2, 3), np.float64), np.zeros((0, 2))])
def test_asarray_puts_floats_in_the_dtype(bk: Backend, value, dtype):
    bk = select.get(bk.name, mode="eager", dtype=dtype)
    array = bk.to_numpy(bk.asarray(value))
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, np.asarray(value, dtype))
    assert bk.to_numpy(bk.asarray(bk.asarray(value))).dtype == dtype


@pytest.mark.parametrize("value", [[True, False], [1, -2], 3])
def test_asarray_keeps_booleans_and_integers(bk: Backend, value):
    array = bk.to_numpy(bk.asarray(value))
    assert array.dtype == np.asarray(value).dtype
    np.testing.assert_array_equal(array, value)


@pytest.mark.parametrize("value", [1j, "x", None, [object()], [[1.0], [1.0, 2.0]]])
def test_asarray_refuses_what_is_not_real_numbers(bk: Backend, value):
    with pytest.raises(BackendError, match="real numbers"):
        bk.asarray(value)


@pytest.mark.parametrize("length", [3, 4096])  # frameworks share large aligned buffers, not small ones
def test_asarray_does_not_alias(bk: Backend, length: int):
    buffer = np.zeros(length)
    array = bk.asarray(buffer)
    buffer[:] = 1.0
    assert bk.to_numpy(array).max() == 0.0


def test_to_numpy_does_not_copy(bk: Backend):
    array = bk.asarray(np.arange(5.0))
    assert np.shares_memory(bk.to_numpy(array), bk.to_numpy(array))


def test_a_thread_and_user_code_without_x64_get_float64(bk: Backend):
    """JAX's x64 switch is thread-local and off; a failure is silent truncation to float32."""
    results: list[np.ndarray] = []

    def work() -> None:
        x = bk.asarray([1.0 / 3.0, 2.0 / 3.0])
        f = select.get(bk.name).compile(lambda x: bk.sum(bk.exp(x) * 0.1 + bk.where(bk.less(x, 0.5), 0.1, 0.2)))
        results.extend(map(bk.to_numpy, (x, bk.exp(x), bk.mean(x), bk.ones((2,)), f(x))))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    work()
    assert [r.dtype for r in results] == [np.float64] * 10
    x = np.array([1.0 / 3.0, 2.0 / 3.0])
    expected = [x, np.exp(x), x.mean(), np.ones(2), np.sum(np.exp(x) * 0.1 + [0.1, 0.2])]
    for result, truth in zip(results, expected * 2, strict=True):
        np.testing.assert_allclose(result, truth, rtol=1e-14)


def test_no_global_default_is_changed(bk: Backend):
    import jax
    import tensorflow as tf
    import torch

    bk.exp(bk.asarray([1.0]))
    assert not jax.config.read("jax_enable_x64")
    assert torch.get_default_dtype() is torch.float32
    assert tf.constant(0.1).dtype == tf.float32


def test_unknown_names_are_refused():
    known = "'jax', 'torch', 'tensorflow'"  # not 'numpy', which cannot train
    with pytest.raises(BackendError, match=rf"backend 'pytorch' is not known; choose one of {known}$"):
        select.get("pytorch")
    with pytest.raises(BackendError, match="mode 'fast' is not known"):
        select.get("numpy", mode="fast")  # pyright: ignore[reportArgumentType]
    with pytest.raises(BackendError, match="dtype 'float16' is not known"):
        select.get("numpy", dtype="float16")  # pyright: ignore[reportArgumentType]


def test_a_device_that_is_not_there_is_refused(bk: Backend):
    with pytest.raises(BackendError, match=r"device 'cuda:99'.*device='"):
        select.get(bk.name, device="cuda:99")
    with pytest.raises(BackendError, match="device 'abacus'"):
        select.get(bk.name, device="abacus")


@pytest.mark.parametrize("name", ["torch", "tensorflow"])
def test_a_missing_framework_names_the_extra(monkeypatch, name: str):
    monkeypatch.setattr(importlib.util, "find_spec", lambda framework: None)
    with pytest.raises(BackendError, match=rf'not installed: pip install "collocate\[{name}\]"'):
        select.get(name)
    assert select.installed() == {}


def test_selecting_imports_no_framework():
    code = (
        "import sys; from collocate.backends import select; found = select.installed(); "
        "assert set(found) == {'jax', 'torch', 'tensorflow', 'numpy'}, found; "
        "assert not {'jax', 'torch', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_torch_without_a_compiler_runs_eager_and_says_what_to_install(monkeypatch):
    import torch  # noqa: F401

    from collocate.backends import torch as adapter

    monkeypatch.setenv("CXX", "no-such-compiler")
    adapter._can_compile.cache_clear()
    try:
        with pytest.warns(UserWarning, match=r"C\+\+ compiler no-such-compiler.*apt install g\+\+"):
            bk = select.get("torch")
        assert bk.mode == "eager"
        compiled = bk.compile(lambda x: bk.exp(x))
        assert float(compiled(0.0)) == 1.0
        assert compiled.compilations == 0
    finally:
        adapter._can_compile.cache_clear()
