"""torch.export's program computes the oracle's values from a file that PyTorch alone can read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from collocate.exporting import to_pt2
from collocate.exporting.builder import Builder
from collocate.exporting.graph import Graph
from collocate.exporting.recording import Recorded

from .test_writers import check, every_operation, solution_graph

GRAPHS = {
    "every operation": lambda: every_operation("float64"),
    "every operation, single": lambda: every_operation("float32"),
    "slabs": lambda: solution_graph("float64"),
    "slabs, single": lambda: solution_graph("float32"),
}


def keywords() -> Graph:
    """Names that are keywords, Greek, or a writer's own; outputs that are inputs, and one value twice."""
    builder = Builder(["lambda", "ν", "self", "v4"], "float64")
    total = sum((Recorded(builder, k) * float(k + 1) for k in range(1, 4)), Recorded(builder, 0))
    return builder.finish({"def": total.id, "same": total.id, "v6": 2, "inputs": 0})


@pytest.mark.parametrize("graph", GRAPHS)
def test_pytorch_agrees(graph: str, tmp_path: Path):
    check(GRAPHS[graph](), to_pt2, tmp_path)


def test_names_may_be_anything_and_outputs_are_arrays_of_their_own(tmp_path: Path):
    check(keywords(), to_pt2, tmp_path)
    program = torch.export.load(tmp_path / "model.pt2").module()
    batch = {name: torch.ones(3, dtype=torch.float64) for name in ("lambda", "ν", "self", "v4")}
    found = program(batch)
    places = [value.data_ptr() for value in (*found.values(), *batch.values())]
    assert len(set(places)) == len(places)


def test_any_number_of_points_and_no_path_of_this_machine(tmp_path: Path):
    to_pt2.write(solution_graph("float64"), tmp_path)
    with zipfile.ZipFile(tmp_path / "model.pt2") as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    (model,) = (json.loads(text) for name, text in texts.items() if name.endswith("models/model.json"))
    assert [(each["min_val"], each["max_val"]) for each in model["range_constraints"].values()] == [(1, None)]
    assert not any(str(Path(__file__).parents[3]).encode() in text for text in texts.values())


def test_the_largest_batch_can_be_bounded():
    program = to_pt2.program(keywords(), 8).module()
    batch = {name: torch.ones(9, dtype=torch.float64) for name in ("lambda", "ν", "self", "v4")}
    with pytest.raises(AssertionError, match="<= 8"):
        program(batch)
    np.testing.assert_array_equal(program({name: one[:8] for name, one in batch.items()})["def"], np.full(8, 10.0))
