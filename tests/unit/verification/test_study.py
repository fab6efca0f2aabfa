"""Convergence studies: what is compared, the rates, and that a second call makes only what is missing."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import collocate as co
from collocate import tree
from collocate.errors import PlanError, StoreError
from collocate.verification import study
from collocate.verification.study import Run

from ...small import bar

SETTINGS = {"steps": 15}


def run(points: int, width: int, seed: int, error: float) -> Run:
    return Run(points, width, seed, 100, error, 10 * error, 5, 0.1)


def test_rates_are_of_medians_between_numbers_of_points():
    errors = {100: (4e-3, 1e-3, 9e-3), 200: (1e-3, 0.5e-3, 2e-3)}
    runs = tuple(run(points, 8, seed, e) for points, row in errors.items() for seed, e in enumerate(row))
    first, second = co.Study("p", "the reference", runs).table()
    assert first["rate"] is None and (first["median"], first["worst"]) == (4e-3, 9e-3)
    assert second["rate"] == pytest.approx(2.0)
    assert second["seeds"] == 3


def test_rates_are_by_width_where_the_points_do_not_vary():
    runs = (run(100, 4, 0, 8e-3), run(100, 8, 0, 1e-3))
    assert co.Study("p", "the reference", runs).table()[1]["rate"] == pytest.approx(3.0)
    runs = (run(100, 4, 0, 8e-3), run(200, 4, 0, 4e-3), run(100, 8, 0, 1e-3))
    assert [row["rate"] for row in co.Study("p", "the reference", runs).table()] == [None, pytest.approx(1.0), None]


def test_errors_are_those_of_the_solutions(tmp_path: Path):
    found = co.convergence(bar(), points=[30, 60], widths=[4], seeds=[0, 1], out=tmp_path, **SETTINGS)
    assert [(each.points, each.width, each.seed) for each in found.runs] == [
        (30, 4, 0), (30, 4, 1), (60, 4, 0), (60, 4, 1),
    ]  # fmt: skip
    alone = co.solve(bar(), network=(4, 4), points=60, seed=1, callbacks=(), **SETTINGS)
    assert found.runs[-1].error == pytest.approx(alone.error(), rel=1e-6)
    rows = list(csv.DictReader(io.StringIO(found.to_csv())))
    assert [float(row["error"]) for row in rows] == [each.error for each in found.runs]
    assert "relative L2 error against the reference" in str(found)
    found.plot(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 5000


def test_runs_that_are_there_are_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    made = []
    solve = study.solve
    monkeypatch.setattr(study, "solve", lambda *given, **options: made.append(options) or solve(*given, **options))
    first = co.convergence(bar(), points=[30], widths=[4], seeds=[0], out=tmp_path, **SETTINGS)
    again = co.convergence(bar(), points=[30], widths=[4], seeds=[0, 1], out=tmp_path, **SETTINGS)
    assert [options["seed"] for options in made] == [0, 1]
    assert again.runs[0].error == pytest.approx(first.runs[0].error, rel=1e-9)
    with pytest.raises(StoreError, match="another problem or other settings"):
        co.convergence(bar(), points=[30], out=tmp_path, steps=16)


def test_without_a_reference_the_finest_run_is_the_measure():
    found = co.convergence(bar(reference=None), points=[20, 40], widths=[4], seeds=[0, 1], **SETTINGS)
    assert found.against == "the finest run"
    assert len(found.runs) == 3
    assert all(0 < each.error < 1 and math.isfinite(each.error) for each in found.runs)


def test_runs_that_failed_stay_in_the_table(monkeypatch: pytest.MonkeyPatch):
    solve = study.solve

    def failing(*given: Any, **options: Any) -> co.Solution:
        solution = solve(*given, **options)
        if (options["points"], options["seed"]) != (40, 1):
            return solution
        gone = tree.map(lambda leaf: leaf * math.nan, solution.slabs[0].parameters)
        return replace(solution, slabs=(replace(solution.slabs[0], parameters=gone),))

    monkeypatch.setattr(study, "solve", failing)
    found = co.convergence(bar(), points=[20, 40], widths=[4], seeds=[0, 1], **SETTINGS)
    assert math.isnan(found.runs[-1].error) and len(found.runs) == 4
    first, second = found.table()
    assert (second["seeds"], second["worst"], second["median"], second["rate"]) == (2, math.inf, math.inf, None)
    assert first["worst"] < 1
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["runs"][-1]["error"] is None
    found.plot()
    alone = co.convergence(bar(reference=None), points=[20, 40], widths=[4], seeds=[0, 1], **SETTINGS)
    assert [each.seed for each in alone.runs if math.isfinite(each.error)] == [0, 1]  # not the failed run's measure
    assert [(each.points, each.seed) for each in alone.runs if math.isnan(each.error)] == [(40, 1)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": []}, "points takes a list of whole numbers"),
        ({"seeds": 3}, "seeds takes a list of whole numbers"),
        ({"network": (4,)}, "convergence sets network of each run itself"),
    ],
)
def test_bad_input_is_refused(change: dict, message: str):
    with pytest.raises(PlanError, match=message):
        co.convergence(bar(), **change)
