"""The solver with one of its parts turned off: the child process of `accuracy.py ablation`.

    python benchmarks/variants.py VARIANT solve NAME [options of `collocate solve`]

Where `co.solve` has a setting, that is used; else the plan is changed between planning and training. All else, the
network, the number of points, the seed, is as by default. A residual that is held out is measured in the scales of
the plan, so those of different variants do not compare; errors do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from collocate import planning, problems
from collocate.cli.main import app
from collocate.planning.schedule import schedule

# Adam and then L-BFGS, the recipe of Raissi, Perdikaris & Karniadakis (2019); L-BFGS until the time is up.
ADAM_STEPS, ENDLESS = 5_000, 10**9


@dataclass(frozen=True)
class Variant:
    """What is put in place of what, settings of `co.solve`, and what is changed in the plan."""

    story: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[planning.Plan], planning.Plan] = lambda plan: plan


def first_order(plan: planning.Plan) -> planning.Plan:
    (adam,), _ = schedule("adam", rows=0, parameters=0, steps=ADAM_STEPS)
    (lbfgs,), _ = schedule("lbfgs", rows=0, parameters=0, steps=ENDLESS)
    return replace(plan, phases=(adam, replace(lbfgs, patience=ENDLESS)))


def uniform(plan: planning.Plan) -> planning.Plan:
    return replace(plan, phases=tuple(replace(phase, adaptive=False) for phase in plan.phases))


def unscaled(plan: planning.Plan) -> planning.Plan:
    """The three diagonal maps are the identity: of inputs (periodic ones stay on their circle), outputs, residuals."""
    return replace(
        plan,
        stages=tuple(
            replace(
                stage,
                features=tuple(_unmapped(plan, each) for each in stage.features),
                scales=(1.0,) * len(stage.scales),
            )
            for stage in plan.stages
        ),
        terms=tuple(replace(term, scale=1.0) for term in plan.terms),
    )


def _unmapped(plan: planning.Plan, feature: sympy.Expr) -> sympy.Expr:
    """The coordinate that a feature maps; in slabs it holds their start and length, too."""
    if feature.has(sympy.sin, sympy.cos):
        return feature
    return next(symbol for symbol in plan.symbols if symbol in feature.free_symbols)


VARIANTS = {
    "default": Variant("nothing: the default"),
    "first_order": Variant(f"second order: {ADAM_STEPS:,} steps of Adam, then L-BFGS", change=first_order),
    "soft": Variant("exact conditions: they are residuals of weight one", {"conditions": "soft"}),
    "uniform": Variant("adaptive points: drawn without regard to the residual, as often", change=uniform),
    "unscaled": Variant("scaling: of inputs, outputs and residuals", change=unscaled),
    "float32": Variant("double precision: float32", {"dtype": "float32"}),
}


def main() -> None:
    variant, module = VARIANTS[sys.argv.pop(1)], problems.load(sys.argv[2])
    module.settings = {**getattr(module, "settings", {}), **variant.settings}  # type: ignore[attr-defined]
    plan = planning.plan
    planning.plan = lambda problem, **asked: variant.change(plan(problem, **asked))
    app()


if __name__ == "__main__":
    main()
