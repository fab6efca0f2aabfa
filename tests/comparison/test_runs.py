"""Real runs: a small comparison from the command line, and one run in this process for each route of derivatives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import collocate as co
from collocate.cli.main import app
from collocate.comparison import child, processes
from collocate.training import Functions

from ..small import membrane, oscillator
from .faked import settings

REQUEST = {
    "source": None, "backend": "jax", "mode": "eager", "dtype": "float64", "device": "cpu", "derivatives": "jets",
    "optimizer": "levenberg_marquardt", "seed": 0, "case_limit": 600.0,
}  # fmt: skip


def test_two_backends_are_compared(tmp_path: Path):
    where = ("--out", str(tmp_path), "--backends", "jax,tensorflow", "--repeats", "1", "--case-limit", "2", "--json")
    said = CliRunner().invoke(app, ["compare", "poisson2d", *where])
    assert said.exit_code == 0, said.output
    results = json.loads(said.stdout)
    assert results == json.loads((tmp_path / "results.json").read_text())
    assert results["made"]["finished"] and results["machine"]["dgemm_flops"] > 1e8
    (agreed,) = results["agreement"]
    assert agreed["agrees"] and len(agreed["loss"]) == 2 and agreed["largest_difference"] < 1e-12
    for case in results["cases"]:
        (run,) = case["runs"]
        assert run["failed"] is None
        assert case["points"] == {"interior": 1500} and case["parameters"] == 337
        assert case["native_lines"] > 30
        assert case["work"]["flops_per_step"] > 2 * 1500 * 337**2 / 2
        assert run["step_seconds"]["lower"] <= run["step_seconds"]["median"] <= run["step_seconds"]["upper"]
        assert 0 < run["final_error"]["u"] < 2 and run["curve"]["steps"][-1] == run["steps"]
        assert all(run[name] > 0 for name in ("import_seconds", "compile_seconds", "train_seconds", "cpu_seconds"))
        assert set(run["inference_seconds"]) == {"1", "1000", "100000"}
        assert run["peak_rss_bytes"] > 1e8 and run["compiled_from_cache"] is False


@pytest.mark.parametrize(("backend", "mode"), [("jax", "compiled"), ("torch", "eager")])
def test_nested_derivatives_train_as_jets_do(backend: str, mode: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(child, "INFERENCES", (1,))
    small = {"network": (6, 6), "points": 100, "steps": 2}
    monkeypatch.setattr(child, "_stated", lambda request: (membrane(), small))
    request = {**REQUEST, "backend": backend, "mode": mode}
    jets, nested = (child.run({**request, "derivatives": route}) for route in ("jets", "nested"))
    assert nested["first_loss"] == pytest.approx(jets["first_loss"], rel=1e-12)
    assert nested["first_gradient_norm"] == pytest.approx(jets["first_gradient_norm"], rel=1e-12)
    assert nested["final_error"] == pytest.approx(jets["final_error"], rel=1e-6)
    assert nested["points"] == jets["points"] and nested["parameters"] == jets["parameters"]
    assert jets["work"]["flops_per_step"] > 0 and nested["work"]["flops_per_step"] is None
    assert Functions.call.__qualname__ == "Functions.call"  # it was watched, and is no longer


def test_a_run_that_fails_answers_why(tmp_path: Path):
    """Adagrad by another name: not every framework has each."""
    chosen = settings(backends=("jax",), optimizers=("asgd",))
    (case,) = chosen.cases()
    found = processes.Runs(tmp_path)(case, chosen.request(case))
    assert "asgd" in found["failed"] and found["failed"].startswith("PlanError")


def test_nested_derivatives_in_slabs_are_refused():
    request = {**REQUEST, "statement": oscillator().to_json(), "derivatives": "nested", "optimizer": "auto"}
    with pytest.raises(co.errors.PlanError, match="trains over all of time at once"):
        child.run(request)


def test_a_comparison_is_an_object_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "speeds", dict)
    monkeypatch.setattr(processes.Runs, "__call__", lambda runs, case, request: {"failed": "out of memory"})
    comparison = co.compare(membrane(), backends="jax", repeats=2)
    assert isinstance(comparison, co.Comparison)
    assert [run["failed"] for run in comparison.results["cases"][0]["runs"]] == ["out of memory"] * 2
    comparison.save(tmp_path / "kept")
    assert json.loads((tmp_path / "kept" / "results.json").read_text()) == comparison.results
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"results.json", "report.html", "report.md"}
    assert comparison.recommendation["overall"]["backend"] is None
    assert "out of memory" in repr(comparison)
