"""How a statement is set for browsers: what each condition says, where it holds, and mathematical signs."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sympy import Derivative, Eq, Function, pi, sin, sqrt, symbols

import collocate as co
from collocate.solution import typeset

x, t, E = symbols("x t E")
u = Function("u")(x, t)
DOMAIN = co.Interval(x, -1, 2 * pi) * co.Time(t, 0, pi / 2)


def problem(*conditions: object) -> co.Problem:
    return co.Problem(Eq(u.diff(t), -sin(u) + u.diff(x, 2)), DOMAIN, list(conditions))


def plain(text: str) -> str:
    return re.sub(r"<[^>]*>|\s|&#x2062;", "", text)


MEASURED = {"x": np.zeros(3), "t": np.zeros(3), "u": np.zeros(3)}


@pytest.mark.parametrize(
    ("condition", "said", "where"),
    [
        (co.Dirichlet(u, -1, on="left"), "u=−1", "left"),
        (co.Robin(u, 1, 2, 3, on="right"), "2nxux+u=3", "right"),
        (co.Periodic(u, x), "uanditsderivativesagreeatbothendsofx", "left, right"),
        (co.Initial(u, 0), "u=0", "t = 0"),
        (co.Final(u, 0), "u=0", "t = π/2"),
        (co.Mean(u, sqrt(2) / 12), "meanofu=212", "over the whole domain"),
        (co.Point(u, 1, x=-0.5, t=0.25), "u=1", "x = −0.5, t = 0.25"),
        (co.Data(u, MEASURED), "u=measured", "3 points"),
    ],
    ids=lambda each: type(each).__name__ if not isinstance(each, str) else "",
)
def test_a_condition_says_what_holds_and_where(condition: object, said: str, where: str) -> None:
    first = [] if isinstance(condition, co.Initial | co.Final) else [co.Initial(u, 0)]
    stated = problem(*first, condition)
    resolved = stated.conditions[-1]
    assert plain(typeset.condition(resolved)) == said
    assert typeset.place(resolved, stated) == where


def test_signs_are_those_of_mathematics() -> None:
    assert typeset.domain(DOMAIN) == "x ∈ [−1, 2π] × t ∈ [0, π/2]"
    (equation,) = problem(co.Initial(u, 0)).equations
    for text in (typeset.equation(equation), typeset.mathematics(-0.5 * Derivative(u, x) - 2 * E)):
        assert "−" in text
        assert ">-" not in text
