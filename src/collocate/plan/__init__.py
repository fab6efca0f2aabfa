"""From a problem to a plan: which conditions are exact, which network, points, scales and optimizer, and why."""

from collocate.plan.make import make
from collocate.plan.specification import INTERIOR, Choice, Phase, Plan, PointSetPlan, Stage, Term, Trial

__all__ = ["INTERIOR", "Choice", "Phase", "Plan", "PointSetPlan", "Stage", "Term", "Trial", "make"]
