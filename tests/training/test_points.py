"""Which points are chosen by their residual, and among how many; how long patience lasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import Eq, Function, Integral, exp, symbols

import collocate as co
from collocate.planning.specification import PointSetPlan
from collocate.training import Trainer, loop

from ..small import bar, x

y, s = symbols("y s")
w, z = Function("w")(x, y), Function("z")
QUICK: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (4,), "optimizer": "levenberg_marquardt"}
SQUARE = co.Rectangle((x, y), (0, 0), (1, 1))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `_adapted` gave at each draw."""
    found: list[dict[str, Any]] = []
    adapted = Trainer._adapted

    def kept(self: Trainer, *arguments: Any) -> dict[str, Any]:
        found.append(adapted(self, *arguments))
        return found[-1]

    monkeypatch.setattr(Trainer, "_adapted", kept)
    return found


def faces() -> co.Problem:
    """Peaked in a corner; three faces with residuals, of which two are a period's ends."""
    equation = Eq(w.diff(x, 2) + w.diff(y, 2), exp(-40 * (x**2 + y**2)))
    other = Function("k")(x, y)
    system = [equation, Eq(other.diff(x, 2) + other.diff(y, 2), w)]
    conditions = [
        co.Robin(w, 1, 1, 0, on="left"),
        co.Dirichlet(w, 0, on="right"),
        co.Periodic(w, y),
        co.Dirichlet(other, 0),
        co.Mean(w, 0.1),
    ]
    table = {"x": [0.2, 0.4], "y": [0.5, 0.6], "w": [0.0, 0.0]}
    return co.Problem(system, SQUARE, [*conditions, co.Data(w, table)])


def test_all_that_is_drawn_adapts_and_what_is_fixed_does_not(drawn: list[dict[str, Any]]) -> None:
    problem = faces()
    plan = co.solve(problem, points={"interior": 80, "face": 12}, steps=3, **QUICK).plan
    names = {points.name for points in plan.point_sets}
    fixed = {"volume", "top of bottom", *(p.name for p in plan.point_sets if p.observed)}
    assert fixed < names and len(fixed) == 3
    assert len(drawn) == 2  # not at the first draw, when nothing is trained
    for found in drawn:
        assert set(found) == names - fixed == {"interior", "left", "bottom"}
        assert {name: len(points["weight"]) for name, points in found.items()} == {
            name: plan.count(name) for name in found
        }
        np.testing.assert_array_equal(found["left"]["coordinates"][:, 0], 0.0)
        assert set(found["left"]["columns"]) == {"normal_x", "normal_y"}


def test_the_other_end_of_a_period_follows(monkeypatch: pytest.MonkeyPatch, drawn: list[dict[str, Any]]) -> None:
    seen: list[dict[str, Any]] = []
    redraw = Trainer._redraw
    monkeypatch.setattr(Trainer, "_redraw", lambda self, state: (redraw(self, state), seen.append(state.points)))
    co.solve(faces(), points={"interior": 80, "face": 12}, steps=2, **QUICK)
    low, high = (seen[1][name]["coordinates"] for name in ("bottom", "top of bottom"))
    np.testing.assert_array_equal(low, drawn[0]["bottom"]["coordinates"])
    np.testing.assert_array_equal(low[:, 0], high[:, 0])
    assert set(high[:, 1]) == {1.0}


def test_nodes_on_lines_follow_their_points(drawn: list[dict[str, Any]]) -> None:
    equation = Eq(z(x).diff(x), 1 - Integral(z(s), (s, 0, x)))
    problem = co.Problem(equation, co.Interval(x, 0, 1), [co.Dirichlet(z(x), 0, on="left")])
    co.solve(problem, points=20, steps=2, **QUICK)
    assert [set(found) for found in drawn] == [{"interior"}]


