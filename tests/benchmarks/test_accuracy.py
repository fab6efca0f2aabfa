"""The accuracy benchmark without training: what is held is skipped, curves are thinned, tables tell what rows hold."""

from __future__ import annotations

import argparse
import json
import math
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate import problems

ROOT = Path(__file__).parents[2]


@pytest.fixture
def accuracy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import accuracy

    yield accuracy


@pytest.fixture
def runs(accuracy: ModuleType) -> ModuleType:
    return accuracy.runs


@pytest.fixture
def page(accuracy: ModuleType) -> ModuleType:
    return accuracy.accuracy_page


def row(name: str = "poisson2d", error: float | None = 2e-10, **other: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"problem": name, "backend": "jax", "seed": 0, "variant": None, "time_limit": None}
    found |= {"version": "v2", "relative_l2": {"u": error}, "train_seconds": 5.2, "total_seconds": 7.3, "steps": 90}
    found |= {"parameters": 337, "points": {"interior": 1500, "left": 20}, "stopped_because": "no more progress"}
    found |= {"date": "2026-11-26T12:00:00", "commit": "abc", "machine": {"processor": "P", "cores": 2, "load": 0.1}}
    return found | {"versions": {"jax": "1"}, "curve": {"seconds": [0.1, 1.0, 5.0], "u": [1.0, 1e-4, 2e-10]}} | other


def call(accuracy: ModuleType, monkeypatch: pytest.MonkeyPatch, *words: object) -> None:
    monkeypatch.setattr("sys.argv", ["accuracy.py", *map(str, words)])
    accuracy.main()


