"""Weights of terms and of rows, by name. Formulas and sources are in each file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collocate.weighting.causal import Causal
from collocate.weighting.fixed import Fixed
from collocate.weighting.gradient_norm import GradientNorm
from collocate.weighting.ntk import NTK
from collocate.weighting.protocol import Measurements, State, Weighting
from collocate.weighting.residual_attention import ResidualAttention
from collocate.weighting.robust import Huber, MeanAbsolute, Robust
from collocate.weighting.self_adaptive import SelfAdaptive

WEIGHTINGS: dict[str, Any] = {
    kind.name: kind for kind in (Fixed, GradientNorm, NTK, ResidualAttention, SelfAdaptive, Causal, Robust)
}


def create(name: str, options: Mapping[str, Any]) -> Weighting:
    """The weighting of that name, with the options that a plan holds."""
    return WEIGHTINGS[name](**options)


__all__ = [
    "NTK",
    "WEIGHTINGS",
    "Causal",
    "Fixed",
    "GradientNorm",
    "Huber",
    "MeanAbsolute",
    "Measurements",
    "ResidualAttention",
    "Robust",
    "SelfAdaptive",
    "State",
    "Weighting",
    "create",
]
