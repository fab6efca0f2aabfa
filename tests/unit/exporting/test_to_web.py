"""What of a web page runs by TensorFlow.js is what was proven, at every number of points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from collocate.errors import ExportError
from collocate.exporting import to_tfjs, to_web
from collocate.exporting.evaluate import evaluate
from collocate.exporting.graph import Graph
from collocate.exporting.parity import Difference
from collocate.exporting.record import record

from ...small import heat
from .untrained import untrained

LOST = Difference(largest=1e-6, scale=10.0, value=1e-6, place={})
Spoil = Callable[[list[str], dict[str, np.ndarray], int], None]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Spoil], list[str]]:
    """What is kept of u, u_x and u_t when TensorFlow.js computes right but for what is spoilt."""
    problem = heat()
    solution = untrained(problem)
    graph = record(solution, {"u": problem.fields[0], **{f"u_{c}": problem.fields[0].diff(c) for c in "xt"}})
    graphs: dict[Path, Graph] = {}
    write = to_tfjs.write

    def noted(graph: Graph, folder: Path) -> None:
        graphs[folder] = graph
        write(graph, folder)

    def make(spoil: Spoil) -> list[str]:
        def run(folder: Path, batches: Sequence[Mapping[str, np.ndarray]], repeats: int) -> tuple[list[Any], list[Any]]:
            computed = []
            for batch in batches:
                found = {name: each.astype(np.float32) for name, each in evaluate(graphs[folder], batch).items()}
                spoil(list(found), found, len(batch["x"]))
                computed.append(found)
            return computed, []

        monkeypatch.setattr(to_tfjs, "write", noted)
        monkeypatch.setattr(to_tfjs, "run", run)
        (tmp_path / "models").mkdir()
        return to_web._write_tfjs(graph, tmp_path, solution)

    return make


@pytest.mark.parametrize("count", [1, 7, 1000])
def test_an_output_that_is_wrong_at_any_number_of_points_is_left_out(written: Any, count: int, tmp_path: Path):
    def spoil(names: list[str], found: dict[str, np.ndarray], points: int) -> None:
        if points == count and "u_x" in names:
            found["u_x"] = found["u_x"] + 1.0

    with pytest.warns(UserWarning, match="float32 is not enough for u_x"):
        assert written(spoil) == ["u", "u_t"]
    assert '"u_x"' not in (tmp_path / "models" / "tfjs.js").read_text()


def test_an_output_that_is_lost_to_cancelling_terms_is_left_out(written: Any, monkeypatch: pytest.MonkeyPatch):
    """A residual of 1e-6 whose terms are of size 10: float32's tolerance is wider than it is."""
    proven = to_web._tfjs

    def lost(*given: Any) -> dict[str, Difference]:
        return {name: LOST if name == "u_x" else each for name, each in proven(*given).items()}

    monkeypatch.setattr(to_web, "_tfjs", lost)
    with pytest.warns(UserWarning, match="float32 is not enough for u_x"):
        assert written(lambda *_: None) == ["u", "u_t"]


@pytest.mark.parametrize("count", [1, 7, 1000])
@pytest.mark.filterwarnings("ignore:float32 is not enough")
def test_what_is_left_is_proven_again(written: Any, count: int):
    def spoil(names: list[str], found: dict[str, np.ndarray], points: int) -> None:
        if "u_x" in names:
            found["u_x"] = found["u_x"] + 1.0
        elif points == count:
            found["u"] = found["u"] + 1.0

    with pytest.raises(ExportError, match="it is not equal to its solution to 5e-06: u is off by 1 at"):
        written(spoil)
