"""StableHLO by jax.export computes the oracle's values, for every platform, and its text can be read."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.export
import numpy as np
import pytest

from collocate.exporting import to_stablehlo

from .test_to_pt2 import GRAPHS, keywords
from .test_writers import check, every_operation, solution_graph


@pytest.mark.parametrize("graph", GRAPHS)
def test_jax_agrees(graph: str, tmp_path: Path):
    check(GRAPHS[graph](), to_stablehlo, tmp_path)


def test_names_may_be_anything(tmp_path: Path):
    check(keywords(), to_stablehlo, tmp_path)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_it_is_for_every_platform_and_any_number_of_points(dtype: str, tmp_path: Path):
    to_stablehlo.write(every_operation(dtype), tmp_path)
    exported = jax.export.deserialize(bytearray((tmp_path / "model.jax_export").read_bytes()))
    assert exported.platforms == ("cpu", "cuda", "tpu")
    assert [(str(aval.shape), aval.dtype) for aval in exported.in_avals] == [("(N,)", dtype)] * 2
    wrong = {name: np.ones(3, "float32" if dtype == "float64" else "float64") for name in "xy"}
    with jax.enable_x64(True), pytest.raises(ValueError, match="Dtype mismatch"):
        exported.call(wrong)


def test_products_keep_all_digits_on_gpus_too(tmp_path: Path):
    to_stablehlo.write(solution_graph("float32"), tmp_path)
    products = [line for line in (tmp_path / "model.mlir").read_text().splitlines() if "stablehlo.dot_general" in line]
    assert products and all("precision = [HIGHEST, HIGHEST]" in line for line in products)


def test_the_text_is_readable_and_neither_file_has_a_path_of_this_machine(tmp_path: Path):
    to_stablehlo.write(solution_graph("float64"), tmp_path)
    text = (tmp_path / "model.mlir").read_text()
    assert "stablehlo.tanh" in text and "loc(" not in text
    for file in tmp_path.iterdir():
        assert str(Path(__file__).parents[3]).encode() not in file.read_bytes()
    assert len(list(tmp_path.iterdir())) == 2
