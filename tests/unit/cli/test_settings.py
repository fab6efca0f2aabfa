from __future__ import annotations

import pytest

import collocate as co
from collocate.cli.settings import merge
from collocate.errors import PlanError


def test_the_command_line_goes_before_the_file():
    own = {"backend": "torch", "steps": 5, "network": "anything"}
    given = {"backend": "jax", "network": "8, 4", "points": "50"}
    assert merge(own, given) == {"backend": "jax", "steps": 5, "network": co.MLP((8, 4)), "points": 50}


def test_points_by_where_they_lie():
    assert merge({}, {"points": "interior=20, face=3"}) == {"points": {"interior": 20, "face": 3}}


@pytest.mark.parametrize(("text", "slabs"), [("3", 3), ("auto", "auto"), ("-1", "-1"), ("few", "few")])
def test_slabs_are_a_number_or_for_the_planner_to_judge(text: str, slabs: int | str):
    assert merge({}, {"slabs": text}) == {"slabs": slabs}


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        ({"optimiser": "adam"}, {}, "holds 'optimiser'; co.solve takes backend, .*optimizer"),
        ({"problem": 1}, {}, "holds 'problem'"),
        ({}, {"network": "a,b"}, "widths .* like 20,20,20, perhaps after gated:.*; got 'a,b'"),
        ({}, {"points": "1=2=3"}, "--points takes a number, or interior=2000,face=200; got '1=2=3'"),
        ({}, {"points": "many"}, "--points takes a number"),
    ],
)
def test_what_cannot_be_read_is_told(own: dict, given: dict, expected: str):
    with pytest.raises(PlanError, match=expected):
        merge(own, given)
