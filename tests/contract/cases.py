"""Small plans that between them hold every kind of residual: a few points, a network of a few units."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from sympy import Abs, Eq, Function, I, Integral, cos, exp, pi, sin, symbols

import collocate as co
from collocate import problems, tree
from collocate.backends import select
from collocate.networks import MLP, FourierFeatures, GatedMLP, Network, PirateNet, Separate
from collocate.planning import Plan
from collocate.planning.marching import START
from collocate.residuals import Residuals, initial_parameters
from collocate.sampling.point_sets import draw, observed

x, y, t, nu = symbols("x y t nu")
u, v = Function("u")(x, t), Function("v")(x, t)
w = Function("u")(x, y)
SQUARE = co.Rectangle((x, y), (0, 0), (1, 2))


def _soft() -> co.Problem:
    """A predicate on a face, a flux alone, and Robin's condition: none can be exact."""
    return co.Problem(
        Eq(w.diff(x, 2) + 3 * w.diff(x, y) + w * w.diff(y, 2), sin(x)),
        SQUARE,
        [
            co.Dirichlet(w, x * y, on=Eq(x, 0) & (y > 1)),
            co.Neumann(w, exp(y), on="right"),
            co.Robin(w, 2 + x, 0.5, cos(x), on=["bottom", "top"]),
        ],
    )


def _periodic_pair() -> co.Problem:
    """Only u is periodic in x, so its ends are paired by residuals; v is exact there."""
    return co.Problem(
        [Eq(u.diff(t), u.diff(x, 2) + u * v), Eq(v.diff(t), v.diff(x, 2) - u**2)],
        co.Interval(x, -1, 1) * co.Time(t, 0, 1),
        [
            co.Periodic(u, x),
            co.Dirichlet(v, 0),
            co.Initial(u, cos(pi * x)),
            co.Initial(v, 1 - x**2),
        ],
    )


def _embedded() -> co.Problem:
    return co.Problem(
        Eq(u.diff(t), u.diff(x, 2) + u**3),
        co.Interval(x, -1, 1) * co.Time(t, 0, 1),
        [co.Periodic(u, x), co.Initial(u, exp(sin(pi * x)))],
    )


def _unknown() -> co.Problem:
    """An unknown in the equation, in a condition on the boundary and in a mean."""
    return co.Problem(
        Eq(u.diff(t), nu**2 * u.diff(x, 2)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [
            co.Initial(u, sin(pi * x)),
            co.Dirichlet(u, nu * t, on="left"),
            co.Dirichlet(u, 0, on="right"),
            co.Mean(nu * u.diff(x) ** 2, 0.3),
        ],
        unknowns=[co.Unknown(nu, 0.7)],
    )


def _oscillator() -> co.Problem:
    z = Function("z")(t)
    return co.Problem(Eq(z.diff(t, 2), -sin(z)), co.Time(t, 0, 2), [co.Initial(z, 1), co.Initial(z.diff(t), -0.5)])


def _integrals() -> co.Problem:
    """A fixed and a variable range, one within a product, and an unknown in a kernel."""
    z, s = Function("u"), symbols("s")
    left = z(x).diff(x) + z(x) * Integral(exp(nu * (s - x)) * z(s).diff(s), (s, 0, x))
    return co.Problem(
        Eq(left, Integral(x * s * z(s) ** 2, (s, 0, 2)) + sin(x)),
        co.Interval(x, 0, 2),
        [co.Dirichlet(z(x), 1, on="left"), co.Point(z(x), 2, x=1.5)],
        unknowns=[co.Unknown(nu, 0.5)],
    )


def _observed() -> co.Problem:
    """Measured values and derivatives, unknown numbers with bounds on both sides and on one."""
    k = symbols("k")
    table = {"x": [0.1, 0.5, 0.9, 0.3], "t": [0.2, 0.4, 0.9, 1.0], "value": [1.0, -0.5, 0.3, 0.7]}
    return co.Problem(
        Eq(u.diff(t), nu * u.diff(x, 2) + k * u),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [
            co.Initial(u, sin(pi * x)),
            co.Dirichlet(u, 0),
            co.Data(u, table, sigma=[0.1, 0.2, 0.1, 0.4]),
            co.Data(u.diff(x) + t, table),
        ],
        unknowns=[co.Unknown(nu, 0.7, bounds=(0.1, 2)), co.Unknown(k, -0.2, bounds=(None, 0))],
    )


def _unknown_field() -> co.Problem:
    """A conductivity of x alone beside a field of x and t, given at the end of time."""
    k = Function("k")(x)
    return co.Problem(
        Eq(-u.diff(t), (k * u.diff(x)).diff(x)),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Final(u, sin(pi * x)), co.Dirichlet(u, 0), co.Dirichlet(k, 1, on="left"), co.Point(u, 0.5, x=0.5, t=0)],
        unknowns=[co.Unknown(k, 1.2)],
    )


def _family() -> co.Problem:
    """A complex field over a range of a parameter."""
    h = u + I * v
    return co.Problem(
        Eq(I * h.diff(t) + nu * h.diff(x, 2) + Abs(h) ** 2 * h, 0),
        co.Interval(x, 0, 1) * co.Time(t, 0, 1),
        [co.Initial(h, exp(2 * pi * I * x)), co.Periodic(h, x)],
        parameters=[co.Parameter(nu, 0.5, 1)],
    )


