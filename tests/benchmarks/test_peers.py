"""The benchmark beside others, without them: what is held is skipped, loops agree."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from collocate import problems
from collocate.statement import reference_values

ROOT = Path(__file__).parents[2]


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks" / "peers"))
    import measure

    yield measure


@pytest.fixture
def page(peers: ModuleType) -> ModuleType:
    import page

    return page


def row(peers: ModuleType, case: Any, **other: Any) -> dict[str, Any]:
    found = peers.wanted(case, repeat=0) | {"date": "2026-11-26T12:00:00", "load_after": 0.1}
    found |= {"machine": {"processor": "P", "cores": 2, "load": 0.1}, "versions": {"x": "1"}, "import_seconds": 1.0}
    found |= {"turns": [0.01, 0.03, 0.02], "processor": [0.04], "first_seconds": 1.5, "peak_rss_bytes": 5e8}
    found |= {"error": 1e-3, "seconds": 50.0, "stopped_because": "time limit"}
    return found | {"curve": {"seconds": [1.0, 2.0, 4.0], "error": [1e-1, 1e-3, 1e-5]}} | other


def call(peers: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["measure.py", *map(str, words)])
    peers.main()


def test_each_runner_that_a_case_names_is_there(peers: ModuleType) -> None:
    assert all((peers.HERE / case.runner).exists() for case in (*peers.STEP, *peers.ACCURACY))
    assert {case.environment for case in (*peers.STEP, *peers.ACCURACY)} - {None} == set(peers.REQUIREMENTS)


@pytest.mark.parametrize("backend", ["torch", "tensorflow", "jax"])
def test_a_loop_by_hand_learns(peers: ModuleType, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import by_hand
    import clock

    monkeypatch.setattr(clock, "WIDTHS", (8, 8))
    monkeypatch.setattr(clock, "TURN", 5)
    short, long = (by_hand.step({"backend": backend, "repeat": 0, "steps": steps, "points": 64}) for steps in (10, 60))
    assert 0 < long["loss"] < 0.9 * short["loss"]
    assert len(long["turns"]) == len(long["processor"]) == 11 and math.isfinite(long["first_seconds"])


def test_the_truth_of_all_is_collocates(peers: ModuleType) -> None:
    import clock

    for name, (points, truth) in {"burgers": clock.burgers_grid(), "poisson2d": clock.poisson_grid()}.items():
        problem = problems.load(name).problem
        chosen = np.arange(0, len(points), 97)
        columns = dict(zip(problem.domain.names, points[chosen].T, strict=True))
        found = reference_values(problem.reference, "u", columns)
        assert np.allclose(found, truth[chosen], atol=1e-8)


def test_what_is_held_is_skipped_and_what_failed_or_was_disturbed_is_tried_again(
    peers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ran, fails, loads = tmp_path / "rows.jsonl", [], {1}, {0: 9.0}

    def run(case: Any, repeat: int, steps: int) -> dict[str, Any]:
        ran.append((case.peer, case.backend, repeat))
        return row(peers, case, repeat=repeat, load_after=loads.get(repeat, 0.1)) | (
            {"failed": "no memory"} if repeat in fails else {}
        )

    monkeypatch.setattr(peers, "run", run)
    monkeypatch.setattr(peers, "rates", lambda: {"sgemm": 1e11, "dgemm": 5e10})
    for _ in range(3):
        call(peers, monkeypatch, "step", "--only", "hand torch", "--repeats", 3, "--result", path)
        fails.clear()
        loads.clear()
    assert ran == [("hand", "torch", repeat) for repeat in (0, 1, 2, 0, 1)]
    assert [json.loads(line)["table"] for line in path.read_text().splitlines()].count("machine") == 2


def test_every_second_repeat_goes_backwards(peers: ModuleType) -> None:
    given = peers.parser().parse_args(["step", "--repeats", "2"])
    order = [case.name for case, _ in peers.asked(given)]
    assert order == [case.name for case in (*peers.STEP, *reversed(peers.STEP))]


def test_a_peer_never_sees_our_packages(peers: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "src")
    seen = {case.peer: peers._environment(case) for case in peers.STEP}
    assert "PYTHONPATH" not in seen["deepxde"] and seen["collocate"]["PYTHONPATH"] == "src"
    assert seen["deepxde"]["DDE_BACKEND"]


def test_the_tables_tell_ratios_and_what_is_missed(peers: ModuleType, page: ModuleType) -> None:
    ours, deepxde = peers.STEP[0], peers.STEP[1]
    rows = [row(peers, ours), row(peers, deepxde, turns=[0.05], peak_rss_bytes=4e8)]
    assert "| PyTorch | DeepXDE | 50.0 | 50.0 to 50.0 | 40.0 | 1.5 | 1.0 | 400 | 2.5 × (must 2) |" in page.steps(rows)
    assert "1.5 × (must 2) **missed**" in page.steps([rows[0], row(peers, deepxde, turns=[0.03])])
    assert "| PyTorch | 500 | DeepXDE 400 | 1.25 **above 1.1** |" in page.memory(rows)


def test_our_time_is_that_to_the_error_of_the_other(peers: ModuleType, page: ModuleType) -> None:
    case = next(case for case in peers.ACCURACY if case.peer == "deepxde" and case.table == "burgers")
    default = next(c for c in peers.ACCURACY if (c.peer, c.backend, c.table) == ("collocate", "jax", "burgers"))
    rows = [row(peers, case), row(peers, default)]
    assert "| Burgers | DeepXDE (PyTorch) | 1 | 1.0e-03 | 50 | – | – | 2.0 | 25.0 × (must 5) |" in page.times(rows)
    assert "| – | – | – | – |" in page.times([row(peers, case, error=1e-9), row(peers, default)])


def test_only_the_version_measured_last_is_shown(peers: ModuleType, page: ModuleType) -> None:
    old = row(peers, peers.STEP[0], version="old", date="2026-11-25", turns=[9.0])
    new = row(peers, peers.STEP[0])
    one_core = row(peers, peers.STEP[0], cores_used=-1, date="2026-11-25")
    assert page.chosen([new, one_core], peers.STEP[0]) == [new]
    assert page.chosen([new, old], peers.STEP[0]) == [new]
    assert page.chosen([old, new | {"failed": "no"}], peers.STEP[0]) == [old]


def test_a_busy_machine_voids_the_times(peers: ModuleType, page: ModuleType) -> None:
    busy = row(peers, peers.STEP[0], machine={"processor": "P", "cores": 2, "load": 3.5})
    assert "are void" in page.page([busy]) and "are void" not in page.page([row(peers, peers.STEP[0])])


def test_what_was_not_measured_has_no_section(peers: ModuleType, page: ModuleType) -> None:
    text = page.page([row(peers, peers.STEP[0])])
    assert "## A step" in text and "## Error against time" not in text


def test_the_page_and_its_figure_are_written(peers: ModuleType, page: ModuleType, tmp_path: Path) -> None:
    page.write([row(peers, case) for case in peers.STEP], tmp_path / "performance.md")
    assert (tmp_path / "figures" / "performance-step.png").stat().st_size < 200_000
    assert "# Performance" in (tmp_path / "performance.md").read_text(encoding="utf-8")


def test_the_committed_page_is_that_of_the_committed_rows(peers: ModuleType, page: ModuleType) -> None:
    import runs

    rows = [row for path in sorted(runs.RESULTS.glob("peers-*.jsonl")) for row in runs.held(path)]
    assert page.page(rows) == peers.PAGE.read_text(encoding="utf-8")
