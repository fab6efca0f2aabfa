"""How evidence becomes an estimate and reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from collocate.verification import judgement
from collocate.verification.misfit import Misfit
from collocate.verification.residual_map import Measured
from collocate.verification.stability import Comparison
from collocate.verification.truth import Error
from collocate.verification.unknowns import Found, beyond_noise, claim, open_ones

RUN = Comparison("from scratch", 1e-6, {"u": 1e-4}, 5e-4, {"x": 0.5}, {}, 2000, 40, 1, "steps done")
EQUATION = Measured("equation", "equation", 1e-6, 1e-5, {"x": 0.25}, 1.0, 4096)


def test_a_better_run_gives_the_solutions_own_error():
    assert judgement.estimate(1e-3, [RUN]) == pytest.approx(judgement.MARGIN * 1e-4)


def test_of_a_worse_runs_difference_the_share_of_its_residual_counts():
    worse = replace(RUN, level=1e-2)
    share = judgement.SAFETY * 1e-6 / 1e-2
    assert judgement.estimate(1e-6, [worse]) == pytest.approx(judgement.MARGIN * share * 1e-4, rel=1e-3)


def test_the_worst_run_field_and_unknown_decide():
    other = replace(RUN, kind="continued", differences={"u": 1e-5, "v": 3e-4})
    assert judgement.estimate(1e-6, [RUN, other]) == pytest.approx(judgement.MARGIN * 3e-4)
    found = replace(RUN, unknowns={"nu": 2e-3})
    assert judgement.estimate(1e-6, [found]) == pytest.approx(judgement.MARGIN * 2e-3)


def test_runs_that_agree_do_not_excuse_a_large_residual():
    same = replace(RUN, differences={"u": 0.0})
    assert judgement.estimate(1e-2, [same]) == pytest.approx(judgement.FLOOR * 1e-2)


def test_a_run_that_did_not_converge_says_nothing():
    lost = replace(RUN, level=0.5)
    assert judgement.estimate(1e-6, [lost]) is None
    assert judgement.estimate(1e-6, [lost, RUN]) == judgement.estimate(1e-6, [RUN])
    assert judgement.apart(None, [lost], 1e-6, 1e-2) == []
    assert "no other training converged: nothing tells" in judgement.untold(60, 120, [])
    assert "with budget=0 it was not trained again: nothing tells" in judgement.untold(0, 120, [])


def test_a_run_that_was_cut_far_off_and_worse_says_nothing_against():
    cut = replace(RUN, level=0.05, differences={"u": 0.3}, stopped_because="time limit")
    lost = replace(cut, level=0.5)
    assert judgement.is_short(cut, 1e-2, 1e-2) and judgement.is_short(lost, 1e-2, 1e-2)
    assert not judgement.is_short(replace(cut, stopped_because="no more progress"), 1e-2, 1e-2)  # it came to its end
    assert not judgement.is_short(cut, 0.06, 1e-2)  # no worse than the solution: other fields do as well
    assert not judgement.is_short(replace(cut, differences={"u": 1e-4}), 1e-2, 1e-2)  # near: that is worth something
    said = judgement.untold(10, 120, judgement.too_short([cut, lost, RUN], 1e-2, 1e-2))
    assert said == (
        "the budget of 10 s was too short to train again: from scratch it was at a residual of 5.0e-02 after 40 steps, "
        "where the solution has 1.0e-02; from scratch it was at a residual of 5.0e-01 after 40 steps, where the "
        "solution has 1.0e-02; give budget=120, on the command line --budget 120"
    )


def test_a_run_that_ended_in_no_numbers_is_no_agreement():
    kinds = {"differences": {"u": 1e-4, "v": np.nan}}, {"unknowns": {"nu": np.nan}}, {"level": np.nan}
    for change in kinds:
        gone = replace(RUN, kind="continued", **change)
        assert judgement.estimate(1e-6, [gone]) is None
        assert judgement.estimate(1e-6, [gone, RUN]) == judgement.estimate(1e-6, [RUN])
        (remark,) = judgement.lost([gone, RUN])
        assert "trained again (continued, seed 1) it ended in values that are not finite" in remark


def test_fields_that_differ_are_a_reason_with_the_place():
    far = replace(RUN, differences={"u": 0.2})
    (reason,) = judgement.apart(0.4, [far], 1e-6, 1e-2)
    assert "differ by 2.0e-01, most at x = 0.5" in reason
    assert judgement.apart(9e-3, [far], 1e-6, 1e-2) == []


def test_a_residual_that_training_did_not_see():
    assert judgement.unseen(1e-7, 1e-2, [EQUATION])[0].startswith("training reports a residual of 1.0e-07; on fresh")
    assert "x = 0.25" in judgement.unseen(1e-7, 1e-2, [EQUATION])[0]
    assert judgement.unseen(2e-3, 1e-2, [EQUATION]) == []
    assert judgement.unseen(1e-9, 5e-5, [EQUATION]) == []  # small all the same
    assert judgement.unseen(None, 1.0, [EQUATION]) == []


def test_what_does_not_hold_is_named():
    condition = replace(EQUATION, name="initial u", kind="condition", rms=0.02, largest=0.5)
    (reason,) = judgement.broken([EQUATION, condition], 1e-2)
    assert reason == "initial u does not hold: off by 2.0e-02 of its size, 5.0e-01 at x = 0.25"
    (reason,) = judgement.broken([replace(EQUATION, rms=0.2)], 1e-2)
    assert reason.startswith("equation does not hold")
    (reason,) = judgement.broken([replace(EQUATION, rms=float("nan"))], 1e-2)
    assert "not finite" in reason


def test_an_error_against_the_reference_that_is_no_number_is_a_reason():
    place = {"x": 0.5}
    assert judgement.wrong({"u": Error(5e-3, 1e-2, place)}, 1e-2) == []
    assert len(judgement.wrong({"u": Error(float("nan"), 1.0, place)}, 1e-2)) == 1


@pytest.mark.parametrize(("error", "expected"), [(2e-5, 1e-4), (1e-5, 1e-5), (9.9e-1, 1.0), (0.0, 1e-15)])
def test_the_claim_is_the_next_power_of_ten_above(error: float, expected: float):
    assert judgement.power_of_ten(error) == pytest.approx(expected)


DATA = replace(EQUATION, name="data u", kind="data", rms=0.05)
SEEN = Misfit("data u", 40, 0.05, None, 0.3)


def test_data_are_judged_by_what_their_noise_allows():
    assert judgement.broken(judgement.judged([DATA], [SEEN]), 1e-2) == []
    assert judgement.unfit([SEEN], 1e-2) == []
    assert len(judgement.noisy([SEEN], 1e-2)) == 1 and judgement.noisy([SEEN], 0.1) == []
    few = replace(SEEN, points=5, trend=None)
    assert len(judgement.broken(judgement.judged([DATA], [few]), 1e-2)) == 1
    (reason,) = judgement.unfit([replace(SEEN, trend=6.0)], 1e-2)
    assert "has a trend" in reason
    assert judgement.unfit([replace(SEEN, trend=6.0, rms=1e-3)], 1e-2) == []
    (reason,) = judgement.unfit([replace(SEEN, chi_squared=9.0)], 1e-2)
    assert "3.0 times the sigma" in reason
    assert judgement.without_noise([EQUATION, DATA], [SEEN]) == [EQUATION]


def test_unknown_numbers_may_move_as_far_as_noise_reaches():
    found = Found("nu", 2.0, 0.1, 0.05)
    (within,) = beyond_noise([replace(RUN, unknowns={"nu": 0.05})], [found])
    assert within.unknowns == {"nu": 0.0}
    (beyond,) = beyond_noise([replace(RUN, unknowns={"nu": 0.3})], [found])
    assert beyond.unknowns == {"nu": pytest.approx(0.1)}
    (silent,) = beyond_noise([RUN], [found])  # of a statement in which the number is known
    assert silent.unknowns == {}
    assert found.uncertainty == pytest.approx(np.hypot(0.1, 0.05))
    assert open_ones([found]) == []
    (reason,) = open_ones([replace(found, noise=np.inf)])
    assert "the data do not determine nu = 2" in reason


def test_no_more_is_claimed_than_noise_leaves():
    assert claim(1e-6, [Found("nu", 2.0, 0.1, None)], {"data u": 0.2}) == pytest.approx(0.05)
    assert claim(1e-6, [], {"data u": 0.2}) == pytest.approx(0.2)
    assert claim(1e-6, [], {}) == 1e-6
