"""A solution of a partial equation in slabs: continuous where they meet, and the same by every way out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import torch

import collocate as co
from collocate.errors import PlanError
from collocate.verification import stability

from ..small import heat, string

XS, JOINT = np.linspace(0.05, 0.95, 7), 0.5
EXPRESSIONS = ["u", "u_t", "u_x", "u_xx", "u_xt", "u_tt - u_xx + x*t"]


@pytest.fixture(scope="module")
def plucked() -> co.Solution:
    """`string()` in two slabs."""
    return co.solve(string(), backend="torch", mode="eager", network=(10,), points=150, steps=40, slabs=2)


def test_it_is_solved(plucked: co.Solution) -> None:
    assert plucked.result["slabs"] == 2
    assert plucked.result["solved_until"] is None
    assert [slab.start for slab in plucked.slabs] == [0.0, JOINT]
    assert plucked.error() < 1e-2
    assert plucked.error() == pytest.approx(plucked.history["error u"][-1], rel=1.0)


def test_the_field_and_its_rate_go_on_where_slabs_meet(plucked: co.Solution) -> None:
    """u and u_t, and their derivatives by x; of u_tt there is no such promise."""
    jumps = [
        np.abs(later - sooner).max()
        for sooner, later in zip(
            plucked.at(EXPRESSIONS[:5], x=XS, t=JOINT - 1e-14), plucked.at(EXPRESSIONS[:5], x=XS, t=JOINT), strict=True
        )
    ]
    assert max(jumps) < 1e-10
    assert np.abs(plucked.at("u_tt", x=XS, t=JOINT - 1e-14) - plucked.at("u_tt", x=XS, t=JOINT)).max() > 1e-6


def test_first_order_in_time_goes_on_with_its_value() -> None:
    solution = co.solve(heat(), backend="jax", mode="eager", network=(4,), points=60, steps=4, slabs=4)
    for joint in (0.25, 0.5, 0.75):
        before, after = (solution.at(["u", "u_x"], x=XS, t=joint - e) for e in (1e-14, 0.0))
        np.testing.assert_allclose(before, after, rtol=0, atol=1e-10)


def test_ends_and_beginning_are_exact(plucked: co.Solution) -> None:
    np.testing.assert_allclose(plucked(x=XS, t=0), np.sin(np.pi * XS), atol=1e-14)
    np.testing.assert_allclose(plucked.at("u_t", x=XS, t=0), 0.0, atol=1e-13)
    np.testing.assert_allclose(plucked(x=np.array([[0.0], [1.0]]), t=np.linspace(0, 1, 9)), 0.0, atol=1e-13)


@pytest.mark.parametrize("backend", ["torch", "jax", "tensorflow", "numpy"])
def test_a_file_says_the_same_on_every_backend(plucked: co.Solution, tmp_path: Path, backend: str) -> None:
    plucked.save(tmp_path / "plucked")
    loaded = co.load(tmp_path / "plucked", backend=backend)
    assert loaded.plan == plucked.plan
    grid: dict[str, Any] = {"x": XS[:, None], "t": np.linspace(0, 1, 11)}
    for found, expected in zip(loaded.at(EXPRESSIONS, **grid), plucked.at(EXPRESSIONS, **grid), strict=True):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * max(1.0, np.abs(expected).max()))


def _points() -> np.ndarray:
    return np.stack([a.ravel() for a in np.meshgrid(XS, [0.0, 0.3, JOINT, 0.8, 1.0])], axis=1)


@pytest.mark.parametrize("framework", ["torch", "keras", "jax"])
def test_as_an_object_of_a_framework(plucked: co.Solution, framework: str) -> None:
    points = _points()
    expected = plucked(x=points[:, 0], t=points[:, 1])
    if framework == "jax":
        graph, parameters = plucked.to_jax()
        with jax.enable_x64(True):
            found = np.asarray(graph(parameters, points))
    elif framework == "torch":
        found = plucked.to_torch()(torch.asarray(points)).detach().numpy()
    else:
        found = np.asarray(plucked.to_keras()(points))
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=1e-12)


def test_a_later_slab_hangs_on_the_networks_before_it(plucked: co.Solution) -> None:
    """Derivatives by all parameters, through the traces."""
    module = plucked.to_torch()
    module(torch.tensor([[0.3, 0.9]], dtype=torch.float64)).sum().backward()
    sizes = [float(p.grad.abs().max()) for p in module.parameters() if p.grad is not None and p.grad.abs().max() > 0]
    assert len(sizes) >= 8  # two layers of weights and biases in each of the slabs


def test_the_whole_is_integrated_and_drawn(plucked: co.Solution, tmp_path: Path) -> None:
    assert plucked.integrate("u") == pytest.approx(0.0, abs=1e-2)  # of cos πt over (0, 1)
    assert plucked.integrate("u**2") == pytest.approx(0.25, rel=2e-2)
    plucked.plot(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size > 1000
    assert "slabs" in repr(plucked.plan)


def test_the_verdict_trains_again_in_as_many_slabs(plucked: co.Solution, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def solve(problem: co.Problem, **settings: Any) -> co.Solution:
        asked.append(settings)
        return co.solve(problem, **{**settings, "accuracy": 0.05, "points": 100})

    monkeypatch.setattr(stability, "solve", solve)
    verdict = co.verify(plucked, tolerance=0.5, budget=600.0)
    assert [settings["slabs"] for settings in asked] == [2]
    assert "nothing to continue" in " ".join(verdict.remarks)
    assert verdict.trusted


def test_slabs_of_the_first_order_start_from_a_solution_without() -> None:
    settings: dict[str, Any] = {"backend": "torch", "mode": "eager", "network": (6,), "points": 80}
    whole = co.solve(heat(), steps=10, **settings)
    again = co.solve(heat(), init=whole, steps=4, slabs=2, **settings)
    assert again.result["slabs"] == 2
    with pytest.raises(PlanError, match="time cannot be split"):
        co.solve(heat(), conditions="soft", slabs=2, **settings)
