from __future__ import annotations

import numpy as np
import pytest

from collocate.errors import TrainingError
from collocate.optimizers import SelfScaledBroyden
from collocate.optimizers.broyden import scaling, update

from .least_squares import LeastSquares, hilbert, linear, minimise, rosenbrock


def _symmetric(lower: np.ndarray) -> np.ndarray:
    return np.tril(lower) + np.tril(lower, -1).T


def _pair(size: int = 7):
    rng = np.random.default_rng(0)
    root = rng.standard_normal((size, size))
    inverse = root @ root.T + np.eye(size)
    g, length = rng.standard_normal(size), 0.7
    s = -length * inverse @ g
    y = 0.6 * np.linalg.solve(inverse, s) + 0.1 * s
    return inverse, s, y, g, length


def test_update_is_the_formula_written_out():
    inverse, s, y, g, length = _pair()
    w, rho = inverse @ y, 1 / (y @ s)
    h = rho * y @ w
    tau, phi = scaling(h, -length * rho * s @ g, s.size)
    v = rho * s - w / (y @ w)
    truth = (inverse - np.outer(w, w) / (y @ w) + phi * (y @ w) * np.outer(v, v)) / tau + rho * np.outer(s, s)
    before = inverse.copy()
    result = update(np.asfortranarray(inverse), s, y, g, length, False, True)
    np.testing.assert_allclose(_symmetric(result), truth, rtol=1e-10)
    assert (inverse == before).all()


@pytest.mark.parametrize("self_scaled", [True, False])
def test_update_meets_the_secant_equation_and_stays_positive(self_scaled):
    inverse, s, y, g, length = _pair()
    result = _symmetric(update(np.asfortranarray(inverse), s, y, g, length, False, self_scaled))
    np.testing.assert_allclose(result @ y, s, rtol=1e-9)
    assert np.linalg.eigvalsh(result).min() > 0


def test_plain_bfgs_is_tau_and_phi_one():
    inverse, s, y, g, length = _pair()
    rho, one = 1 / (y @ s), np.eye(s.size)
    truth = (one - rho * np.outer(s, y)) @ inverse @ (one - rho * np.outer(y, s)) + rho * np.outer(s, s)
    result = update(np.asfortranarray(inverse), s, y, g, length, False, False)
    np.testing.assert_allclose(_symmetric(result), truth, rtol=1e-10)


def test_update_without_curvature_is_left_out():
    inverse, s, y, g, length = _pair()
    assert update(np.asfortranarray(inverse), s, -y, g, length, False, True) is None


def test_self_scaled_is_told_from_plain_bfgs_on_an_ill_conditioned_problem():
    _, steps = minimise(SelfScaledBroyden(), hilbert(), np.zeros(12), 300, loss=1e-20)
    _, plain = minimise(SelfScaledBroyden(self_scaled=False), hilbert(), np.zeros(12), 300, loss=1e-20)
    assert steps < 0.7 * plain


def test_rosenbrock():
    state, steps = minimise(SelfScaledBroyden(), rosenbrock(), np.array([-1.2, 1.0]), 60)
    assert steps < 60
    np.testing.assert_allclose(state["vector"], [1, 1], atol=1e-10)


def test_inverse_hessian_is_carried_over_when_the_points_change():
    objective, optimizer = rosenbrock(), SelfScaledBroyden()
    state, _ = minimise(optimizer, objective, np.array([-1.2, 1.0]), 8)
    objective.key = 1
    carried = optimizer.step(state, objective)
    assert not carried["fresh"] and carried["accepted"]
    spoiled = optimizer.step({**state, "inverse_hessian": -state["inverse_hessian"]}, objective)
    assert spoiled["accepted"] and spoiled["loss"] < state["loss"]


def test_gradient_is_measured_again_only_when_the_key_changes():
    objective, optimizer = linear(np.eye(3), np.ones(3)), SelfScaledBroyden()
    state = optimizer.step(optimizer.init(np.zeros(3)), objective)
    used = objective.evaluations
    optimizer.step(state, objective)
    assert objective.evaluations == used + 1


def test_stalls_at_the_minimum():
    state, steps = minimise(SelfScaledBroyden(), linear(np.eye(3), np.ones(3)), np.zeros(3), 50, loss=-1.0)
    assert state["stalled"] and steps < 50


def test_start_that_is_not_finite_is_a_training_error():
    optimizer = SelfScaledBroyden()
    objective = LeastSquares(lambda x: x * np.nan, lambda x: np.eye(2), 2)
    with pytest.raises(TrainingError, match="current parameters"):
        optimizer.step(optimizer.init(np.zeros(2)), objective)