def _hole() -> co.Problem:
    """A square with a round hole: normals that differ from point to point."""
    return co.Problem(
        Eq(w.diff(x, 2) + w.diff(y, 2), x * w),
        SQUARE - co.Disk((x, y), (0.5, 1), 0.3),
        [co.Neumann(w, x, on="inner"), co.Dirichlet(w, y)],
    )


PROBLEMS: dict[str, Callable[[], co.Problem]] = {
    "exact": lambda: problems.load("poisson2d").problem,
    "fourth order": lambda: problems.load("plate").problem,
    "time": lambda: problems.load("burgers").problem,
    "fields and a mean": lambda: problems.load("kovasznay").problem,
    "soft, flux and Robin": _soft,
    "periodic pair": _periodic_pair,
    "periodic embedding": _embedded,
    "unknown": _unknown,
    "ordinary": _oscillator,
    "integrals": _integrals,
    "observed": _observed,
    "unknown field": _unknown_field,
    "complex family": _family,
    "hole": _hole,
}


# Every network but the MLP, small, by an activation.
NETWORKS: dict[str, Callable[[str], Network]] = {
    "gated": lambda activation: GatedMLP((3, 3), activation),
    "pirate": lambda activation: PirateNet((4, 4), activation),
    "fourier": lambda activation: FourierFeatures(MLP((4,), activation), 2, (0.2, 0.5)),
    "separate": lambda activation: Separate(MLP((4,), activation)),
    "separate, in waves": lambda activation: FourierFeatures(Separate(GatedMLP((3,), activation)), 2, 0.4, seed=5),
}


def _membrane() -> co.Problem:
    """A field with two initial values under a Laplacian, one with one, and a value that is a residual."""
    h, k = Function("h")(x, y, t), Function("k")(x, y, t)
    return co.Problem(
        [
            Eq(h.diff(t, 2), h.diff(x, 2) + h.diff(y, 2) + h * k),
            Eq(k.diff(t), k.diff(x, 2) + h.diff(x, y) - k**2),
        ],
        co.Rectangle((x, y), (0, 0), (1, 2)) * co.Time(t, 0, 3),
        [
            co.Initial(h, sin(pi * x) * y * (2 - y)),
            co.Initial(h.diff(t), x * (1 - x) * sin(pi * y)),
            co.Initial(k, cos(pi * y) + x),
            co.Dirichlet(h, 0),
            co.Robin(k, 1, 2, y, on=["left", "right"]),
        ],
    )


@dataclass(frozen=True)
class Case:
    """A plan with parameters, points and weights of its terms."""

    plan: Plan
    parameters: dict[str, Any]
    points: dict[str, Any]
    weights: dict[str, float]


@cache
def case(name: str, count: int = 8, network: str = "") -> Case:
    """The named problem on `count` points a set, weights of points and terms unequal, no parameter zero.

    network: of `NETWORKS`; an MLP where it is left out.
    """
    chosen = NETWORKS[network]("tanh") if network else MLP((5, 4))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = PROBLEMS[name]()
    plan = co.plan(problem, network=chosen, points={"interior": count, "face": count})
    points = draw(problem.domain, plan, seed=0, given=observed(plan, problem.observations))
    return _filled(plan, Residuals(select.get("numpy"), plan).traced(points, (), start=0.0))


@cache
def two_stages() -> Case:
    """Burgers with a frozen network of another shape below the trained one."""
    first = case("time")
    stage = first.plan.stages[0]
    frozen = replace(stage, network=MLP((3,), "sin"), scales=(0.6,))
    return _filled(replace(first.plan, stages=(frozen, stage)), first.points)


@cache
def third_slab() -> Case:
    """The membrane in the last of three slabs of time, whose traces come through two others."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = _membrane()
    plan = co.plan(problem, network=MLP((5, 4)), points={"interior": 8, "face": 4}, slabs=3)
    points = draw(problem.domain, plan, seed=0)
    given = _filled(plan, Residuals(select.get("numpy"), plan).traced(points, before(plan), start=2.0))
    constants = {**given.parameters["constants"], START: np.array(2.0)}
    return replace(given, parameters={**given.parameters, "constants": constants})


def before(plan: Plan) -> list[dict[str, Any]]:
    """The parameters of the two slabs before the third."""
    found = [initial_parameters(plan, seed=1 + number) for number in (0, 1)]
    for number, parameters in enumerate(found):
        parameters["constants"][START] = np.array(float(number))
    return found


def _filled(plan: Plan, points: dict[str, Any]) -> Case:
    rng = np.random.default_rng(1)
    parameters = initial_parameters(plan, seed=0)
    parameters["stages"] = tree.map(
        lambda leaf: leaf if leaf.any() else 0.3 * rng.normal(size=leaf.shape), parameters["stages"]
    )
    uneven = {}
    for name, given in points.items():
        weight = rng.uniform(0.5, 1.5, len(given["weight"]))
        uneven[name] = {**given, "weight": weight / weight.sum()}
    return Case(plan, parameters, uneven, {term.name: float(rng.uniform(0.5, 2.0)) for term in plan.terms})


OTHERS: dict[str, Callable[[], Case]] = {"two stages": two_stages, "third slab": third_slab}
