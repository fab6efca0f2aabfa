"""Truth never trains: with the reference, without it, or with a wrong one, the parameters are bitwise the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sympy import cos

import collocate as co
from collocate import tree

from ..small import bar, oscillator, t, x


def bits(problem: co.Problem, **settings: Any) -> list[bytes]:
    solution = co.solve(problem, backend="torch", mode="eager", points=40, **settings)
    return [np.asarray(leaf).tobytes() for slab in solution.slabs for leaf in tree.leaves(slab.parameters)]


SETTINGS = [
    {"network": (5,), "optimizer": "levenberg_marquardt", "steps": 8},
    {"network": (5,), "optimizer": "self_scaled_broyden", "steps": 45},
    {"network": (5,), "optimizer": "adam", "steps": 110},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings["optimizer"])
def test_on_a_boundary_value_problem(settings: dict[str, Any]) -> None:
    trained = bits(bar(), **settings)
    assert bits(bar(reference=None), **settings) == trained
    assert bits(bar(reference=7 * cos(x) - 100), **settings) == trained


def test_marched_in_slabs(coarse: float) -> None:
    trained = bits(oscillator(30.0), network=(8,))
    slabs, rest = divmod(len(trained), 2 + 2 + 5)  # weights and biases of two layers, five constants
    assert slabs > 1 and rest == 0
    assert bits(oscillator(30.0, reference=None), network=(8,)) == trained
    assert bits(oscillator(30.0, reference=t**9), network=(8,)) == trained


def test_with_the_plan_of_the_defaults() -> None:
    assert bits(bar(), steps=2) == bits(bar(reference=lambda x: x + 5.0), steps=2)
