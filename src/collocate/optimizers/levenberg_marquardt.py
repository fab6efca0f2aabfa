"""Levenberg-Marquardt with ratio control, geodesic acceleration and column scaling.

A step solves (JᵀJ + λD²) v = −Jᵀr and takes the smallest damping λ whose decrease still agrees with the linear model:

    ϱ(λ) = [‖r(θ)‖² − ‖r(θ + p)‖²] / [‖r‖² − ‖r + Jv‖²] ≥ ϱ*,     p = v or v + a
    a = −½ (JᵀJ + λD²)⁻¹ Jᵀ r″,   r″ ≈ (2/h) [(r(θ + hv) − r(θ))/h − Jv],   tried when ‖Da‖ ≤ 1.5 ‖Dv‖
    D_j = ‖J_j‖^½, with a slowly decaying maximum over the steps

Sources: Webb, Jerad & Cartis, arXiv:2607.02194 (ratio control); Transtrum & Sethna, arXiv:1201.5885 (acceleration).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.optimizers.linear_algebra import DampedSystem, Kernel, NormalEquations, Orthogonal, times
from collocate.optimizers.protocol import Objective, State, require_finite

ROUNDING = 1e-15
"""A predicted decrease below this part of the loss cannot be seen in float64."""


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Options; dampings are relative to the mean diagonal of D⁻¹JᵀJD⁻¹, so they do not depend on the problem's units.

    damping            λ of the first probe of all
    ratio              ϱ*; lower takes bolder steps
    factor             from one probed damping to the next
    descents, ascents  at most so many probes below and above the last damping
    difference         h
    lowest, highest    the range of λ; refused at the highest, the state is stalled
    decay              of the maximum in D, a step
    orthogonal_below   λ under which J itself is factored: JᵀJ has no digits left there

    ϱ* = 0.15 and factor 4 gave the least error among 0.05 … 0.7 and 2 … 10 (2-D Poisson, four seeds).
    """

    name: ClassVar[str] = "levenberg_marquardt"

    damping: float = 1e-1
    ratio: float = 0.15
    factor: float = 4.0
    descents: int = 4
    ascents: int = 6
    acceleration: bool = True
    difference: float = 0.02
    lowest: float = 1e-22
    highest: float = 1e8
    decay: float = 0.95
    orthogonal_below: float = 1e-13

    def init(self, vector: np.ndarray) -> State:
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False,
                "damping": self.damping, "ratio": 0.0, "scale": np.zeros(vector.size)}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector, damping = state["vector"], state["damping"]
        rows, jacobian = (np.ascontiguousarray(a, np.float64) for a in objective.jacobian(vector))
        loss = 0.5 * float(rows @ rows)
        require_finite(loss, "The loss")
        norms = np.sqrt(np.einsum("np,np->p", jacobian, jacobian))
        require_finite(float(norms.sum()), "The norm of the Jacobian")
        scale = np.maximum(np.sqrt(norms), self.decay * state["scale"])
        kept = {"vector": vector, "loss": loss, "accepted": False, "ratio": 0.0, "scale": scale}
        if loss == 0.0 or not norms.any():
            return {**kept, "damping": damping, "stalled": True}
        # A column that vanishes must not be divided by zero.
        floored = np.maximum(scale, 1e-8 * scale.max())
        unit = float(np.mean((norms / floored) ** 2))
        model = _Model(self, objective, vector, rows, jacobian, floored, unit, damping)
        probe = self._search(model, damping)
        idle = probe.predicted <= ROUNDING * loss
        if probe.loss < loss:
            return {**kept, "vector": probe.vector, "loss": probe.loss, "accepted": True, "ratio": probe.ratio,
                    "damping": probe.damping, "stalled": idle}  # fmt: skip
        raised = min(10.0 * probe.damping, self.highest)
        return {**kept, "damping": raised, "stalled": idle or probe.damping >= self.highest}

    def _search(self, model: _Model, damping: float) -> _Probe:
        """The least damping that keeps ϱ ≥ ϱ*, walked to from the last one; else the probe with the lowest loss."""
        best = model.probe(damping)
        if best.ratio >= self.ratio:
            for _ in range(self.descents):
                lower = best.damping / self.factor
                trial = model.probe(lower) if lower >= self.lowest else None
                if trial is None or trial.ratio < self.ratio:
                    break
                best = trial
            return best
        for _ in range(self.ascents):
            damping = min(damping * self.factor, self.highest)
            trial = model.probe(damping)
            if trial.loss < best.loss or best.ratio <= 0.0:
                best = trial
            if trial.ratio >= self.ratio or damping >= self.highest:
                break
        return best


@dataclass(frozen=True)
class _Probe:
    damping: float
    vector: np.ndarray
    loss: float
    predicted: float
    ratio: float


class _Model:
    """The linear model at one vector, and the true residual beside it."""

    def __init__(
        self,
        options: LevenbergMarquardt,
        objective: Objective,
        vector: np.ndarray,
        rows: np.ndarray,
        jacobian: np.ndarray,
        scale: np.ndarray,
        unit: float,
        damping: float,
    ) -> None:
        self._options, self._objective = options, objective
        self._vector, self._rows, self._jacobian = vector, rows, jacobian
        self._scale, self._unit = scale, unit
        self._system = self._factored(damping)

    def _factored(self, damping: float) -> DampedSystem:
        if self._jacobian.shape[0] < self._jacobian.shape[1]:
            return Kernel(self._jacobian, self._scale)
        if damping < self._options.orthogonal_below:
            return Orthogonal(self._jacobian, self._scale)
        return NormalEquations(self._jacobian, self._scale)

    def probe(self, damping: float) -> _Probe:
        """The better of θ + v and θ + v + a, by true loss."""
        refused = _Probe(damping, self._vector, float("inf"), float("inf"), -float("inf"))
        scaled = self._system.solve(self._rows, damping * self._unit)
        if scaled is None:
            return refused
        v = scaled / self._scale
        change = times(self._jacobian, v)
        predicted = -float(change @ (self._rows + 0.5 * change))
        probe = self._trial(damping, v, predicted)
        if self._options.acceleration:
            a = self._acceleration(damping, v, change, float(np.linalg.norm(scaled)))
            accelerated = self._trial(damping, v + a, predicted) if a is not None else refused
            probe = accelerated if accelerated.loss < probe.loss else probe
        return probe

    def _trial(self, damping: float, p: np.ndarray, predicted: float) -> _Probe:
        vector = self._vector + p
        rows = np.asarray(self._objective.residuals(vector), np.float64)
        if not (np.isfinite(rows).all() and predicted > 0):
            return _Probe(damping, vector, float("inf"), predicted, -float("inf"))
        # A difference of squares as a product: the difference of two nearly equal losses would lose its digits.
        actual = 0.5 * float((self._rows - rows) @ (self._rows + rows))
        return _Probe(damping, vector, 0.5 * float(rows @ rows), predicted, actual / predicted)

    def _acceleration(self, damping: float, v: np.ndarray, change: np.ndarray, length: float) -> np.ndarray | None:
        h = self._options.difference
        shifted = np.asarray(self._objective.residuals(self._vector + h * v), np.float64)
        if not np.isfinite(shifted).all():
            return None
        curvature = (2.0 / h) * ((shifted - self._rows) / h - change)
        scaled = self._system.solve(0.5 * curvature, damping * self._unit)
        if scaled is None or np.linalg.norm(scaled) > 1.5 * length:
            return None
        return scaled / self._scale
