"""Levenberg-Marquardt with ratio control, bent steps and column scaling.

A step solves (JᵀJ + λD²) v = −Jᵀr, bends v until the residual is what the linear model foretold, and takes the
smallest damping λ whose decrease still agrees with that model:

    p₀ = v,   p_{k+1} = p_k − (JᵀJ + λD²)⁻¹ Jᵀ [r(θ + p_k) − (r + Jv)]
    ϱ(λ) = [‖r(θ)‖² − ‖r(θ + p)‖²] / [‖r‖² − ‖r + Jv‖²] ≥ ϱ*,     p the best of the p_k
    D_j = ‖J_j‖^½, with a slowly decaying maximum over the steps

The valley of a least-squares loss is narrow and curved: a straight step leaves it. p₁ is the geodesic acceleration,
since r(θ + v) − r − Jv = ½ r″ to second order; the further p_k follow the valley to higher orders, with the factors
of the first solve (docs/why/bent-steps.md).

Sources: Webb, Jerad & Cartis, arXiv:2607.02194 (ratio control); Transtrum & Sethna, arXiv:1201.5885 (acceleration);
the iteration is the simplified Newton method, P. Deuflhard, doi:10.1007/978-3-642-23899-4, section 2.1.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.optimizers.linear_algebra import DampedSystem, Kernel, NormalEquations, Orthogonal, times
from collocate.optimizers.protocol import Objective, State, require_finite

ROUNDING = 1e-15
"""A predicted decrease below this part of the loss cannot be seen in float64."""
MET = 0.02
"""‖r(θ + p_k) − (r + Jv)‖², as a part of the predicted decrease, at which a step is bent enough."""
CONTRACTION = 0.7
"""A correction that leaves more than this part of it is the last."""


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Options; dampings are relative to the mean diagonal of D⁻¹JᵀJD⁻¹, so they do not depend on the problem's units.

    damping            λ of the first probe of all
    ratio              ϱ*; lower takes bolder steps
    factor             from one probed damping to the next
    descents, ascents  at most so many probes below and above the last damping
    corrections        at most so many p_k after p₀ = v
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
    corrections: int = 8
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
        """The best of the steps v = p₀, p₁, … by true loss."""
        step = self._solve(self._rows, damping)
        if step is None:
            return _Probe(damping, self._vector, float("inf"), float("inf"), -float("inf"))
        change = times(self._jacobian, step)
        foretold = self._rows + change
        predicted = -float(change @ (self._rows + 0.5 * change))
        best = _Probe(damping, self._vector, float("inf"), predicted, -float("inf"))
        if not predicted > 0:
            return best
        missed = float("inf")
        for left in range(self._options.corrections, -1, -1):
            rows = np.asarray(self._objective.residuals(self._vector + step), np.float64)
            if not np.isfinite(rows).all():
                break
            trial = self._judged(damping, step, rows, predicted)
            best = trial if trial.loss < best.loss else best
            remainder = rows - foretold
            before, missed = missed, float(remainder @ remainder)
            if not left or missed <= MET * predicted or missed > CONTRACTION * before:
                break
            correction = self._solve(remainder, damping)
            if correction is None:
                break
            step = step + correction
        return best

    def _solve(self, rows: np.ndarray, damping: float) -> np.ndarray | None:
        scaled = self._system.solve(rows, damping * self._unit)
        return None if scaled is None else scaled / self._scale

    def _judged(self, damping: float, step: np.ndarray, rows: np.ndarray, predicted: float) -> _Probe:
        # A difference of squares as a product: the difference of two nearly equal losses would lose its digits.
        actual = 0.5 * float((self._rows - rows) @ (self._rows + rows))
        return _Probe(damping, self._vector + step, 0.5 * float(rows @ rows), predicted, actual / predicted)
