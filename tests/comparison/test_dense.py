"""The lectures' toy: each framework really trains in a process of its own, and what is told of a run is of that run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collocate.comparison import dense
from collocate.errors import BackendError, StatementError

TRIVIAL = "version, import_seconds, loss, ends = 'x', 0.25, 1.0, [0.0, 2.0, 2.5, 3.0]\n"


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of scripts that train nothing, in place of the frameworks'."""
    for name in dense.BACKENDS:
        (tmp_path / f"{name}.py.txt").write_text(TRIVIAL)
    (tmp_path / "measured.py.txt").write_text((dense.SCRIPTS / "measured.py.txt").read_text())
    monkeypatch.setattr(dense, "SCRIPTS", tmp_path)
    return tmp_path


@pytest.mark.slow
def test_all_three_learn_the_table():
    rows = dense.measure(repeats=1, epochs=4)
    assert [row["backend"] for row in rows] == list(dense.BACKENDS)
    variance = dense.data()["y"].var()
    for row in rows:
        assert row["failed"] is None
        assert row["loss"] < 0.8 * variance, row["backend"]
        assert len(row["epoch_seconds"]) == 4 and min(row["epoch_seconds"]) > 0
        assert row["train_seconds"] == pytest.approx(sum(row["epoch_seconds"]))
        assert row["later_seconds"] == pytest.approx(sum(row["epoch_seconds"][1:]))
        assert row["import_seconds"] > 0 and row["peak_rss_bytes"] > 50e6
        assert row["version"][0].isdigit()


def test_they_take_turns_and_each_begins_once(scripts: Path):
    told: list[str] = []
    rows = dense.measure(repeats=3, tell=told.append)
    assert "".join(row["backend"][0] for row in rows) == "ttj" + "tjt" + "jtt"
    assert [row["order"] for row in rows] == list(range(9))
    assert [row["repeat"] for row in rows] == [0] * 3 + [1] * 3 + [2] * 3
    assert told[3] == "dense, run 4, tensorflow: training 3.00 s, import 0.2 s"
    assert (rows[0]["train_seconds"], rows[0]["later_seconds"]) == (3.0, 1.0)


def test_the_memory_told_is_not_that_of_who_started_it(scripts: Path):
    """`getrusage` counts what the starting process held; a large one must not show in the run's peak."""
    held = bytearray(400_000_000)
    held[::4096] = b"x" * len(held[::4096])
    (row,) = dense.measure(["jax"], repeats=1)
    assert row["peak_rss_bytes"] < 200e6


def test_a_run_that_fails_says_why_and_the_others_go_on(scripts: Path):
    (scripts / "torch.py.txt").write_text("raise ValueError('no such kernel')\n")
    (scripts / "jax.py.txt").write_text("print('noise')\n" + TRIVIAL)
    rows = dense.measure(["torch", "jax"], repeats=2)
    assert "no such kernel" in rows[0]["failed"]
    assert rows[1]["failed"] is None
    failed, fine = dense.summary(rows)
    assert (failed["runs"], failed["failed"], failed["train_seconds"]) == (2, 2, None)
    assert fine["train_seconds"] == {"median": 3.0, "lowest": 3.0, "highest": 3.0}
    drawn = dense.table([failed, fine])
    assert "2, 2 failed" in drawn and "3.00 (3.00 to 3.00)" in drawn


def test_a_run_finds_nothing_compiled_and_no_gpu(scripts: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "somewhere")
    script = (
        "import os\nassert 'JAX_COMPILATION_CACHE_DIR' not in os.environ and os.environ['JAX_PLATFORMS'] == 'cpu'\n"
    )
    (scripts / "jax.py.txt").write_text(script + TRIVIAL)
    (row,) = dense.measure(["jax"], repeats=1)
    assert row["failed"] is None


def test_the_summary_is_median_and_spread():
    rows: list[dict[str, Any]] = [
        {"backend": "jax", "failed": None, "version": "1", "loss": loss, "train_seconds": seconds,
         "later_seconds": seconds / 2, "import_seconds": 1.0, "peak_rss_bytes": None}
        for seconds, loss in ((3.0, 0.1), (1.0, 0.3), (8.0, 0.2))
    ]  # fmt: skip
    (entry,) = dense.summary(rows)
    assert entry["train_seconds"] == {"median": 3.0, "lowest": 1.0, "highest": 8.0}
    assert (entry["loss"], entry["peak_rss_bytes"]) == (0.2, None)
    assert dense.cells(entry) == ("jax 1", "3.00 (1.00 to 8.00)", "1.500 (0.500 to 4.000)", "1.0 (1.0 to 1.0)", "",
                                  "0.20", "3")  # fmt: skip


def test_the_result_says_where_it_comes_from(scripts: Path):
    found = dense.result(["jax"], repeats=1)
    assert found["summary"] == dense.summary(found["rows"])
    assert found["settings"] == {
        "backends": ["jax"],
        "repeats": 1,
        "rows": 1024,
        "columns": 10,
        "batch": 32,
        "epochs": 10,
    }
    assert found["machine"]["cores"] >= 1 and found["machine"]["processor"]


@pytest.mark.parametrize(
    ("backends", "repeats", "error", "message"),
    [
        (["mxnet"], 1, BackendError, "'mxnet' is not known; choose from torch, tensorflow, jax"),
        (["numpy"], 1, BackendError, "'numpy' is not known"),
        ([], 1, StatementError, "at least one backend"),
        (["jax"], 0, StatementError, "0 repeats"),
    ],
)
def test_what_cannot_be_measured_is_refused(backends: list[str], repeats: int, error: type[Exception], message: str):
    with pytest.raises(error, match=message):
        dense.measure(backends, repeats)


def test_a_backend_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dense.select, "installed", lambda: {"jax": "1"})
    with pytest.raises(BackendError, match="'torch' is not installed; there are jax"):
        dense.measure(["torch"], 1)
