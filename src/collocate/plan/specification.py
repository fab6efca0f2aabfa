"""The plan: everything that training and evaluation need to know, as plain frozen data with the reasons beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from collocate.networks import Module, Network

INTERIOR = "interior"


@dataclass(frozen=True)
class Choice:
    """One decision of the planner (or of the user), as `collocate plan` prints it."""

    subject: str
    value: str
    reason: str


@dataclass(frozen=True)
class Trial:
    """u = particular + factor · N for one field: G meets the exact conditions, Φ vanishes where they hold."""

    field: str
    particular: sympy.Expr
    factor: sympy.Expr


@dataclass(frozen=True)
class Stage:
    """One network of the sum N = Σ_s scales_s · N_s(features): training fits the last stage, the earlier are frozen.

    `features` are the network's inputs as expressions of the coordinates: a coordinate mapped to [−1, 1], or the sine
    and cosine of a periodic one. `scales` has one factor per field.
    """

    network: Network | Module
    features: tuple[sympy.Expr, ...]
    scales: tuple[float, ...]


@dataclass(frozen=True)
class Term:
    """One residual: r_n = Σ_e expressions[e] at the n-th member of sets[e], divided by `scale`.

    `kind` is "pointwise" (a row per point) or "reduced" (one row: the weighted mean over the points).
    Its share of the loss is `weight` · mean (r/scale)².
    """

    name: str
    expressions: tuple[sympy.Expr, ...]
    sets: tuple[str, ...]
    kind: str = "pointwise"
    scale: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True)
class PointSetPlan:
    """Where a set of `count` collocation points is drawn: in the interior, or on the boundary part `part`.

    Only points where `predicate` holds are kept. `mirrors` names a set on the opposite face: the n-th point is then
    the n-th point of that set moved onto `part` (the other end of a period). `quadrature`: the points are the nodes of
    a Gauss-Legendre rule, the same at each draw, with its weights.
    """

    name: str
    count: int
    part: str | None = None
    predicate: sympy.Basic | None = None
    mirrors: str | None = None
    quadrature: bool = False


@dataclass(frozen=True)
class Phase:
    """A stretch of training by one optimizer: its name, its options, at most `steps` steps.

    Interior points are drawn anew every `redraw` steps, where `adaptive` by their residual. It ends early when the
    held-out residual has not improved in `patience` evaluations.
    """

    optimizer: str
    options: Mapping[str, Any]
    steps: int
    redraw: int
    adaptive: bool
    patience: int


@dataclass(frozen=True)
class Plan:
    """The result of `plan.make`: frozen, printable, and all that a solution file keeps of the planner's work.

    `constants` are numbers in the trial functions and features that differ from slab to slab (see `plan.marching`);
    here with the values of the first. There are none where time is not split.
    """

    coordinates: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...]
    time: str | None
    fields: tuple[str, ...]
    trials: tuple[Trial, ...]
    stages: tuple[Stage, ...]
    unknowns: tuple[tuple[str, float], ...]
    constants: tuple[tuple[str, float], ...]
    terms: tuple[Term, ...]
    point_sets: tuple[PointSetPlan, ...]
    sampling: str
    blocks: int
    phases: tuple[Phase, ...]
    choices: tuple[Choice, ...]
    trial_error: tuple[tuple[str, float], ...] = ()

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The coordinates as the canonical real symbols."""
        return tuple(sympy.Symbol(name, real=True) for name in self.coordinates)

    def count(self, set_name: str) -> int:
        return next(points.count for points in self.point_sets if points.name == set_name)
