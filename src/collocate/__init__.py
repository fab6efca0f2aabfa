"""Differential equations by physics-informed neural networks, on PyTorch, TensorFlow and JAX.

``import collocate as co`` loads nothing but this file: each public name brings its module on first use (PEP 562), since
SymPy alone costs 0.3 s and a framework several. The table below says where each name lives.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_NAMES_BY_MODULE = {
    "comparison.comparison": ("Comparison", "compare"),
    "geometry": ("Ball", "Box", "Disk", "Interval", "Polygon", "Rectangle", "Time"),
    "statement": (
        "Condition",
        "Data",
        "Dirichlet",
        "Final",
        "Initial",
        "Mean",
        "Neumann",
        "Parameter",
        "Periodic",
        "Point",
        "Problem",
        "Robin",
        "Unknown",
        "normal",
    ),
    "networks": ("FourierFeatures", "GatedMLP", "MLP", "PirateNet", "Separate"),
    "planning": ("plan",),
    "optimizers": (
        "LBFGS",
        "Adam",
        "CosineDecay",
        "ExponentialDecay",
        "FirstOrder",
        "LevenbergMarquardt",
        "NaturalGradient",
        "PiecewiseConstant",
        "SelfScaledBroyden",
        "WarmUp",
    ),
    "solution": ("Solution", "load", "solve"),
    "verification": ("Study", "Verdict", "convergence", "manufacture", "verify"),
    "ejection": ("eject",),
    "exporting.export": ("export",),
    "weighting": ("NTK", "Causal", "GradientNorm", "Huber", "MeanAbsolute", "ResidualAttention", "SelfAdaptive"),
}
_MODULE_OF = {name: module for module, names in _NAMES_BY_MODULE.items() for name in names}
_SUBMODULES = ("errors",)


# The same table once more, for editors and type checkers; a test holds the two together.
if TYPE_CHECKING:
    from . import errors as errors
    from .comparison.comparison import Comparison as Comparison
    from .comparison.comparison import compare as compare
    from .ejection import eject as eject
    from .exporting.export import export as export
    from .geometry import Ball as Ball
    from .geometry import Box as Box
    from .geometry import Disk as Disk
    from .geometry import Interval as Interval
    from .geometry import Polygon as Polygon
    from .geometry import Rectangle as Rectangle
    from .geometry import Time as Time
    from .networks import MLP as MLP
    from .networks import FourierFeatures as FourierFeatures
    from .networks import GatedMLP as GatedMLP
    from .networks import PirateNet as PirateNet
    from .networks import Separate as Separate
    from .optimizers import LBFGS as LBFGS
    from .optimizers import Adam as Adam
    from .optimizers import CosineDecay as CosineDecay
    from .optimizers import ExponentialDecay as ExponentialDecay
    from .optimizers import FirstOrder as FirstOrder
    from .optimizers import LevenbergMarquardt as LevenbergMarquardt
    from .optimizers import NaturalGradient as NaturalGradient
    from .optimizers import PiecewiseConstant as PiecewiseConstant
    from .optimizers import SelfScaledBroyden as SelfScaledBroyden
    from .optimizers import WarmUp as WarmUp
    from .planning import plan as plan
    from .solution import Solution as Solution
    from .solution import load as load
    from .solution import solve as solve
    from .statement import Condition as Condition
    from .statement import Data as Data
    from .statement import Dirichlet as Dirichlet
    from .statement import Final as Final
    from .statement import Initial as Initial
    from .statement import Mean as Mean
    from .statement import Neumann as Neumann
    from .statement import Parameter as Parameter
    from .statement import Periodic as Periodic
    from .statement import Point as Point
    from .statement import Problem as Problem
    from .statement import Robin as Robin
    from .statement import Unknown as Unknown
    from .statement import normal as normal
    from .verification import Study as Study
    from .verification import Verdict as Verdict
    from .verification import convergence as convergence
    from .verification import manufacture as manufacture
    from .verification import verify as verify
    from .weighting import NTK as NTK
    from .weighting import Causal as Causal
    from .weighting import GradientNorm as GradientNorm
    from .weighting import Huber as Huber
    from .weighting import MeanAbsolute as MeanAbsolute
    from .weighting import ResidualAttention as ResidualAttention
    from .weighting import SelfAdaptive as SelfAdaptive


def __getattr__(name: str) -> object:
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    if name in _MODULE_OF:
        found = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        value = import_module(".errors", __name__).public(found)
        globals()[name] = value  # the next look-up does not come here
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULE_OF, *_SUBMODULES})
