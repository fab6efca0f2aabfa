"""The order of runs, what a failure or Ctrl-C leaves, and what is gone on with."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import collocate as co
from collocate.comparison import loop
from collocate.comparison.loop import Progress, Results
from collocate.errors import PlanError, StoreError

from .faked import FOUND, Runner, blank, settings

TORCH, JAX = (f"poisson2d/{backend}/compiled/float64/jets/auto" for backend in ("torch", "jax"))


def measured(runner: Runner, **changed: Any) -> tuple[Results, list[Results], list[Progress]]:
    """The results, their states as they were kept, and what was told."""
    chosen = settings(**changed)
    results, kept, told = blank(chosen), [], []
    loop.measure(results, chosen, runner, lambda found: kept.append(copy.deepcopy(found)), told.append)
    return results, kept, told


def test_orders_alternate():
    runner = Runner()
    results, _, _ = measured(runner)
    assert runner.asked == [TORCH, JAX, JAX, TORCH, TORCH, JAX]
    assert [[run["order"] for run in case["runs"]] for case in results["cases"]] == [[0, 3, 4], [1, 2, 5]]
    assert [[run["repeat"] for run in case["runs"]] for case in results["cases"]] == [[0, 1, 2]] * 2


def test_every_combination_is_a_case():
    made = blank(settings(modes=("compiled", "eager"), dtypes=("float64", "float32"), optimizers=("auto", "adam")))
    assert len({case["id"] for case in made["cases"]}) == 2 * 2 * 2 * 2


def test_what_all_runs_have_in_common_goes_to_the_case():
    results, _, _ = measured(Runner(), repeats=1)
    case = results["cases"][0]
    assert (case["parameters"], case["points"]) == (337, {"interior": 1500})
    assert "parameters" not in case["runs"][0] and case["runs"][0]["first_loss"] == 0.5
    assert json.loads(json.dumps(results, allow_nan=False)) == results


def test_a_failed_case_is_a_row_and_the_rest_goes_on():
    runner = Runner()
    runner.answers[TORCH] = {"failed": "out of memory"}
    results, _, told = measured(runner)
    torch, jax = results["cases"]
    assert [run["failed"] for run in torch["runs"]] == ["out of memory"] * 3
    assert [run["failed"] for run in jax["runs"]] == [None] * 3
    assert set(torch["runs"][0]) == set(jax["runs"][0])
    assert results["made"]["finished"] and len(told) == 12


def test_results_are_kept_after_each_run_and_an_interruption_loses_none():
    runner = Runner()
    runner.answers[JAX] = KeyboardInterrupt()
    results, kept, told = measured(runner)
    assert [sum(len(case["runs"]) for case in each["cases"]) for each in kept] == [1, 1]
    assert results["made"] | {"date": None} == kept[-1]["made"] | {"date": None}
    assert (results["made"]["finished"], results["made"]["stopped_because"]) == (False, "interrupted")
    assert [progress.run is None for progress in told] == [True, False, True]


def test_resume_makes_what_is_missing_and_what_failed(tmp_path: Path):
    runner, chosen = Runner(), settings(repeats=2)
    runner.answers |= {TORCH: {"failed": "out of memory"}, JAX: KeyboardInterrupt()}
    before = blank(chosen)
    loop.measure(before, chosen, runner, lambda found: loop.write(found, tmp_path))
    again, results = Runner(), loop.resumed(tmp_path, chosen)
    again.answers[JAX] = {**FOUND, "first_loss": 0.5 * (1 + 1e-12)}
    loop.measure(results, chosen, again, lambda found: loop.write(found, tmp_path))
    assert again.asked == [TORCH, JAX, JAX, TORCH]
    assert results["made"]["finished"]
    complete = Runner()
    loop.measure(results, chosen, complete, lambda found: None)
    assert complete.asked == []
    assert json.loads((tmp_path / "results.json").read_text())["agreement"][0]["agrees"]


def test_resume_with_other_settings_is_refused(tmp_path: Path):
    chosen = settings()
    loop.write(blank(chosen), tmp_path)
    with pytest.raises(PlanError, match=r"repeats 3, and now 4 is asked for"):
        loop.resumed(tmp_path, settings(repeats=4))
    with pytest.raises(PlanError, match=r"backends \['torch', 'jax'\]"):
        loop.resumed(tmp_path, settings(backends=("jax",)))


def test_resume_with_another_version_is_refused(tmp_path: Path):
    chosen = settings()
    results = blank(chosen)
    results["versions"]["jax"] = "0.0.1"
    loop.write(results, tmp_path)
    with pytest.raises(PlanError, match=r"versions .*0\.0\.1"):
        loop.resumed(tmp_path, chosen)


@pytest.mark.parametrize("text", [None, "{", "[]", '{"schema": 1}'])
def test_resume_needs_results(tmp_path: Path, text: str | None):
    if text is not None:
        (tmp_path / "results.json").write_text(text)
    with pytest.raises(StoreError, match="no comparison to go on with"):
        loop.resumed(tmp_path, settings())


def test_a_comparison_is_never_written_over(tmp_path: Path):
    loop.write(blank(settings()), tmp_path)
    with pytest.raises(PlanError, match="holds a comparison already"):
        co.compare("poisson2d", out=tmp_path)
    with pytest.raises(PlanError, match="resume needs out"):
        co.compare("poisson2d", resume=True)
