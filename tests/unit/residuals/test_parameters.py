"""Trained and frozen parts make up the whole, and a seed gives the same draw."""

from __future__ import annotations

import numpy as np
from sympy import Eq, Function, symbols

import collocate as co
from collocate import tree
from collocate.residuals import frozen, initial_parameters, join, trained

x, k = symbols("x k")
u = Function("u")(x)
PROBLEM = co.Problem(Eq(u.diff(x, 2), k * u), co.Interval(x, 0, 1), [co.Dirichlet(u, 1)], unknowns=[co.Unknown(k, 2.5)])


def test_join_undoes_the_split() -> None:
    whole = initial_parameters(co.plan(PROBLEM, network=(4,)), seed=3)
    again = join(trained(whole), frozen(whole))
    assert tree.structure(again) == tree.structure(whole)
    assert all(a is b for a, b in zip(tree.leaves(again), tree.leaves(whole), strict=True))


def test_unknowns_start_at_their_guess_and_networks_at_the_seed() -> None:
    plan = co.plan(PROBLEM, network=(4,))
    one, two, other = (initial_parameters(plan, seed) for seed in (3, 3, 4))
    assert float(one["unknowns"]["k"]) == 2.5
    assert all((a == b).all() for a, b in zip(tree.leaves(one), tree.leaves(two), strict=True))
    first = lambda parameters: parameters["stages"][0]["layers"][0]["weight"]  # noqa: E731
    assert not np.array_equal(first(one), first(other))