def test_what_is_held_is_skipped_and_what_failed_is_tried_again(
    accuracy: ModuleType, runs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ran, fails = tmp_path / "rows.jsonl", [], {1}

    def run(asked: dict[str, Any], keep: Path | None) -> dict[str, Any]:
        ran.append((asked["problem"], asked["seed"], keep))
        told = {"failed": "no memory"} if asked["seed"] in fails else {}
        return row() | asked | told

    monkeypatch.setattr(runs, "run", run)
    for more in ((), ("--keep", tmp_path)):
        call(accuracy, monkeypatch, "run", "burgers", "--seeds", 0, 1, "--result", path, *more)
        fails.clear()
    assert ran == [("burgers", 0, None), ("burgers", 1, None), ("burgers", 1, None)]
    call(accuracy, monkeypatch, "run", "heat1d", "burgers", "--result", path, "--keep", tmp_path)
    assert ran[3:] == [("heat1d", 0, tmp_path / "heat1d"), ("burgers", 2, None)]
    assert [json.loads(line)["seed"] for line in path.read_text().splitlines()] == [0, 1, 1, 0, 2]


@pytest.mark.parametrize(
    "other", [{"problem": "heat1d"}, {"backend": "torch"}, {"seed": 1}, {"variant": "soft"}, {"time_limit": 5.0},
              {"version": "another"}], ids=lambda other: next(iter(other)),
)  # fmt: skip
def test_each_part_of_the_key_makes_another_run(runs: ModuleType, tmp_path: Path, other: dict[str, Any]) -> None:
    asked, path = runs.wanted("poisson2d", "jax", 0), tmp_path / "rows.jsonl"
    runs.add(row() | asked, path)
    assert list(runs.missing([asked, asked | other], path)) == [asked | other]


def test_the_version_follows_the_problem_and_what_trains_it_and_nothing_else(
    runs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*runs.DECISIVE, "problems/heat1d.py", "problems/burgers.py", "cli", "solution/plotting.py"):
        path = tmp_path / name if name.endswith(".py") else tmp_path / name / "inner" / "source.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(runs, "SOURCES", tmp_path)
    before = runs.version("heat1d")
    for changed, follows in {
        "cli/inner/source.py": False, "solution/plotting.py": False, "problems/burgers.py": False,
        "problems/heat1d.py": True, "training/inner/source.py": True, "solution/solve.py": True, "tree.py": True,
    }.items():  # fmt: skip
        (tmp_path / changed).write_text("changed")
        assert (runs.version("heat1d") != before) is follows, changed
        before = runs.version("heat1d")


def test_every_decisive_source_is_there(runs: ModuleType) -> None:
    assert all((runs.SOURCES / part).exists() for part in runs.DECISIVE)


def test_a_run_that_fails_leaves_a_row_that_says_why(accuracy: ModuleType, runs: ModuleType) -> None:
    found = runs.run(runs.wanted("poisson2d", "no_such_backend", 0))
    assert "no_such_backend" in found["failed"] and found["problem"] == "poisson2d"
    assert "failed: " in accuracy.told(found)


def test_a_run_is_the_plain_command_without_what_slows_blas(runs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def run(command: list[str], **given: Any) -> subprocess.CompletedProcess[str]:
        seen.update(given, command=command)
        return subprocess.CompletedProcess(command, 2, "", "error")

    monkeypatch.setattr(runs, "commit", lambda: "abc")
    monkeypatch.setattr(runs.subprocess, "run", run)
    for name in runs.SLOWING:
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("KEPT", "1")
    runs.run(runs.wanted("heat1d", "torch", 3, 5.0))
    assert seen["env"].get("KEPT") == "1" and not set(runs.SLOWING) & set(seen["env"])
    words = " ".join(seen["command"])
    assert "solve heat1d --json --quiet" in words and "--backend torch --seed 3 --time-limit 5.0" in words
    assert "variants.py" not in words
    runs.run(runs.wanted("heat1d", "torch", 3, 5.0, "soft"))
    assert "variants.py soft solve heat1d" in " ".join(seen["command"])


def test_a_curve_tells_what_training_would_have_returned(runs: ModuleType) -> None:
    history = {"step": [1, 2, 3, 4], "seconds": [1.0, 2.0, 3.0, 4.0], "heldout": [0.5, 0.1, 0.3, math.inf]}
    history["loss"] = history["heldout"]
    found = runs.curve(history | {"error u": [0.9, 0.2, 0.05, math.nan], "error p": [0.8, 0.7, 0.6, 0.5]})
    assert found == {"seconds": [1.0, 2.0, 3.0], "u": [0.9, 0.2, 0.2], "p": [0.8, 0.7, 0.7]}
    assert runs.curve(history) == {} == runs.curve({})


def test_a_long_curve_is_thinned_evenly_in_log_time_with_both_ends(runs: ModuleType) -> None:
    seconds = np.linspace(0.01, 100.0, 10_000)
    shown = runs.recorded.thinned(seconds)
    assert len(shown) <= runs.recorded.POINTS and shown[0] == 0 and shown[-1] == len(seconds) - 1
    late = np.log(seconds[shown][-30:])
    assert np.allclose(np.diff(late), np.diff(late).mean(), rtol=0.05)
    assert np.array_equal(runs.recorded.thinned(seconds[:5]), np.arange(5))


def test_the_table_shows_median_and_worst_beside_the_bar_and_the_published(page: ModuleType) -> None:
    rows = [row(error=value, seed=seed) for seed, value in enumerate((2e-10, 1.5e-9, 4e-10))]
    line = next(line for line in page.results(rows).splitlines() if line.startswith("| poisson2d"))
    assert "| 1e-9 | 4.0e-10 | 1.5e-9 | – | 3 | 5 | 7 | 337 | 1,520 | 1e-6 to 1e-8: energy" in line
    # The median is above the bar, or the worst above ten times the bar.
    assert "2.0e-9 **missed**" in page.results([row(error=2e-9, seed=0)])
    assert "1.1e-8 **missed**" in page.results([*rows, row(error=1.1e-8, seed=3)])
    assert "| 3.0e-10 |" in page.results([row(error=2e-10, seed=0, error_estimate=3e-10)])
    assert "| heat1d | 1e-8 | – |" in page.results(rows)


def test_an_unknown_error_is_no_result_and_a_miss(page: ModuleType) -> None:
    for unknown in ({"u": None}, None):
        assert "no result **missed**" in page.results([row(relative_l2=unknown)])


def test_the_worst_field_is_judged_and_pressure_is_shown_apart(page: ModuleType) -> None:
    rows = [row("kovasznay", relative_l2={"u": 1e-9, "v": 3e-8, "p": 4e-3})]
    assert page.error(rows[0]) == 3e-8
    assert "kovasznay 4.0e-3" in page.pressures(rows) and "missed" not in page.results(rows)
    assert page.pressures([row()]) == ""


def test_only_the_version_and_limit_measured_last_are_shown(page: ModuleType) -> None:
    old = [row(error=1e-3, seed=seed, version="v1", date="2026-11-25") for seed in range(3)]
    assert list(page.chosen([*old, row(seed=1)], "poisson2d")) == [1]
    assert list(page.chosen([*old, row(seed=1, failed="no")], "poisson2d")) == [0, 1, 2]
    again = row(error=1e-12, date="2026-11-27")
    assert page.chosen([again, row()], "poisson2d")[0] is again
    assert "| 5 (limit 9) |" in page.results([row(time_limit=9.0)])


def test_frameworks_are_compared_on_the_seeds_that_all_have(page: ModuleType) -> None:
    rows = [row(seed=0), row(error=1e-3, seed=1), row(backend="torch", error=1e-8), row("heat1d", backend="tensorflow")]
    assert "| poisson2d | 1 | 2.0e-10 | 9.7 | 5 | 1.0e-8 | 8.0 | 5 | – | – | – |" in page.backends(rows)


def ablation_rows(accuracy: ModuleType) -> list[dict[str, Any]]:
    errors = dict(zip(accuracy.VARIANTS, (1e-9, 1e-4, 1e-6, 1e-9, 1e-8, 1e-5), strict=True))
    return [row(error=error, variant=name, time_limit=120.0) for name, error in errors.items()]


def test_the_ablation_tells_digits_lost_and_leaves_the_plain_table_alone(
    accuracy: ModuleType, page: ModuleType
) -> None:
    rows = ablation_rows(accuracy)
    lines = page.ablation(rows).splitlines()[2:]
    assert [line.split(" | ")[4] for line in lines] == ["", "5.0", "3.0", "0.0", "1.0", "4.0"]
    assert "| poisson2d | 1e-9 | – |" in page.results(rows)
    assert page.limits(rows) == "120 s"
    other = [rows[0], rows[1] | {"version": "v1"}]
    assert list(page.ablated(other, "poisson2d")) == ["default"]


def test_variants_are_run_for_each_problem_and_seed(accuracy: ModuleType) -> None:
    given = argparse.Namespace(command="ablation", names=["heat1d"], backend="jax", seeds=[0, 1], time_limit=9.0)
    asked = list(accuracy.asked(given))
    assert [(each["seed"], each["variant"]) for each in asked] == [(s, v) for s in (0, 1) for v in accuracy.VARIANTS]
    assert {each["time_limit"] for each in asked} == {9.0}


def test_a_variant_turns_off_one_part_of_the_plan(accuracy: ModuleType) -> None:
    plan = co.plan(problems.load("burgers").problem)
    changed = {name: variant.change(plan) for name, variant in accuracy.VARIANTS.items()}
    assert all(changed[name] == plan for name in ("default", "soft", "float32"))
    assert [phase.algorithm for phase in changed["first_order"].phases] == ["adam", "lbfgs"]
    assert plan.phases[0].adaptive and not changed["uniform"].phases[0].adaptive
    bare = changed["unscaled"]
    assert bare.stages[0].features == plan.symbols and bare.stages[0].scales == (1.0,)
    assert plan.terms[0].scale != 1.0 and bare.terms[0].scale == 1.0
    for found, same in ((bare, ("phases", "point_sets", "trials")), (changed["first_order"], ("terms", "stages"))):
        assert all(getattr(found, name) == getattr(plan, name) for name in same)
    circle = co.plan(problems.load("advection").problem)
    assert accuracy.VARIANTS["unscaled"].change(circle).stages[0].features[0].has(*circle.symbols[:1])


def test_the_page_and_its_figures_are_written(accuracy: ModuleType, page: ModuleType, tmp_path: Path) -> None:
    rows = [*ablation_rows(accuracy), row(), row(seed=1), row("lotka_volterra", curve={})]
    page.write(rows, tmp_path / "accuracy.md")
    text = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    assert text == page.page(rows)
    for name in ("accuracy-time", "accuracy-ablation"):
        assert f"(figures/{name}.png)" in text and (tmp_path / "figures" / f"{name}.png").stat().st_size < 200_000


def test_the_median_curve_holds_the_value_of_a_seed_that_has_ended(page: ModuleType) -> None:
    lines = [(np.array([1.0, 2.0]), np.array([1.0, 0.1])), (np.array([1.5, 4.0]), np.array([0.5, 0.3]))]
    times, errors = page.accuracy_figures.median(lines)
    assert np.array_equal(times, [1.5, 2.0, 4.0]) and np.allclose(errors, [0.75, 0.3, 0.2])


def test_the_committed_page_is_that_of_the_committed_rows(page: ModuleType, runs: ModuleType) -> None:
    rows = [row for path in sorted(runs.RESULTS.glob("accuracy-*.jsonl")) for row in runs.held(path)]
    assert (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8") == page.page(rows)


def test_only_what_the_zoo_holds_can_be_asked_for(
    accuracy: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        call(accuracy, monkeypatch, "run", "posson2d")
    assert "no problem is called posson2d" in capsys.readouterr().err
