"""The plan: everything that training and evaluation need to know, as plain frozen data with the reasons beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

from collocate.networks import Module, Network
from collocate.planning.printing import text

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
class Trace:
    """∂_t^order field at the start of a slab of time, as a function of the other coordinates: `node` in the trial
    functions. In the first slab it is `initial`; then what the slab before ends with (`residuals.traces`)."""

    node: sympy.Expr
    field: str
    order: int
    initial: sympy.Expr

    @property
    def name(self) -> str:
        return str(self.node.func.__name__)


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

    Where sets[e] is `along` a line, the expression is the integrand of an integral term: it is not added, but its
    integral for the n-th row is what the symbol `integral_symbol(sets[e])` in expressions[0] is worth.
    `kind` is "pointwise" (a row per point) or "reduced" (one row: the weighted mean over the points).
    Its share of the loss is `weight` · mean (r/scale)².
    """

    name: str
    expressions: tuple[sympy.Expr, ...]
    sets: tuple[str, ...]
    kind: str = "pointwise"
    scale: float = 1.0
    weight: float = 1.0

    @property
    def label(self) -> str:
        """The name without the part of the boundary that a condition's term ends in: "dirichlet u on left (left)"."""
        return self.name.removesuffix(f" ({self.sets[0]})")


@dataclass(frozen=True)
class Along:
    """The line of an integral term: for each point of the mirrored set, `nodes` Gauss-Legendre nodes in `coordinate`
    from `lower` to `upper`, expressions of the coordinates of that point."""

    coordinate: str
    lower: sympy.Expr
    upper: sympy.Expr
    nodes: int


def integral_symbol(set_name: str) -> sympy.Symbol:
    """What stands in an equation for the integral that is computed on the set of that name."""
    return sympy.Symbol("__" + set_name.replace(" ", "_"), real=True)


@dataclass(frozen=True)
class UnknownPlan:
    """An unknown number: its first guess and its bounds, None where there is none."""

    name: str
    guess: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class PointSetPlan:
    """Where a set of `count` collocation points is drawn: in the interior, or on the boundary part `part`.

    Only points where `predicate` holds are kept. `mirrors` names a set on the opposite face: the n-th point is then
    the n-th point of that set moved onto `part` (the other end of a period). `quadrature`: the points are the nodes of
    a Gauss-Legendre rule, the same at each draw, with its weights. `along`: the points are nodes on lines through the
    points of `mirrors`, those of one line together. `observed`: nothing is drawn, the points are those of the
    condition of that label, some of them repeated with weight zero where `count` needs more.
    """

    name: str
    count: int
    part: str | None = None
    predicate: sympy.Basic | None = None
    mirrors: str | None = None
    quadrature: bool = False
    along: Along | None = None
    observed: str | None = None


@dataclass(frozen=True)
class Phase:
    """A stretch of training by one optimizer: its name, its options, at most `steps` steps.

    Points are drawn anew every `redraw` steps (0: never), where `adaptive` by their residual. It ends early
    when the held-out residual has made no worthwhile progress in `patience` evaluations. `options` is what JSON holds.
    """

    optimizer: str
    options: Mapping[str, Any]
    steps: int
    redraw: int
    adaptive: bool
    patience: int

    @property
    def algorithm(self) -> str:
        """What reports call it: of the framework's own optimizers the framework's name."""
        return str(self.options.get("algorithm", self.optimizer))


@dataclass(frozen=True)
class Weighting:
    """How terms or rows are weighted in training: a name of `collocate.weighting`, its options as JSON holds them."""

    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True, repr=False)
class Plan:
    """The result of `co.plan`: frozen, printable, and all that a solution file keeps of the planner's work.

    `slabs`: in how many equal stretches time is solved, one after the other; None where they are found in training.
    `constants` are numbers in the trial functions and features that differ from slab to slab (see `planning.marching`);
    here with the values of the first. There are none where time is not split. `traces`: see there.
    `later`: stages that training adds one after the other; their scales are in units of the residual that is left then
    (see `planning.stages`). `weighting` is of training alone: held-out residuals are judged with the weights of the
    terms. `batch`: at most so many points of each set in one step.
    """

    coordinates: tuple[str, ...]
    bounds: tuple[tuple[float, float], ...]
    time: str | None
    fields: tuple[str, ...]
    trials: tuple[Trial, ...]
    stages: tuple[Stage, ...]
    unknowns: tuple[UnknownPlan, ...]
    constants: tuple[tuple[str, float], ...]
    terms: tuple[Term, ...]
    point_sets: tuple[PointSetPlan, ...]
    sampling: str
    blocks: int
    phases: tuple[Phase, ...]
    choices: tuple[Choice, ...]
    trial_error: tuple[tuple[str, float], ...] = ()
    weighting: tuple[Weighting, ...] = ()
    batch: int | None = None
    traces: tuple[Trace, ...] = ()
    slabs: int | None = 1
    later: tuple[Stage, ...] = ()

    def __repr__(self) -> str:
        return text(self)

    @property
    def symbols(self) -> tuple[sympy.Symbol, ...]:
        """The coordinates as the canonical real symbols."""
        return tuple(sympy.Symbol(name, real=True) for name in self.coordinates)

    def points(self, set_name: str) -> PointSetPlan:
        """The plan of the set of that name."""
        return next(points for points in self.point_sets if points.name == set_name)

    def count(self, set_name: str) -> int:
        return self.points(set_name).count
