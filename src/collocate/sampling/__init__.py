"""Where residuals are evaluated: pure functions of (seed, step, stream)."""

from __future__ import annotations

from collocate.sampling.residual_based import probabilities, resample
from collocate.sampling.unit_cube import SAMPLERS, generator, unit_cube

__all__ = ["SAMPLERS", "generator", "probabilities", "resample", "unit_cube"]
