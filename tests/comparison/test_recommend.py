"""What is recommended follows from the numbers, and only from differences larger than their spread."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest

from collocate.comparison.measures import common_decade, labels
from collocate.comparison.recommend import recommend
from collocate.comparison.statistics import Spread, differ, smallest, spread, spread_of_quartiles

from .made import BACKENDS, END, STEP, by_id, case, fail, results

SAME = "no difference larger than the spread"


def name_of(problem: str, backend: str) -> str:
    return f"{problem}/{backend}/compiled/float64/jets/auto"


def clean(**options: Any) -> dict[str, Any]:
    return results(void=False, failed=False, **options)


def runs_of(made: dict[str, Any], problem: str, backend: str) -> list[dict[str, Any]]:
    return by_id(made["cases"], name_of(problem, backend))["runs"]


def copy_runs(made: dict[str, Any], problem: str, source: str, target: str) -> None:
    """Let one backend measure what another did."""
    by_id(made["cases"], name_of(problem, target))["runs"] = copy.deepcopy(runs_of(made, problem, source))


# Spreads


def test_a_spread_is_the_median_and_the_ends() -> None:
    assert spread([3.0, None, 1.0, 8.0]) == Spread(3.0, 1.0, 8.0, 3)
    assert spread([None]) is None
    quartiles = [{"median": 2.0, "lower": 1.5, "upper": 2.5, "count": 50}, {"median": 4.0, "lower": 3.0, "upper": 9.0}]
    assert spread_of_quartiles([*quartiles, None, {"median": None}]) == Spread(3.0, 1.5, 9.0, 51)
    assert Spread(2.0, 1.9, 2.1, 3).relative == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (Spread(1.0, 0.9, 1.1, 3), Spread(1.3, 1.2, 1.4, 3), True),
        (Spread(1.0, 0.9, 1.2, 3), Spread(1.3, 1.2, 1.4, 3), False),  # they touch
        (Spread(1.0, 0.9, 1.1, 1), Spread(1.3, 1.2, 1.4, 3), False),  # one repeat has no interval
        (Spread(1.0, 0.9, 1.1, 1), Spread(9.3, 9.2, 9.4, 1), False),
        (Spread(1.0, 1.0, 1.0, 3), Spread(1.01, 1.01, 1.01, 3), False),  # without a spread, and yet the same
        (Spread(1.0, 1.0, 1.0, 3), Spread(math.inf, 2.0, math.inf, 3), True),
    ],
)
def test_two_differ_where_their_intervals_are_apart(one: Spread, other: Spread, apart: bool) -> None:
    assert differ(one, other) == differ(other, one) == apart
    assert smallest({"one": one, "other": other, "unknown": None}) == (["one"] if apart else ["one", "other"])


def test_a_value_alone_differs_by_a_factor_or_not_at_all() -> None:
    alone, other = Spread(9.0, 9.0, 9.0, 1), Spread(3.0, 2.9, 3.1, 3)
    assert not differ(alone, other) and differ(alone, other, alone=2.0)
    assert not differ(Spread(6.0, 6.0, 6.0, 1), other, alone=2.0)


# One problem


def test_the_one_that_is_sooner_and_not_less_accurate_is_chosen() -> None:
    found = recommend(clean())["problems"]["burgers"]
    torch, tensorflow, jax = (name_of("burgers", each) for each in BACKENDS)
    assert found["choice"] == torch and found["leaders"] == [torch]
    assert found["fastest_step"] == found["fastest_to_accuracy"] == found["leanest"] == [torch]
    assert found["most_accurate"] == [torch, tensorflow, jax]
    assert found["fastest_compile"] == [tensorflow, jax]
    assert found["fastest_inference"] == [torch, tensorflow, jax]
    against_jax = next(text for text in found["reasons"] if text.startswith("torch against jax"))
    assert f"{STEP['jax'] / STEP['torch']:.1f} times faster a step (spread 9 %)" in against_jax
    assert "equal digits" in against_jax and "20.0 MB less memory" in against_jax
    assert "3.1 times slower to compile (spread 6 %)" in against_jax
    assert f"{SAME} in evaluation of 100\u202f000 points" in against_jax


def test_the_spread_that_is_told_is_the_one_that_was_measured() -> None:
    made = clean()
    for run in runs_of(made, "burgers", "jax"):
        middle = run["step_seconds"]["median"]
        run["step_seconds"] |= {"lower": 0.9 * middle, "upper": 1.1 * middle}
    (low, high) = (0.9 * 0.97, 1.1 * 1.03)
    assert f"faster a step (spread {100 * (high - low):.0f} %)" in " ".join(
        recommend(made)["problems"]["burgers"]["reasons"]
    )


def test_equal_cases_are_tied_and_none_is_chosen() -> None:
    made = clean()
    for target in BACKENDS[1:]:
        copy_runs(made, "burgers", "torch", target)
    found = recommend(made)["problems"]["burgers"]
    assert found["choice"] is None and len(found["leaders"]) == 3
    assert found["reasons"][0] == f"torch, tensorflow and jax: {SAME} that decides."
    assert all(SAME in text for text in found["reasons"])


def test_a_digit_that_is_lost_is_not_made_up_for_by_speed() -> None:
    made = clean()
    for run in runs_of(made, "burgers", "torch"):
        run["final_error"] = {"u": 50 * END["torch"]}
    found = recommend(made)["problems"]["burgers"]
    assert found["choice"] == name_of("burgers", "jax")
    assert "digits more" in next(text for text in found["reasons"] if "against torch" in text)


def test_an_error_counts_by_its_worst_field() -> None:
    made = results()
    fields = runs_of(made, "flow", "torch")[0]["final_error"]
    assert fields["p"] == 2 * fields["u"]
    made["agreement"][-1]["agrees"] = True
    for run in runs_of(made, "flow", "torch"):
        run["final_error"] = {"u": 1e-9, "p": 1e-2}
    assert name_of("flow", "torch") not in recommend(made)["problems"]["flow"]["most_accurate"]


def test_the_error_that_all_reach_is_the_smallest_that_every_repeat_reached() -> None:
    made = clean()
    assert common_decade([each for each in made["cases"] if each["problem"] == "burgers"]) == "1e-6"
    for run in runs_of(made, "burgers", "jax")[:1]:
        run["decades"] = {"u": {"1e-1": 0.2, "1e-2": 0.6}}
    assert common_decade([each for each in made["cases"] if each["problem"] == "burgers"]) == "1e-2"
    found = recommend(made)["problems"]["burgers"]
    assert "at 10⁻² (" in found["reasons"][0]
    assert found["fastest_to_thousandth"] == [name_of("burgers", "torch")]  # jax reached it, but not each time


def test_without_a_reference_the_residual_tells() -> None:
    made = clean()
    for each in made["cases"]:
        for run in each["runs"]:
            run |= {"final_error": {}, "decades": {}}
    for run in runs_of(made, "burgers", "jax"):
        run["final_residual"] /= 100
    found = recommend(made)["problems"]["burgers"]
    assert found["most_accurate"] == [name_of("burgers", "jax")] == found["leaders"]
    assert found["fastest_to_accuracy"] == []


def test_a_compile_from_a_cache_is_none() -> None:
    made = clean()
    for run in runs_of(made, "burgers", "torch"):
        run |= {"compiled_from_cache": True, "compile_seconds": 0.1}
    assert name_of("burgers", "torch") not in recommend(made)["problems"]["burgers"]["fastest_compile"]


def test_memory_is_the_devices_where_each_run_has_one() -> None:
    made = clean()
    for number, backend in enumerate(BACKENDS):
        for run in runs_of(made, "burgers", backend):
            run["device_bytes"] = 1e9 / (1 + number)
    assert recommend(made)["problems"]["burgers"]["leanest"] == [name_of("burgers", "jax")]
    runs_of(made, "burgers", "jax")[0]["device_bytes"] = None
    assert recommend(made)["problems"]["burgers"]["leanest"] == [name_of("burgers", "torch")]


def test_an_error_or_a_compile_of_nothing_is_told_without_a_factor() -> None:
    made = clean()
    for run in runs_of(made, "burgers", "torch"):
        run |= {"compile_seconds": 0.0, "final_error": {"u": 0.0}}
    (reason, *_) = recommend(made)["problems"]["burgers"]["reasons"]
    assert "more digits" in reason and ", faster to compile" in reason


# What does not count


def test_a_comparison_of_different_computations_is_void() -> None:
    found = recommend(results())
    (void,) = found["void"]
    assert void.startswith("flow in float64 is not compared") and "differs by 0.25" in void
    assert found["problems"]["flow"]["leaders"] == found["problems"]["flow"]["fastest_step"] == []
    assert "differs by 0.25" in found["problems"]["flow"]["reasons"][0]
    assert "burgers and kdv: 2 of 2 problems" in found["overall"]["reasons"][0]


def test_what_nobody_checked_is_void_too() -> None:
    made = clean() | {"agreement": []}
    found = recommend(made)
    assert len(found["void"]) == 2 and "nobody checked" in found["void"][0]
    assert found["overall"]["backend"] is None


def test_one_dtype_may_be_void_and_the_other_not() -> None:
    made = clean()
    made["cases"] += [case("burgers", backend, dtype="float32") for backend in BACKENDS]
    found = recommend(made)
    assert found["problems"]["burgers"]["choice"] == name_of("burgers", "torch")
    assert ["float32" in text for text in found["void"]] == [True]


def test_a_case_that_failed_once_is_not_ranked() -> None:
    found = recommend(results())
    (failed,) = found["failed"]
    assert failed == (
        "jax failed on kdv in 2 of 3 repeats and is not ranked there: "
        "the process ended: … MemoryError: 12 GB were asked for."
    )
    ranked = {each for tied in found["problems"]["kdv"].values() if isinstance(tied, list) for each in tied}
    assert name_of("kdv", "jax") not in ranked
    assert not any("jax" in text for text in found["problems"]["kdv"]["reasons"])


def test_where_all_fail_nothing_is_recommended() -> None:
    made = clean()
    for each in made["cases"]:
        for run in each["runs"]:
            fail(run, "no")
    found = recommend(made)
    assert found["overall"]["backend"] is None and len(found["failed"]) == 6
    assert found["problems"]["kdv"]["reasons"] == ["Nothing here counts: no case ran without a failure."]


def test_with_one_repeat_only_steps_are_ranked() -> None:
    found = recommend(clean(repeats=1))
    assert "With one repeat" in found["cautions"][0]
    entry = found["problems"]["burgers"]
    assert entry["fastest_step"] == [name_of("burgers", "torch")]
    for need in ("fastest_to_accuracy", "most_accurate", "leanest"):
        assert len(entry[need]) == 3, need
    assert "times faster a step" in entry["reasons"][0] and SAME not in entry["reasons"][0]
    assert "one value cannot tell in time to 10⁻⁶, error, memory and" in entry["reasons"][0]


def test_with_one_repeat_a_digit_is_a_difference() -> None:
    made = clean(repeats=1)
    runs_of(made, "burgers", "torch")[0]["final_error"] = {"u": 1e-2}
    assert name_of("burgers", "torch") not in recommend(made)["problems"]["burgers"]["leaders"]


def test_what_makes_times_doubtful_is_told() -> None:
    made = clean(repeats=2)
    made["made"] |= {"finished": False, "stopped_because": "interrupted"}
    made["machine"]["load_before"] = [1.7, 1.0, 0.5]
    interrupted, few, busy = recommend(made)["cautions"]
    assert "interrupted before its end" in interrupted and "fewer than 3" in few and "load 1.7 on 2 cores" in busy


def test_nothing_measured_recommends_nothing() -> None:
    made = clean() | {"cases": [], "agreement": []}
    assert recommend(made)["overall"]["backend"] is None
    waiting = clean()
    for each in waiting["cases"]:
        each["runs"] = []
    assert recommend(waiting)["failed"][0] == "torch did not run on burgers."


# All problems


def test_the_backend_that_leads_most_problems_is_recommended() -> None:
    overall = recommend(results())["overall"]
    assert overall["backend"] == "torch"
    assert overall["reasons"] == [
        "torch leads on burgers and kdv: 2 of 2 problems that count.",
        "tensorflow takes 2.1 times as long a step as torch on 2 problems.",
        "jax takes 1.8 times as long a step as torch on 1 problem.",
    ]


def test_it_may_depend_on_the_problem() -> None:
    made = clean()
    theirs = copy.deepcopy(runs_of(made, "kdv", "torch"))
    copy_runs(made, "kdv", "jax", "torch")
    by_id(made["cases"], name_of("kdv", "jax"))["runs"] = theirs
    overall = recommend(made)["overall"]
    assert overall == {"backend": None, "reasons": ["It depends on the problem: torch on burgers; jax on kdv."]}
    assert recommend(made)["needs"]["fastest_step"]["text"] == "burgers: torch; kdv: jax"


def test_no_backend_is_recommended_where_none_differs() -> None:
    made = clean()
    for problem in ("burgers", "kdv"):
        for target in BACKENDS[1:]:
            copy_runs(made, problem, "torch", target)
    found = recommend(made)
    assert found["overall"] == {"backend": None, "reasons": [f"torch, tensorflow and jax: {SAME} that decides."]}
    assert {need["text"] for need in found["needs"].values()} == {SAME}


def test_each_need_has_its_own_winner() -> None:
    needs = recommend(clean())["needs"]
    assert needs["fastest_step"] == {"need": "shortest step", "text": "torch"}
    assert needs["fastest_compile"]["text"] == "tensorflow and jax"
    assert needs["fastest_inference"]["text"] == SAME


def test_settings_that_vary_are_in_the_names() -> None:
    made = clean()
    made["cases"].append(case("burgers", "torch", mode="eager"))
    eager = "burgers/torch/eager/float64/jets/auto"
    assert labels(made)[eager] == "torch eager" and labels(made)[name_of("burgers", "jax")] == "jax compiled"
    for run in by_id(made["cases"], eager)["runs"]:
        run["step_seconds"] = {key: 4 * value for key, value in run["step_seconds"].items()}
        run["decades"] = {"u": {key: 4 * value for key, value in run["decades"]["u"].items()}}
    reasons = recommend(made)["problems"]["burgers"]["reasons"]
    assert any(text.startswith("torch compiled against torch eager: 4.0 times faster a step") for text in reasons)


def test_it_is_pure_and_plain_json() -> None:
    made = results()
    kept = copy.deepcopy(made)
    found = recommend(made)
    assert made == kept
    assert json.loads(json.dumps(found, allow_nan=False)) == found == recommend(json.loads(json.dumps(made)))
