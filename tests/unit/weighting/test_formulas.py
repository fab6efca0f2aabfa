"""Each weighting against its formula, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import PlanError
from collocate.weighting import (
    NTK,
    Causal,
    Fixed,
    GradientNorm,
    Huber,
    MeanAbsolute,
    ResidualAttention,
    Robust,
    SelfAdaptive,
)


class Seen:
    """Measurements that are given."""

    terms, equations = ("equation", "wall"), ("equation",)

    def __init__(self, residuals=None, gradients=None, traces=None, elapsed=None, scales=None):
        self._residuals, self._gradients, self._traces, self._elapsed = residuals, gradients, traces, elapsed
        self.scales = scales or {"equation": 1.0, "wall": 1.0}

    def residuals(self):
        return {name: np.array(rows, float) for name, rows in self._residuals.items()}

    def gradients(self):
        return {name: np.array(rows, float) for name, rows in self._gradients.items()}

    def traces(self):
        return self._traces

    def elapsed(self):
        return np.array(self._elapsed)


def test_fixed():
    weighting = Fixed({"wall": 10})
    state = weighting.init()
    assert state == {"terms": {"wall": 10.0}} == weighting.update(state, Seen())


def test_gradient_norm():
    weighting = GradientNorm(memory=0.9)
    seen = Seen(gradients={"equation": [4.0, -8.0], "wall": [1.0, -3.0]})
    state = weighting.update(weighting.init(), seen)
    assert state == {"terms": {"wall": 4.0}}  # 8 / mean(1, 3)
    other = Seen(gradients={"equation": [4.0, -8.0], "wall": [0.5, -0.3]})
    assert weighting.update(state, other)["terms"]["wall"] == pytest.approx(0.9 * 4 + 0.1 * 20)


@pytest.mark.parametrize("wall", [[0.0, 0.0], [np.nan, 1.0]])
def test_gradient_norm_keeps_its_weight_where_none_can_be_told(wall):
    seen = Seen(gradients={"equation": [4.0, -8.0], "wall": wall})
    assert GradientNorm().update({"terms": {"wall": 3.0}}, seen) == {"terms": {"wall": 3.0}}


def test_ntk():
    found = NTK().update(NTK().init(), Seen(traces={"equation": 6.0, "wall": 2.0}))
    assert found == {"terms": {"equation": 8 / 6, "wall": 4.0}}
    assert NTK().update(found, Seen(traces={"equation": 6.0, "wall": 0.0}))["terms"]["wall"] == 4.0


def test_residual_attention():
    weighting = ResidualAttention(decay=0.9, rate=0.1)
    seen = Seen(residuals={"equation": [1.0, -4.0], "wall": [0.0]})
    once = weighting.update(weighting.init(), seen)
    np.testing.assert_allclose(once["rows"]["equation"], [0.025, 0.1])
    twice = weighting.update(once, seen)
    np.testing.assert_allclose(twice["rows"]["equation"], [0.9 * 0.025 + 0.025, 0.19])
    for _ in range(200):
        twice = weighting.update(twice, seen)
    assert twice["rows"]["equation"][1] == pytest.approx(0.1 / (1 - 0.9))  # the bound η/(1 − γ)


def test_self_adaptive_climbs_the_gradient_up_to_its_bound():
    weighting = SelfAdaptive(rate=0.5, largest=3.0)
    seen = Seen(residuals={"equation": [1.0, 0.0, 2.0]})
    once = weighting.update(weighting.init(), seen)
    np.testing.assert_allclose(once["rows"]["equation"], [1.5, 1.0, 3.0])
    np.testing.assert_allclose(weighting.update(once, seen)["rows"]["equation"], [2.25, 1.0, 3.0])


def test_causal():
    weighting = Causal(chunks=4, tolerances=(2.0, 5.0))
    # Mean squares of the chunks: 1, none, (0 + 4)/2, 9.
    seen = Seen(residuals={"equation": [1.0, 0.0, 2.0, 3.0], "wall": [7.0]}, elapsed=[0.0, 0.5, 0.6, 1.0])
    state = weighting.update(weighting.init(), seen)
    np.testing.assert_allclose(state["rows"]["equation"] ** 2, np.exp([0.0, -2.0, -2.0, -6.0]))
    assert "wall" not in state["rows"] and state["stage"] == 0


def test_causal_goes_to_the_next_tolerance_when_all_counts():
    weighting = Causal(chunks=2, tolerances=(0.1, 1.0))
    seen = Seen(residuals={"equation": [0.1, 0.1]}, elapsed=[0.1, 0.9])
    first = weighting.update(weighting.init(), seen)
    assert first["stage"] == 1
    second = weighting.update(first, seen)
    np.testing.assert_allclose(second["rows"]["equation"] ** 2, [1.0, np.exp(-0.01)])
    assert weighting.update(second, seen)["stage"] == 1


def test_huber_weighs_by_the_residual_in_its_own_units():
    robust = Robust({"wall": {"kind": "huber", "threshold": 1.0}})
    seen = Seen(residuals={"wall": [0.1, -0.5, 2.0]}, scales={"wall": 4.0})  # r = 0.4, −2, 8
    rows = robust.update(robust.init(), seen)["rows"]
    np.testing.assert_allclose(rows["wall"] ** 2, [1.0, 0.5, 0.125])
    assert list(rows) == ["wall"]


@pytest.mark.parametrize(
    ("misfit", "loss"),
    [
        (Huber(0.5), lambda r: np.where(np.abs(r) <= 0.5, r**2 / 2, 0.5 * (np.abs(r) - 0.25))),
        (MeanAbsolute(1e-3), np.abs),
    ],
)
def test_reweighted_squares_have_the_gradient_of_the_misfit(misfit, loss):
    rows, h = np.array([-3.0, -0.4, 0.2, 0.7, 5.0]), 1e-6
    slope = (loss(rows + h) - loss(rows - h)) / (2 * h)
    np.testing.assert_allclose(misfit.squared_multipliers(rows, 1.0) * rows, slope, rtol=1e-7)


@pytest.mark.parametrize(("misfit", "scale"), [(Huber(0.5), 4.0), (MeanAbsolute(1e-2), 1.0)])
def test_what_is_judged_is_twice_what_is_minimised(misfit, scale):
    """By its gradient, 2 μ² r: with μ² r² in its place the best solution would not be where training goes."""
    rows, h = np.array([-3.0, -0.05, 0.005, 0.2, 5.0]), 1e-6
    slope = (misfit.squares(rows + h, scale) - misfit.squares(rows - h, scale)) / (2 * h)
    np.testing.assert_allclose(slope, 2 * misfit.squared_multipliers(rows, scale) * rows, rtol=1e-6)
    assert misfit.squares(np.zeros(1), scale) == 0.0
    only = Robust({"wall": {"kind": "huber", "threshold": 0.5}})
    np.testing.assert_allclose(only.squares("equation", rows, scale), rows**2)
    np.testing.assert_allclose(only.squares("wall", rows, scale), Huber(0.5).squares(rows, scale))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: GradientNorm(memory=1.5), "GradientNorm: memory must be a number, from 0 to 1; got 1.5"),
        (lambda: NTK(every=0), "NTK: every must be a number, 1 or more; got 0"),
        (lambda: NTK(every=2.5), "NTK: every must be a whole number, 1 or more; got 2.5"),
        (lambda: ResidualAttention(rate="x"), "ResidualAttention: rate must be a number"),
        (lambda: Causal(tolerances=(1.0, 0.1)), "tolerances must be positive and ascend"),
        (lambda: Causal(tolerances=3), "tolerances must be positive and ascend, like .*got 3"),
        (lambda: Causal(tolerances=("a",)), "tolerances must be positive and ascend"),
        (lambda: Huber(0.0), "Huber: threshold must be a number"),
    ],
)
def test_options_out_of_range_are_refused(make, said):
    with pytest.raises(PlanError, match=said):
        make()
