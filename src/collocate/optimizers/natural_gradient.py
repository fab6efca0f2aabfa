"""Energy natural gradient in kernel form, with momentum: for fewer rows than parameters, drawn anew each step.

    K = J Jᵀ + λ I  (N × N),    φ = μ φ₋ + Jᵀ K⁻¹ (−r − μ J φ₋),    θ ← θ + η φ

φ minimises ‖r + Jφ‖² + λ ‖φ − μ φ₋‖²: in directions that these N points do not fix it keeps what earlier points
taught. μ = 0 is the plain method (ENGD-W), μ > 0 that with momentum (SPRING).

A small λ meets these rows and spoils all others, so λ is judged by rows left out. With α = K⁻¹ (r + μ J φ₋), what the
linear model leaves of row n when it is computed without that row is α_n / (K⁻¹)_nn; λ is the one with the least sum of
their squares among a few around the last.

Sources: Müller & Zeinhofer, ICML 2023 (energy natural gradient); Goldshlager, Abrahamsen & Lin, arXiv:2401.10190
(SPRING); Guzmán-Cordero et al., arXiv:2505.12149 (both for PINNs, by the kernel); rows left out: Golub, Heath & Wahba,
doi:10.1080/00401706.1979.10489751, section 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from collocate.optimizers.linear_algebra import Kernel, NormalEquations, times
from collocate.optimizers.options import require_positive, require_share
from collocate.optimizers.protocol import Objective, State, require_finite

FINEST = 30
"""The grid of step lengths is 2⁻³⁰ … 1."""
WALK = 4
"""At most so many dampings are tried on one side of the last."""


@dataclass(frozen=True)
class NaturalGradient:
    """Options; dampings are relative to the mean diagonal of JJᵀ, so they do not depend on the problem's units.

    momentum          μ
    damping           λ of the first step
    factor            from one tried damping to the next
    lowest, highest   the range of λ; below the lowest JJᵀ has no digits left
    step_length       η; None: from the grid 1, ½, … 2⁻³⁰ by the true loss on the same points
    norm_cap          η is at most norm_cap / ‖φ‖; None: no cap

    The search for η walks from the last one while the loss falls: three residuals a step or so.
    """

    name: ClassVar[str] = "natural_gradient"

    momentum: float = 0.9
    damping: float = 1e-3
    factor: float = 4.0
    lowest: float = 1e-13
    highest: float = 1.0
    step_length: float | None = None
    norm_cap: float | None = None

    def __post_init__(self) -> None:
        require_share(self, "momentum")
        given = [name for name in ("step_length", "norm_cap") if getattr(self, name) is not None]
        require_positive(self, "damping", "factor", "lowest", "highest", *given)

    def init(self, vector: np.ndarray) -> State:
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False, "damping": self.damping,
                "direction": np.zeros(vector.size), "halvings": 0, "step_length": 0.0}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector, carried = state["vector"], self.momentum * state["direction"]
        rows, jacobian = (np.ascontiguousarray(a, np.float64) for a in objective.jacobian(vector))
        loss = 0.5 * float(rows @ rows)
        require_finite(loss, "The loss")
        unit = float(np.einsum("np,np->", jacobian, jacobian)) / len(rows)
        require_finite(unit, "The norm of the Jacobian")
        kept = {**state, "loss": loss, "accepted": False, "direction": np.zeros(vector.size), "halvings": 0}
        if loss == 0.0 or unit == 0.0:
            return {**kept, "stalled": True}
        ones = np.ones(vector.size)
        system = Kernel(jacobian, ones) if len(rows) < vector.size else NormalEquations(jacobian, ones)
        target = rows + times(jacobian, carried)
        damping = self._damping(system, target, state["damping"], unit)
        solved = system.solve(target, damping * unit)
        if solved is None:  # JJᵀ has lost its digits before the lowest λ
            return {**kept, "damping": damping * self.factor, "stalled": damping >= self.highest}
        direction = carried + solved
        halvings, length, after = self._length(objective, vector, direction, state["halvings"], loss)
        if after < loss or (self.step_length is not None and math.isfinite(after)):
            return {"vector": vector + length * direction, "loss": after, "accepted": True, "stalled": False,
                    "damping": damping, "direction": direction, "halvings": halvings,
                    "step_length": length}  # fmt: skip
        # The carried direction may lead uphill on these points: the next step goes without. The plain one never does.
        return {**kept, "damping": damping, "stalled": not carried.any()}

    def _damping(self, system: Kernel | NormalEquations, target: np.ndarray, last: float, unit: float) -> float:
        """λ by the rows left out, walked to from the last one."""
        best, least = last, system.left_out(target, last * unit)
        for factor in (1.0 / self.factor, self.factor):
            for _ in range(WALK):
                trial = best * factor
                missed = system.left_out(target, trial * unit) if self.lowest <= trial <= self.highest else math.inf
                if not missed < least:
                    break
                best, least = trial, missed
            if best != last:
                break
        return best

    def _length(
        self, objective: Objective, vector: np.ndarray, direction: np.ndarray, start: int, before: float
    ) -> tuple[int, float, float]:
        """(k, η, the loss there), η = 2⁻ᵏ unless the options say otherwise."""
        cap = math.inf if self.norm_cap is None else self.norm_cap / max(float(np.linalg.norm(direction)), 1e-300)

        def loss(length: float) -> float:
            rows = np.asarray(objective.residuals(vector + min(length, cap) * direction), np.float64)
            squares = 0.5 * float(rows @ rows)
            return squares if math.isfinite(squares) else math.inf

        if self.step_length is not None:
            return 0, min(self.step_length, cap), loss(self.step_length)
        halvings, best = start, loss(2.0**-start)
        while halvings > 0 and (longer := loss(2.0 ** (1 - halvings))) < best:
            halvings, best = halvings - 1, longer
        if halvings < start and best < before:
            return halvings, min(2.0**-halvings, cap), best
        while halvings < FINEST:
            shorter = loss(2.0 ** (-1 - halvings))
            if best < before and not shorter < best:
                break
            halvings, best = halvings + 1, shorter
        return halvings, min(2.0**-halvings, cap), best
