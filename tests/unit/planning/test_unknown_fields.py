"""An unknown field of fewer coordinates than the domain stays one, whatever network and conditions are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from sympy import Eq, Function, pi, sin, symbols

import collocate as co
from collocate.backends import select
from collocate.errors import PlanError
from collocate.residuals import Evaluator, initial_parameters

x, t = symbols("x t")
u, k = Function("u")(x, t), Function("k")(x)

NETWORKS = [None, (8, 8), co.Separate(co.MLP((8, 8))), co.Separate([co.MLP((5,)), co.MLP((8,))])]


def stated(value: object = 1) -> co.Problem:
    return co.Problem(
        Eq(u.diff(t), (k * u.diff(x)).diff(x)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [
            co.Initial(u, sin(pi * x)),
            co.Dirichlet(u, 0),
            co.Data(u, {"x": [0.5], "t": [0.5], "u": [0.1]}),
            co.Dirichlet(k, value, on="left"),
        ],
        unknowns=[co.Unknown(k, 1.0)],
    )


def spread_over_time(network: object) -> float:
    """How much k at one place differs from time to time, for a network with random parameters."""
    problem = stated()
    plan = co.plan(problem, network=network, points=60)
    evaluate = Evaluator(select.get("numpy"), plan, [problem.field("k")])
    values = evaluate(initial_parameters(plan, seed=0), np.array([[0.3, 0.1], [0.3, 0.5], [0.3, 0.9]]))
    return float(np.ptp(values))


@pytest.mark.parametrize("network", NETWORKS)
def test_it_does_not_depend_on_what_it_does_not_see(network: object):
    assert spread_over_time(network) == 0.0


def test_a_network_of_ones_own_would_see_all():
    with pytest.raises(PlanError, match="k depends on x only, and a network of your own sees x, t; use one of ours"):
        co.plan(stated(), network=(lambda parameters, features: features @ parameters["w"], {"w": np.ones((2, 2))}))


def test_its_values_may_not_hold_what_it_does_not_see():
    choices = {choice.subject: choice for choice in co.plan(stated(sin(t))).choices}
    (held,) = (choice for subject, choice in choices.items() if subject.startswith("condition dirichlet k"))
    assert (held.value, held.reason) == ("residual", "k does not depend on t, its value does")
