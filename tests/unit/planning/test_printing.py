"""A plan as it is read: every choice once, what is the same on many parts of the boundary in one line."""

from __future__ import annotations

import inspect
from dataclasses import replace

import numpy as np
import pytest
from sympy import Eq, Function, symbols

import collocate as co
from collocate import problems
from collocate.errors import PlanError
from collocate.planning import Plan, Term

x, y = symbols("x y")
u = Function("u")(x, y)
POISSON = Eq(u.diff(x, 2) + u.diff(y, 2), -1)
CORNERS = [(float(np.cos(angle)), float(np.sin(angle))) for angle in 2 * np.pi * np.arange(12) / 12]
TWELVE = co.Polygon((x, y), CORNERS)


def rows(plan: Plan, title: str) -> list[str]:
    """The lines of one table."""
    (found,) = (table for table in str(plan).split("\n\n") if table.startswith(title))
    return found.splitlines()[3:]


def test_a_plan_takes_what_solve_takes_with_its_defaults():
    of_plan, of_solve = (inspect.signature(function).parameters for function in (co.plan, co.solve))
    assert {name: of_solve[name].default for name in of_plan} == {name: p.default for name, p in of_plan.items()}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"problem": POISSON}, "plan takes a problem, co.Problem"),
        ({"steps": 0}, "steps must be a whole number, one or more; got 0"),
        ({"dtype": "float16"}, "dtype 'float16' is not known"),
        ({"conditions": "hard"}, "conditions must be 'exact'"),
    ],
)
def test_what_cannot_be_planned_is_told(asked: dict, said: str):
    with pytest.raises(PlanError, match=said):
        co.plan(**{"problem": co.Problem(POISSON, TWELVE, [co.Dirichlet(u, 0)]), **asked})


def test_twelve_edges_are_one_line_of_each_table():
    problem = co.Problem(POISSON, TWELVE, [co.Dirichlet(u, 0)])
    plan = co.plan(problem, network=(4,))
    subjects = [choice.subject for choice in plan.choices]
    assert subjects.count("condition dirichlet u on edge 1 … edge 12") == 1
    assert subjects.count("scale of dirichlet u on edge 1 … edge 12") == 1
    assert len(plan.terms) == 13
    assert [row.split("  ")[0] for row in rows(plan, "residuals")][1] == "dirichlet u on edge 1 … edge 12"
    assert len(rows(plan, "points")) == 2
    assert "condition  dirichlet u on edge 1 … edge 12: u = 0" in problem.describe()


def test_scales_that_differ_are_all_shown_in_order_of_the_parts():
    plan = co.plan(co.Problem(POISSON, TWELVE, [co.Dirichlet(u, x)]), network=(4,))
    (choice,) = (choice for choice in plan.choices if choice.subject.startswith("scale of dirichlet"))
    assert choice.value == ", ".join(f"{term.scale:.3g}" for term in plan.terms[1:])
    many = replace(plan, terms=tuple(Term("u (edge 1)", (u,), ("edge 1",), scale=1.0 + k) for k in range(20)))
    assert " 1 to 20 " in rows(many, "residuals")[0]


def test_parts_of_which_something_else_was_decided_have_lines_of_their_own():
    square = co.Rectangle((x, y), (0, 0), (1, 1))
    corner = [co.Dirichlet(u, x, on=("left", "right")), co.Dirichlet(u, 0.5, on=("bottom", "top"))]
    with pytest.warns(UserWarning, match="contradicts"):
        plan = co.plan(co.Problem(POISSON, square, corner), network=(4,))
    found = {choice.subject: choice.value for choice in plan.choices if choice.subject.startswith("condition")}
    assert found == {
        "condition dirichlet u on left, right": "exact", "condition dirichlet u on bottom, top": "residual"
    }  # fmt: skip
    only = [*corner[:1], co.Dirichlet(u, x * (1 + y), on=("bottom", "top"))]
    with pytest.warns(UserWarning, match="contradicts"):
        plan = co.plan(co.Problem(POISSON, square, only), network=(4,))
    assert [(c.subject, c.value) for c in plan.choices][1:3] == [
        ("condition dirichlet u on bottom, top (bottom)", "exact"),
        ("condition dirichlet u on bottom, top (top)", "residual"),
    ]


@pytest.mark.parametrize("name", ["nls", "diffusion_inverse", "lotka_volterra"])
def test_every_choice_is_printed(name: str):
    plan = co.plan(problems.load(name).problem)
    printed = [row.split("  ")[0] for row in rows(plan, "choices")]
    assert [choice.subject for choice in plan.choices] == [subject for subject in printed if subject]
    assert repr(plan) == str(plan)


def test_nothing_goes_to_the_notebook_in_place_of_the_text(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    assert "levenberg_marquardt" in str(co.plan(problems.load("burgers").problem))
