"""Cases that do not compute the same are not compared."""

from __future__ import annotations

from typing import Any

import pytest

from collocate.comparison.agreement import agreement


def case(name: str, loss: float | None, norm: float | None, points: int = 10, **more: Any) -> dict[str, Any]:
    run = {"failed": None, "first_loss": loss, "first_gradient_norm": norm}
    made = {"id": name, "problem": "burgers", "dtype": "float64", "points": {"interior": points}, "runs": [run]}
    return made | more


@pytest.mark.parametrize(
    ("loss", "norm", "difference"), [(1 + 9e-11, 2.0, 9e-11), (1.0, 2 * (1 + 2e-10), 2e-10), (1.1, 2.0, 0.1 / 1.1)]
)
def test_loss_and_gradient_must_agree_but_for_rounding(loss: float, norm: float, difference: float):
    (entry,) = agreement([case("a", 1.0, 2.0), case("b", 1.0, 2.0), case("c", loss, norm)])
    assert entry["largest_difference"] == pytest.approx(difference, rel=1e-4)
    assert entry["agrees"] is (difference < 1e-10)
    assert entry["loss"] == {"a": 1.0, "b": 1.0, "c": loss}
    assert (entry["reason"] is None) is entry["agrees"]
    if not entry["agrees"]:
        assert "of c and a differ" in entry["reason"]


def test_single_precision_is_held_to_less_and_apart():
    single = {"dtype": "float32"}
    found = agreement([case("a", 1.0, 2.0), case("b", 1.0 + 5e-5, 2.0, **single), case("c", 1.0, 2.0, **single)])
    assert [(entry["dtype"], entry["agrees"]) for entry in found] == [("float64", True), ("float32", True)]
    assert found[1]["largest_difference"] == pytest.approx(5e-5, rel=1e-3)


def test_what_is_no_number_agrees_with_nothing():
    (entry,) = agreement([case("a", 1.0, 2.0), case("b", None, 2.0)])
    assert not entry["agrees"] and entry["largest_difference"] is None
    assert "not finite" in entry["reason"]


def test_cases_on_other_points_have_another_loss_by_right():
    (entry,) = agreement([case("a", 1.0, 2.0), case("b", 1.0, 2.0), case("c", 3.0, 4.0, points=5)])
    assert entry["agrees"] and set(entry["loss"]) == {"a", "b", "c"}
    (entry,) = agreement([case("a", 1.0, 2.0), case("c", 3.0, 4.0, points=5), case("d", 3.1, 4.0, points=5)])
    assert not entry["agrees"] and "of d and c" in entry["reason"]


def test_failed_runs_say_nothing():
    failed = {"failed": "out of memory"}
    alone = case("a", 1.0, 2.0)
    (entry,) = agreement([alone | {"runs": [failed, *alone["runs"]]}, case("b", 0.0, 0.0, runs=[failed])])
    assert entry["agrees"] and entry["loss"] == {"a": 1.0}
    assert agreement([case("b", 0.0, 0.0, runs=[failed])]) == []
