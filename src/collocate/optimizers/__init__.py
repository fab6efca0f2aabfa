"""Optimizers over flat vectors, by name. Formulas and sources are in each file."""

from __future__ import annotations

from collocate.optimizers.adam import Adam
from collocate.optimizers.broyden import SelfScaledBroyden
from collocate.optimizers.levenberg_marquardt import LevenbergMarquardt
from collocate.optimizers.protocol import Objective, Optimizer, State

OPTIMIZERS: dict[str, type[Optimizer]] = {
    optimizer.name: optimizer for optimizer in (Adam, SelfScaledBroyden, LevenbergMarquardt)
}

__all__ = ["OPTIMIZERS", "Adam", "LevenbergMarquardt", "Objective", "Optimizer", "SelfScaledBroyden", "State"]
