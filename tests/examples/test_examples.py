"""Every file in examples/ solves its own problem: in a small setting, with a pinned error.

A new example takes one row in `ROWS`, and where it finds numbers, one more in `UNKNOWNS`; without its row this fails.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import collocate as co
from collocate.cli.loading import load
from collocate.problems import load as zoo

FOLDER = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


@dataclass(frozen=True)
class Row:
    """Settings that train in a second or two; `bound` for the relative L2 error in them, as `error` measures it.

    `truth`: of an example that states no reference, a function of its coordinates. `unknowns`: {name: (value, bound)}.
    `proves_little`: the conditions alone nearly give the solution, and the example says so.
    """

    settings: dict[str, Any]
    bound: float
    truth: Any = None
    unknowns: dict[str, tuple[float, float]] = field(default_factory=dict)
    proves_little: bool = False


def burgers(**coordinates: np.ndarray) -> np.ndarray:
    return zoo("burgers").truth(**coordinates)


ROWS = {
    "annulus": Row({"network": (16, 16), "points": 1000, "steps": 60}, 1e-2),
    "ball": Row({"network": (12, 12), "points": 600, "steps": 30}, 1e-3),
    "beam": Row({"network": (8, 8), "steps": 30}, 1e-6),
    "burgers": Row({"network": (12, 12), "steps": 60, "points": 1000}, 0.2, truth=burgers),
    "conductivity": Row({"network": (8, 8), "steps": 30}, 1e-4),
    "damped_family": Row({"network": (12, 12), "points": 600, "steps": 40}, 1e-3),
    "fisher_wave": Row({"network": (12, 12), "points": 500, "steps": 30}, 1e-4),
    "heat_rod": Row({"network": (8, 8), "steps": 25, "points": 500}, 1e-4),
    "memory": Row({"network": (6,), "points": 60, "steps": 25}, 1e-2),
    "optimal_control": Row({"network": (8, 8), "points": 100, "steps": 30}, 1e-5),
    "oscillator": Row({"network": (8, 8), "steps": 60, "points": 500}, 1e-4, unknowns={"E": (1.0, 1e-4)}),
    "outgoing_wave": Row({"network": (12, 12), "points": 500, "steps": 60}, 1e-2),
    "own_module": Row({"backend": "torch", "mode": "eager", "points": 60, "steps": 150}, 1e-2),
    "pendulum": Row({"network": (8, 8)}, 1e-7),
    "wave_packet": Row({"network": (12, 12), "points": 500, "steps": 30}, 1e-2),
}


def error(name: str, solution: co.Solution) -> float:
    """The relative L2 error: against the example's reference, or the row's truth on a grid."""
    truth = ROWS[name].truth
    if truth is None:
        return max(solution.errors().values())
    grid = solution.problem.domain.grid(41)
    expected = truth(**grid)
    return float(np.linalg.norm(solution(**grid) - expected) / np.linalg.norm(expected))


@pytest.fixture(scope="module", params=NAMES)
def ran(request: pytest.FixtureRequest) -> tuple[str, co.Solution, str]:
    """The example's name, the solution that it trains as `python examples/NAME.py` in its row's settings, its output.

    The frameworks that it asks for by name are left to their own tests.
    """
    name = request.param
    assert name in ROWS, f"examples/{name}.py has no row in this table"
    solve = co.solve
    small = {"backend": "jax", "callbacks": [], **ROWS[name].settings}
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.chdir(request.getfixturevalue("tmp_path_factory").mktemp(name))
        patch.setattr(co, "solve", lambda problem, **own: solve(problem, **{**own, **small}))
        path = FOLDER / f"{name}.py"
        namespace = {"__name__": "__main__", "__file__": str(path)}
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return name, namespace["solution"], printed.getvalue()  # type: ignore[return-value]


def test_no_row_is_left_over():
    assert sorted(ROWS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_command_reads_it_without_training(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    assert load(str(FOLDER / f"{name}.py")).problem.name == name
    assert list(tmp_path.iterdir()) == []


def test_error(ran: tuple[str, co.Solution, str]):
    name, solution, printed = ran
    assert error(name, solution) < ROWS[name].bound
    assert printed.strip(), "an example prints what it found"


def test_nothing_is_in_the_trial_function(ran: tuple[str, co.Solution, str]):
    """An example whose conditions alone give its solution would show nothing."""
    name, solution, _ = ran
    if not ROWS[name].proves_little:
        assert all(start > 0.05 for start in dict(solution.plan.trial_error).values())


def test_unknown_numbers_are_found(ran: tuple[str, co.Solution, str]):
    name, solution, _ = ran
    assert set(solution.unknowns) == set(ROWS[name].unknowns)
    for unknown, (value, bound) in ROWS[name].unknowns.items():
        assert solution.unknowns[unknown] == pytest.approx(value, abs=bound)
