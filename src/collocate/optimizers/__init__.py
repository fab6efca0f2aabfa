"""Optimizers over flat vectors, by name. Formulas and sources are in each file."""

from __future__ import annotations

from collocate.optimizers.adam import Adam
from collocate.optimizers.broyden import SelfScaledBroyden
from collocate.optimizers.create import OPTIMIZERS, create
from collocate.optimizers.first_order import FirstOrder
from collocate.optimizers.lbfgs import LBFGS
from collocate.optimizers.levenberg_marquardt import LevenbergMarquardt
from collocate.optimizers.natural_gradient import NaturalGradient
from collocate.optimizers.protocol import Objective, Optimizer, State
from collocate.optimizers.schedules import CosineDecay, ExponentialDecay, PiecewiseConstant, WarmUp

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "Adam",
    "CosineDecay",
    "ExponentialDecay",
    "FirstOrder",
    "LevenbergMarquardt",
    "NaturalGradient",
    "Objective",
    "Optimizer",
    "PiecewiseConstant",
    "SelfScaledBroyden",
    "State",
    "WarmUp",
    "create",
]
