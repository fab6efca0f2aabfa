"""Figures of a run, from records made by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from collocate.comparison import recorded
from collocate.comparison.recorded import Seen


def test_steps_are_timed_in_the_last_phase_once_it_has_settled():
    warm_up = [Seen("adam", 50 * k, 9.0 * k) for k in range(20)]
    slow, steady = [200.0, 230.0, 250.0], [252.0, 255.0, 259.0, 264.0]  # seconds of three steps, then of four
    second = [Seen("lm", 951 + k, s) for k, s in enumerate([190.0, *slow, *steady])]
    assert recorded.step_seconds([*warm_up, *second]) == {"lower": 2.75, "median": 3.5, "upper": 4.25, "count": 4}


def test_a_step_is_a_share_of_what_lies_between_evaluations():
    found = recorded.step_seconds([Seen("adam", 50 * k, 5.0 * k) for k in range(9)])
    assert found == {"lower": 0.1, "median": 0.1, "upper": 0.1, "count": 5}


def test_what_never_settled_is_better_than_nothing():
    assert recorded.step_seconds([Seen("lm", 1, 2.0), Seen("lm", 2, 5.0)]) is not None
    assert recorded.step_seconds([Seen("lm", 1, 2.0)]) is None
    assert recorded.step_seconds([]) is None


HISTORY = {
    "step": [1, 2, 3, 4, 5],
    "seconds": [1.0, 2.0, 3.0, 4.0, 5.0],
    "loss": [1.0, 0.9, math.nan, 0.5, 0.4],
    "heldout": [1.0, 0.5, 0.4, 0.6, 0.3],
    "error u": [0.5, 0.05, 0.04, 1e-9, 0.2],
}


def test_errors_are_those_of_the_best_by_what_was_held_out():
    found = recorded.course(HISTORY)
    assert found.steps.tolist() == [1, 2, 4, 5]  # the third has a loss that is no number
    assert found.errors["u"].tolist() == [0.5, 0.05, 0.05, 0.2]


def test_a_decade_is_reached_when_the_error_stays_below():
    assert recorded.decades(recorded.course(HISTORY)) == {"u": {}}
    falling = {**HISTORY, "loss": [1.0] * 5, "heldout": [5, 4, 3, 2, 1], "error u": [0.5, 0.05, 0.3, 0.01, 1e-3]}
    assert recorded.decades(recorded.course(falling)) == {"u": {"1e-1": 4.0, "1e-2": 4.0, "1e-3": 5.0}}


def test_without_a_reference_there_is_a_curve_and_no_decade():
    found = recorded.course({name: HISTORY[name] for name in ("step", "seconds", "loss", "heldout")})
    assert recorded.decades(found) == {}
    assert recorded.curve(found)["steps"] == [1, 2, 4, 5] and recorded.curve(found)["error"] == {}


def test_of_no_history_nothing_is_known():
    found = recorded.course({})
    assert recorded.decades(found) == {}
    assert recorded.curve(found) == {"seconds": [], "steps": [], "loss": [], "error": {}}


def test_a_curve_is_even_in_the_logarithm_of_time():
    seconds = np.geomspace(1e-2, 1e2, 5000)
    whole = np.ones_like(seconds)
    history = {"step": np.arange(5000), "seconds": seconds, "loss": whole, "heldout": whole, "error u": whole}
    found = recorded.curve(recorded.course(history))
    assert len(found["seconds"]) == 60 == len(found["error"]["u"])
    assert (found["seconds"][0], found["seconds"][-1]) == (0.01, 100.0)
    assert np.diff(np.log(found["seconds"])) == pytest.approx(np.log(1e4) / 59, rel=0.05)


def test_json_has_no_numbers_that_are_none():
    found = recorded.plain({"a": [1.0, math.inf], "b": {"c": math.nan}, "d": "text"})
    assert json.loads(json.dumps(found, allow_nan=False)) == {"a": [1.0, None], "b": {"c": None}, "d": "text"}
