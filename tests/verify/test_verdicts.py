"""What `co.verify` says of solutions whose error is known, and not shown to it unless the test says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sympy import Eq, Function, cos, pi, sin, symbols
from typer.testing import CliRunner

import collocate as co
from collocate.cli.main import app
from collocate.errors import PlanError, StatementError

from ..own import OWN
from ..small import arch, bar, heat, rotation
from .conftest import BUDGET, stretched

x, t = symbols("x t")
HIDDEN: dict = {}  # in place of the problem's reference: the verdict does not see it


@pytest.fixture(scope="module")
def of_right(right: co.Solution) -> co.Verdict:
    return co.verify(right, reference=HIDDEN, budget=BUDGET)


@pytest.fixture(scope="module")
def of_fooled(fooled: co.Solution) -> co.Verdict:
    return co.verify(fooled, reference=HIDDEN, budget=BUDGET)


def test_a_right_solution_is_trusted_no_further_than_it_is_right(right: co.Solution, of_right: co.Verdict):
    assert of_right.trusted and of_right.reasons == () and of_right.errors is None
    assert right.error() <= of_right.accuracy <= 1e-4
    assert right.error() <= of_right.estimate <= of_right.accuracy
    assert {each.kind for each in of_right.comparisons} == {"continued", "from scratch"}
    assert of_right.summary == f"trust to about 1e{round(np.log10(of_right.accuracy))}"
    assert str(of_right).startswith(of_right.summary)


def test_slabs_of_time_are_trusted_from_scratch_alone(turning: co.Solution):
    verdict = co.verify(turning, reference=HIDDEN, budget=BUDGET)
    assert verdict.trusted
    assert max(turning.errors().values()) <= verdict.accuracy <= 1e-4
    assert [each.kind for each in verdict.comparisons] == ["from scratch"]
    assert any("slabs" in remark for remark in verdict.remarks)


def test_few_points_are_caught_though_training_reports_next_to_nothing(fooled: co.Solution, of_fooled: co.Verdict):
    """The case that fools other libraries: the loss is nearly zero, the error tens of per cent.

    The worst place is where the equation fails indeed; that need not be where the true layer is.
    """
    assert not of_fooled.trusted and of_fooled.accuracy is None
    assert of_fooled.reported < 1e-3 < of_fooled.fresh
    assert any("its points missed" in reason for reason in of_fooled.reasons)
    assert of_fooled.worst.name == "equation"
    place = of_fooled.worst.place
    u = Function("u")(x)
    residual = abs(fooled.at(u.diff(x) - u.diff(x, 2) / 200 - 1, **place)) / of_fooled.worst.scale
    assert residual == pytest.approx(of_fooled.worst.largest, rel=1e-6)
    assert residual > 1.0
    assert f"x = {place['x']:.4g}" in of_fooled.summary


def test_training_again_alone_would_have_caught_it(fooled: co.Solution, of_fooled: co.Verdict):
    assert of_fooled.estimate > 0.5 * fooled.error()


def test_a_training_that_stopped_early_is_not_trusted(early: co.Solution):
    assert early.error() > 0.01
    verdict = co.verify(early, reference=HIDDEN, budget=BUDGET)
    assert not verdict.trusted
    assert any("trained again" in reason for reason in verdict.reasons)
    assert 0.5 * early.error() < verdict.estimate < 20 * early.error()


def test_a_wrong_sign_is_seen_against_another_statement_only():
    u = Function("u")(x, t)
    conditions = [co.Initial(u, -sin(pi * x)), co.Dirichlet(u, 0)]
    mistaken = co.Problem(Eq(u.diff(t), u.diff(x, 2) / 10), heat().domain, conditions)
    solution = co.solve(mistaken, network=(8, 8), points=300, steps=30, callbacks=())
    own = co.verify(solution, reference=HIDDEN, budget=BUDGET)
    assert own.trusted  # it does solve what was stated
    verdict = co.verify(solution, heat(), reference=HIDDEN, budget=0)
    (named,) = (reason for reason in verdict.reasons if "initial u" in reason)
    assert "does not hold" in named
    (initial,) = (each for each in verdict.measured if each.name.startswith("initial u"))
    assert initial.largest > 1.0
    assert initial.place["x"] == pytest.approx(0.5, abs=0.05)  # where −sin πx and sin πx differ most
    assert initial.place["t"] == 0.0
    assert verdict.reported is None


def test_a_place_outside_the_trained_range_is_a_reason(right: co.Solution):
    verdict = co.verify(right, at={"x": 1.2}, budget=0)
    assert not verdict.trusted
    assert verdict.reasons == ("x = 1.2 lies outside [0, 1], where nothing was trained",)
    assert co.verify(right, at={"x": [0.0, 1.0]}, budget=0).trusted


def test_a_reference_decides_where_there_is_one(right: co.Solution):
    assert co.verify(right, budget=0).trusted
    verdict = co.verify(right, reference=1.5 * arch, budget=0)
    (reason,) = verdict.reasons
    assert "differs from the reference by 3.3e-01" in reason
    assert verdict.errors == pytest.approx({"u": 1 / 3}, rel=1e-3)


def test_nothing_to_compare_with_is_no_reason_to_trust(right: co.Solution):
    verdict = co.verify(right, reference=HIDDEN, budget=0)
    assert not verdict.trusted and verdict.undecided and verdict.estimate is None
    assert verdict.summary.startswith("no verdict: ")
    assert "nothing tells how large the error is" in verdict.summary


# So little that each training ends after one step.
NEXT_TO_NOTHING = 1e-9


def test_a_budget_that_is_too_short_says_so_and_nothing_against_the_solution(tmp_path: Path):
    solution = co.solve(bar(reference=None), network=(8,), points=100, steps=20, callbacks=())
    verdict = co.verify(solution, budget=NEXT_TO_NOTHING)
    assert not verdict.trusted and verdict.undecided and verdict.estimate is None
    (reason,) = verdict.reasons
    assert reason.startswith("the budget of 1e-09 s was too short to train again: from scratch it was at a residual of")
    assert "after 1 step, where the solution has" in reason
    assert reason.endswith("give budget=120, on the command line --budget 120")
    assert str(verdict).startswith("no verdict:") and "do not trust" not in str(verdict) + verdict._repr_html_()
    assert "when its time was over (1 step on " in dict(verdict.rows())["trained again, from scratch"]
    assert json.loads(json.dumps(verdict.to_json()))["undecided"] is True
    solution.save(tmp_path / "right.collocate")
    code, text, _ = run(tmp_path / "right.collocate", "--budget", NEXT_TO_NOTHING)
    assert code == 3 and "was too short to train again" in text and "do not trust" not in text


def test_a_budget_that_is_too_short_for_the_end_of_time_says_so(turning: co.Solution):
    verdict = co.verify(turning, reference=HIDDEN, budget=NEXT_TO_NOTHING)
    assert verdict.undecided and "was too short to train again: from scratch it reached t = 0 only" in verdict.summary


def test_a_budget_that_is_too_short_is_a_remark_where_there_is_evidence(right: co.Solution, early: co.Solution):
    known = co.verify(right, budget=NEXT_TO_NOTHING)
    assert known.trusted and not known.undecided
    assert any("was too short to train again" in remark for remark in known.remarks)
    wrong = co.verify(early, at={"x": 1.2}, reference=HIDDEN, budget=NEXT_TO_NOTHING)
    assert not wrong.trusted and not wrong.undecided
    assert wrong.summary.startswith("do not trust: x = 1.2 lies outside")


def test_noise_of_the_size_of_sigma_is_no_reason_for_distrust():
    solution = stretched(0.1, sigma=0.1)
    verdict = co.verify(solution, budget=BUDGET)
    assert verdict.trusted
    (found,) = verdict.unknowns
    assert abs(found.value - 1.0) < 1.5 * found.uncertainty  # the truth, within the error that is claimed
    low, high = solution.intervals["k"]
    assert found.noise == pytest.approx(max(high - found.value, found.value - low))
    assert found.moved < 0.1 * found.noise
    assert verdict.accuracy >= found.noise
    assert "unknown k" in str(verdict) and "by noise in the data" in str(verdict)
    rows = dict(verdict.rows())
    assert "at 40 points that were given, largest" in rows["data u"] and "fresh" not in rows["data u"]
    assert rows["dirichlet u on left, right (left)"].endswith("of its size at x = 0")  # a place, no fresh point
    assert verdict.reported < 1e-2 and solution.result["misfits"]["data u"] == pytest.approx(1.0, abs=0.3)
    assert verdict.fresh == pytest.approx(verdict.reported, rel=0.5)  # neither holds the noise
    assert json.loads(json.dumps(verdict.to_json()))["unknowns"][0]["noise"] == pytest.approx(found.noise)


def test_an_inverse_solution_is_held_against_a_statement_that_knows_the_number():
    verdict = co.verify(stretched(0.0), bar(), reference=HIDDEN, budget=4)
    assert verdict.comparisons and all(each.unknowns == {} for each in verdict.comparisons)
    (found,) = verdict.unknowns
    assert found.moved is None and found.value == pytest.approx(1.0, abs=1e-3)


def test_outliers_that_training_was_told_of_are_no_reason_for_distrust():
    asked, silent = (co.verify(stretched(0.1, 0.1, outliers=3, misfit=m), budget=4) for m in (co.Huber(0.2), None))
    assert asked.trusted and asked.misfits[0].outliers == 3
    assert "at 37 points" in str(asked) and "3 outliers apart" in str(asked)
    assert any("times the sigma that was given" in reason for reason in silent.reasons)


def test_a_misfit_far_above_sigma_is_a_reason():
    verdict = co.verify(stretched(0.1, sigma=0.02), budget=0, reference=HIDDEN)
    assert any("times the sigma that was given" in reason for reason in verdict.reasons)
    assert not any("trend" in reason for reason in verdict.reasons)


def test_a_misfit_with_a_trend_is_a_reason_and_noise_alone_a_remark():
    off = co.verify(stretched(0.02, bump=0.15), budget=0)
    assert any("has a trend" in reason for reason in off.reasons)
    noisy = co.verify(stretched(0.1), budget=0)
    assert not any("data u" in reason for reason in noisy.reasons)
    assert any("taken for noise" in remark for remark in noisy.remarks)


def test_a_parameter_outside_its_range_is_a_reason(family: co.Solution, tmp_path: Path):
    assert co.verify(family, at={"a": 1.5}, budget=0).trusted
    family.save(tmp_path / "family.collocate")
    code, text, _ = run(tmp_path / "family.collocate", "--budget", 0, "--at", "a=0.2")
    assert code == 3 and "a = 0.2 lies outside [1, 2], where nothing was trained" in text


def test_a_users_own_network_keeps_its_weights():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    own = torch.nn.Sequential(torch.nn.Linear(1, 6), torch.nn.Tanh(), torch.nn.Linear(6, 1)).double()
    solution = co.solve(
        bar(), network=own, backend="torch", mode="eager", points=40, steps=10, optimizer="lbfgs", callbacks=()
    )
    before = {name: value.clone() for name, value in own.state_dict().items()}
    verdict = co.verify(solution, reference=HIDDEN, budget=4)
    assert all(torch.equal(value, before[name]) for name, value in own.state_dict().items())
    assert any("another network was trained" in remark for remark in verdict.remarks)
    assert not verdict.trusted  # ten steps are not enough
    assert solution.error() > 1e-2


@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
def test_a_users_right_network_is_trusted(backend: str):
    own = OWN[backend](1, 1)
    settings = {"points": 60, "steps": 16, "optimizer": "levenberg_marquardt", "callbacks": ()}
    solution = co.solve(bar(), network=own, backend=backend, **settings)
    before = [np.array(array) for array in own.get_weights()] if backend == "tensorflow" else []
    verdict = co.verify(solution, reference=HIDDEN, budget=BUDGET)
    assert verdict.trusted and solution.error() < verdict.estimate <= verdict.accuracy <= 1e-3
    assert [each.kind for each in verdict.comparisons] == ["continued", "from scratch"]
    for kept, array in zip(own.get_weights() if before else [], before, strict=True):
        np.testing.assert_array_equal(kept, array)


def test_time_that_was_not_reached_is_a_reason(turning: co.Solution):
    result = {**turning.result, "solved_until": 0.5, "stopped_because": "time limit"}
    verdict = co.verify(replace(turning, result=result), budget=BUDGET)
    assert not verdict.trusted and verdict.comparisons == ()
    assert "it was solved up to t = 0.5 only (time limit)" in verdict.summary


def test_the_evidence_as_json_html_and_map(of_fooled: co.Verdict):
    document = json.loads(json.dumps(of_fooled.to_json(), allow_nan=False))
    assert document["trusted"] is False
    assert document["worst"]["place"].keys() == {"x"}
    assert document["reasons"] == list(of_fooled.reasons)
    assert "map" not in document
    page = of_fooled._repr_html_()
    assert "do not trust" in page and "worst place" in page and "<script" not in page
    assert of_fooled.map.keys() == {"x", "residual"}
    worst = of_fooled.map["x"][np.argmax(of_fooled.map["residual"])]
    assert worst == pytest.approx(of_fooled.worst.place["x"], abs=0.02)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"problem": rotation()}, StatementError, "they must be the same"),
        ({"problem": 3}, PlanError, "holds a solution against a problem"),
        ({"at": {"z": 1.0}}, StatementError, "at names 'z'; the solution takes x"),
        ({"at": {"x": "one"}}, StatementError, "at takes numbers; x is 'one'"),
        ({"tolerance": 0}, PlanError, "tolerance must be a number, positive; got 0"),
        ({"budget": -1}, PlanError, "budget must be a number, zero or more; got -1"),
        ({"reference": {"v": cos(x)}}, StatementError, "the reference names the field v"),
    ],
)
def test_bad_input_is_refused(right: co.Solution, change: dict, error: type, message: str):
    with pytest.raises(error, match=message):
        co.verify(right, **change)


def test_only_solutions_are_verified():
    with pytest.raises(PlanError, match="verify takes a solution"):
        co.verify(bar())  # pyright: ignore[reportArgumentType]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["verify", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_tells_by_its_exit_code(right: co.Solution, tmp_path: Path):
    right.save(tmp_path / "right.collocate")
    code, text, _ = run(tmp_path / "right.collocate", "--budget", 0)
    assert code == 0 and text.startswith("trust to about 1e-")
    code, text, _ = run(tmp_path / "right.collocate", "--budget", 0, "--at", "x=1.2", "--json")
    assert code == 3
    assert json.loads(text)["reasons"] == ["x = 1.2 lies outside [0, 1], where nothing was trained"]
    other = tmp_path / "other.py"
    other.write_text(
        "import collocate as co\nfrom sympy import Eq, Function, pi, sin, symbols\n"
        "x = symbols('x')\nu = Function('u')(x)\n"
        "equation = Eq(-u.diff(x, 2), pi**2 * sin(pi * x))\n"
        "problem = co.Problem(equation, co.Interval(x, 0, 1), [co.Dirichlet(u, 1)])\n"
    )
    code, text, _ = run(tmp_path / "right.collocate", "--budget", 0, "--against", other)
    assert code == 3 and "dirichlet u on left, right (left) does not hold" in text
    code, _, said = run(tmp_path / "nowhere.collocate")
    assert code == 2 and "error:" in said
