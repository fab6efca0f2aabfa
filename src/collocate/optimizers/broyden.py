"""Self-scaled Broyden: a quasi-Newton method on the dense inverse Hessian, for losses with many points.

Sources: Al-Baali's self-scaling family; Urbán, Stefanou & Pons, J. Comput. Phys. 523 (2025) 113656;
Kiyani et al., arXiv:2501.16371.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.linalg import get_blas_funcs, get_lapack_funcs

from collocate.optimizers.line_search import Trial, strong_wolfe
from collocate.optimizers.options import require_wolfe
from collocate.optimizers.protocol import Objective, State, require_finite
from collocate.optimizers.ray import evaluate, ray

symv, syr, syr2 = get_blas_funcs(("symv", "syr", "syr2"), dtype=np.float64)
(potrf,) = get_lapack_funcs(("potrf",), dtype=np.float64)


@dataclass(frozen=True)
class SelfScaledBroyden:
    """θ ← θ − α H g, α from a strong Wolfe search, H updated by ``update``.

    H is a Fortran-ordered (P, P) array of which only the lower triangle is used. It is carried over when the points
    change, after a Cholesky test; it is reset to I where that test or the line search fails.
    ``self_scaled=False`` is plain BFGS, kept as the yardstick.
    """

    name: ClassVar[str] = "self_scaled_broyden"

    self_scaled: bool = True
    c1: float = 1e-4
    c2: float = 0.9
    evaluations: int = 25

    def __post_init__(self) -> None:
        require_wolfe(self)

    def init(self, vector: np.ndarray) -> State:
        return {"vector": vector, "loss": float("inf"), "accepted": False, "stalled": False, "fresh": True,
                "key": -1, "gradient": np.zeros(vector.size), "inverse_hessian": _identity(vector.size)}  # fmt: skip

    def step(self, state: State, objective: Objective) -> State:
        vector, loss, gradient = state["vector"], state["loss"], state["gradient"]
        # A state read from a file may come back C-ordered; BLAS wants columns.
        inverse, fresh = np.asfortranarray(state["inverse_hessian"]), state["fresh"]
        if state["key"] != objective.key:
            loss, gradient = evaluate(objective, vector)
            require_finite(loss, "The loss")
            require_finite(float(gradient @ gradient), "The squared norm of the gradient")
            if not (fresh or _positive_definite(inverse)):
                inverse, fresh = _identity(vector.size), True
        kept = {"vector": vector, "loss": loss, "gradient": gradient, "key": objective.key, "accepted": False}
        direction = -symv(1.0, inverse, gradient, lower=1)
        start = Trial(0.0, loss, float(gradient @ direction), gradient)
        first = min(1.0, 1.0 / max(np.abs(gradient).sum(), 1e-300)) if fresh else 1.0
        trial = None
        if start.slope < 0:
            along = ray(objective, vector, direction)
            trial = strong_wolfe(along, start, first, self.c1, self.c2, self.evaluations)
        if trial is None:
            return {**kept, "inverse_hessian": _identity(vector.size), "fresh": True, "stalled": fresh}
        step, change = trial.length * direction, trial.gradient - gradient
        updated = update(inverse, step, change, gradient, trial.length, fresh, self.self_scaled)
        return {"vector": vector + trial.length * direction, "loss": trial.loss, "gradient": trial.gradient,
                "key": objective.key, "accepted": True, "stalled": False, "fresh": fresh and updated is None,
                "inverse_hessian": inverse if updated is None else updated, "step_length": trial.length}  # fmt: skip


def update(
    inverse: np.ndarray, s: np.ndarray, y: np.ndarray, g: np.ndarray, length: float, fresh: bool, self_scaled: bool
) -> np.ndarray | None:
    """H⁺ = [H − Hy(Hy)ᵀ/(yᵀHy) + φ (yᵀHy) v vᵀ]/τ + ρ s sᵀ,  v = ρ s − Hy/(yᵀHy),  ρ = 1/yᵀs.

    The three products lie in the span of s and w = Hy, so the work is one scaled copy and rank-two updates of one
    triangle:  H⁺ = H/τ + a ssᵀ + b (swᵀ + wsᵀ) + c wwᵀ.  Returns None where yᵀs is too small to keep H positive.
    ``fresh`` says that H is still I: it is then first scaled to yᵀs/yᵀy (Nocedal & Wright, 6.20).
    """
    curvature = float(y @ s)
    if curvature <= 1e-16 * float(np.linalg.norm(y) * np.linalg.norm(s)):
        return None
    scale = curvature / float(y @ y) if fresh else 1.0
    w = scale * symv(1.0, inverse, y, lower=1)
    rho, ywy = 1.0 / curvature, float(y @ w)
    if ywy <= 0:
        return None
    tau, phi = 1.0, 1.0
    if self_scaled and not fresh:
        tau, phi = scaling(h=rho * ywy, b=-length * rho * float(s @ g), size=s.size)
    result = inverse * (scale / tau)
    cross, both = -phi * rho / tau, phi * ywy * rho**2 / tau + rho
    result = syr2(1.0, s, 0.5 * both * s + cross * w, a=result, lower=1, overwrite_a=1)
    if phi != 1.0:
        result = syr((phi - 1.0) / (ywy * tau), w, a=result, lower=1, overwrite_a=1)
    return result


def scaling(h: float, b: float, size: int) -> tuple[float, float]:
    """(τ, φ) of the self-scaled family from h = ρ yᵀHy and b = −α ρ sᵀg; the names are the paper's."""
    a = max(b * h - 1.0, 1e-12)
    c = np.sqrt(a / (1.0 + a))
    rho = min(1.0, h * (1.0 - c))
    theta = max((rho - 1.0) / a, min(1.0 / rho, (1.0 - b) / b))
    sigma = 1.0 + theta * a
    sigma_n = abs(sigma) ** (1.0 / (1.0 - size)) if size > 1 else 1.0
    beta = min(1.0, 1.0 / b)
    tau = beta * min(sigma_n, 1.0 / theta) if theta > 0 else min(beta * sigma_n, sigma)
    return float(tau), float((1.0 - theta) / (1.0 + a * theta))


def _identity(size: int) -> np.ndarray:
    return np.eye(size, order="F")


def _positive_definite(inverse: np.ndarray) -> bool:
    return potrf(inverse, lower=1, clean=0)[1] == 0
