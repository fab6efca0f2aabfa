"""The optimizer by the cost of its step; what is asked for is taken as it is."""

from __future__ import annotations

import pytest

from collocate.errors import PlanError
from collocate.optimizers import Adam, LevenbergMarquardt
from collocate.planning.cost import COSTS, step_cost
from collocate.planning.schedule import LARGEST_STEP, STEPS, schedule


def _names(*arguments: object) -> list[str]:
    return [phase.optimizer for phase in schedule(*arguments)[0]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "parameters", "expected"),
    [
        (6000, 1300, ["levenberg_marquardt"]),
        (200_000, 3000, ["adam", "self_scaled_broyden"]),
        (500, 60_000, ["levenberg_marquardt"]),
        (20_000, 60_000, ["adam"]),
    ],
)
def test_automatic_goes_by_cost(rows: int, parameters: int, expected: list[str]) -> None:
    assert _names("auto", rows, parameters, None) == expected
    affordable = step_cost("levenberg_marquardt", rows, parameters) <= LARGEST_STEP
    assert affordable == (expected == ["levenberg_marquardt"])
    assert schedule("auto", rows, parameters, None)[1]


@pytest.mark.parametrize("name", COSTS)
def test_a_name_is_taken(name: str) -> None:
    (phase,), reason = schedule(name, 100, 10, None)
    assert (phase.optimizer, phase.options, phase.steps, reason) == (name, {}, STEPS[name], "as asked")


def test_an_optimizer_is_taken_with_its_options() -> None:
    given = LevenbergMarquardt(damping=0.5)
    (phase,), _ = schedule(given, 100, 10, None)
    assert phase.optimizer == "levenberg_marquardt"
    assert LevenbergMarquardt(**phase.options) == given


def test_steps_limit_the_last_phase_only() -> None:
    assert schedule(Adam(), 100, 10, 7)[0][0].steps == 7
    first, last = schedule("auto", 200_000, 3000, 7)[0]
    assert first.steps > 7 and last.steps == 7


@pytest.mark.parametrize("given", ["sgdd", "", 3, None, Adam])
def test_no_optimizer(given: object) -> None:
    with pytest.raises(PlanError, match=r"optimizer .*'?auto'?"):
        schedule(given, 100, 10, None)


def test_costs_are_refused_for_an_unknown_name() -> None:
    with pytest.raises(PlanError, match="No optimizer is called 'sgd'"):
        step_cost("sgd", 1, 1)