def test_given_points_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    redraw = Trainer._redraw

    def kept(self: Trainer, state: Any) -> None:
        redraw(self, state)
        seen.append(state.points["left"]["coordinates"])

    monkeypatch.setattr(Trainer, "_redraw", kept)
    left = np.stack([np.zeros(12), np.linspace(0, 1, 12)], axis=1)
    co.solve(faces(), points={"interior": 80, "face": 12, "left": left}, steps=3, **QUICK)
    assert len(seen) == 3
    for points in seen:
        np.testing.assert_array_equal(points, left)


def test_among_six_times_as_many_and_where_the_residual_is_large(
    monkeypatch: pytest.MonkeyPatch, drawn: list[dict[str, Any]]
) -> None:
    sizes: list[int] = []
    resample = loop.resample

    def watched(magnitudes: np.ndarray, count: int, **rest: Any) -> np.ndarray:
        sizes.append(len(magnitudes) // count)
        return resample(magnitudes, count, **rest)

    monkeypatch.setattr(loop, "resample", watched)
    u = Function("u")(x)
    peaked = Eq(u.diff(x, 2), exp(-1000 * (x - 0.25) ** 2))
    problem = co.Problem(peaked, co.Interval(x, 0, 1), [co.Dirichlet(u, 0)])
    co.solve(problem, points=200, steps=2, **QUICK)
    assert sizes == [6]
    near = np.abs(drawn[0]["interior"]["coordinates"][:, 0] - 0.25) < 0.1
    assert near.mean() > 0.35  # a fifth of the interval


def test_which_sets_may_be_chosen() -> None:
    """A set without an equation of its own, and one of a reduced row alone, keep what was drawn."""
    trainer = Trainer.__new__(Trainer)
    trainer.functions = type("F", (), {"plan": co.plan(faces(), network=(4,))})()
    for points in trainer.plan.point_sets:
        assert trainer._may_choose(points) == (points.name in {"interior", "left", "bottom"}), points.name
    assert not trainer._may_choose(PointSetPlan("nowhere", 3))


def _falling(monkeypatch: pytest.MonkeyPatch, heldout: Any, **rest: Any) -> co.Solution:
    """`bar()` judged by heldout(evaluation) in place of residuals."""
    seen: list[int] = []

    def judged(self: Trainer, rows: Any) -> dict[str, float]:
        seen.append(1)
        return {name: heldout(len(seen) - 1) ** 2 for name in rows}

    monkeypatch.setattr(Trainer, "judged", judged)
    # Every step is taken as one that went well: by Adam, judged each time.
    monkeypatch.setitem(loop.EVALUATE_EVERY, "adam", 1)
    return co.solve(bar(), points=30, steps=300, **{**QUICK, "optimizer": "adam"}, **rest)


@pytest.mark.parametrize(
    ("fall", "ended"),
    [(0.01, "steps done"), (0.003, "no more progress"), (0.0, "no more progress")],
    ids=["1 %", "0.3 %", "none"],
)
def test_patience_ends_where_30_percent_are_missed(monkeypatch: pytest.MonkeyPatch, fall: float, ended: str) -> None:
    """Adam's patience is 100: 1 % an evaluation are 30 % in 36, 0.3 % are 26 % in 100."""
    result = _falling(monkeypatch, lambda n: (1 - fall) ** n).result
    assert result["stopped_because"] == ended
    if ended == "no more progress":
        assert result["steps"] == 101  # the first is the milestone


def test_patience_counts_from_the_last_milestone_not_from_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty evaluations at one level, half of it at once, then slower falls that each are the best so far."""
    result = _falling(monkeypatch, lambda n: 1.0 if n <= 60 else 0.5 * 0.999 ** (n - 60)).result
    assert result["stopped_because"] == "no more progress"
    assert result["steps"] == 61 + 100
    assert result["residual_heldout"] == pytest.approx(0.5 * 0.999**101)


def test_measured_values_ask_for_less() -> None:
    assert loop._worthwhile({}) == loop.IMPROVEMENT == 0.3
    observed = {"data": {"weight": np.array([0.5, 0.5, 0.0])}}
    assert loop._worthwhile(observed) == pytest.approx(0.01 / 4)
