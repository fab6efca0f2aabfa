"""Damped least squares, factored once for many right-hand sides: p(w, λ) = −(AᵀA + λI)⁻¹ Aᵀw with A = J D⁻¹.

J is (N, P), D a positive diagonal. Three ways, by shape and by the digits wanted:

    NormalEquations   N P² + P³/3 a damping      loses directions below 1e-8 of the largest singular value
    Orthogonal        2 N P² + P³ a damping      keeps them: A itself is factored, not AᵀA
    Kernel            N² P + N³/3 a damping      for N < P, by (AᵀA + λI)⁻¹Aᵀ = Aᵀ(AAᵀ + λI)⁻¹

Where a factorisation fails, because λ is below rounding, the answer is None.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Protocol

import numpy as np
from scipy.linalg import get_blas_funcs, get_lapack_funcs
from threadpoolctl import ThreadpoolController

from collocate.cores import usable_cores

gemv, syrk = get_blas_funcs(("gemv", "syrk"), dtype=np.float64)
geqrf, ormqr, potrf, potri, potrs, tpmqrt, tpqrt, trtrs = get_lapack_funcs(
    ("geqrf", "ormqr", "potrf", "potri", "potrs", "tpmqrt", "tpqrt", "trtrs"), dtype=np.float64
)

BLOCK = 64
"""Columns that a blocked QR treats at once."""
LEAST_SHARE = 256
"""Rows that are worth a thread."""


def times(jacobian: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """J v of a C-ordered J, by the BLAS that all else here uses: NumPy brings a second one with threads of its own."""
    return gemv(1.0, jacobian.T, vector, trans=1)


def gram(jacobian: np.ndarray) -> np.ndarray:
    """JᵀJ of a tall C-ordered J: each core takes a share of the rows, in one call of BLAS, and the shares are added.

    This is most of a step. BLAS with threads of its own is no faster here and slows the framework down between two of
    its calls, as its threads wait awake; these sleep. NumPy's product knows that JᵀJ is symmetric, and lets go of the
    interpreter's lock, which SciPy's syrk does not.
    """
    shares = min(usable_cores(), max(1, jacobian.shape[0] // LEAST_SHARE))
    with _blas().limit(limits=1, user_api="blas"):
        first, *others = _workers().map(lambda part: part.T @ part, np.array_split(jacobian, shares))
    for other in others:
        first += other
    return first


@cache
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(usable_cores(), "collocate")


@cache
def _blas() -> ThreadpoolController:
    """Found once: looking for libraries takes longer than a small product."""
    return ThreadpoolController()


class DampedSystem(Protocol):
    """Answers p(w, λ); the factor of the last λ is kept, so a second right-hand side costs only the solve."""

    def solve(self, rows: np.ndarray, damping: float) -> np.ndarray | None: ...


class NormalEquations:
    """Cholesky of AᵀA + λI."""

    def __init__(self, jacobian: np.ndarray, scale: np.ndarray) -> None:
        self._jacobian, self._scale = jacobian, scale
        self._gram = gram(jacobian)
        self._gram /= scale[:, None]
        self._gram /= scale[None, :]
        self._damping, self._factor = -1.0, None

    def solve(self, rows: np.ndarray, damping: float) -> np.ndarray | None:
        if damping != self._damping:
            self._damping, self._factor = damping, _cholesky(self._gram, damping)
        if self._factor is None:
            return None
        return -potrs(self._factor, gemv(1.0, self._jacobian.T, rows) / self._scale, lower=1)[0]

    def left_out(self, rows: np.ndarray, damping: float) -> float:
        """Σ_n (e_n / (1 − h_n))², e = w + A p, h the diagonal of A (AᵀA + λI)⁻¹ Aᵀ: see `Kernel.left_out`."""
        step = self.solve(rows, damping)
        if step is None:
            return float("inf")
        scaled = np.asfortranarray((self._jacobian / self._scale).T)
        whitened = trtrs(self._factor, scaled, lower=1, overwrite_b=1)[0]
        leverage = np.einsum("pn,pn->n", whitened, whitened)
        left = rows + times(self._jacobian, step / self._scale)
        return _squares(left, 1.0 - leverage)


class Orthogonal:
    """QR of A, then QR of [R; √λ I], whose two triangles LAPACK's tpqrt knows."""

    def __init__(self, jacobian: np.ndarray, scale: np.ndarray) -> None:
        scaled = np.asfortranarray(jacobian / scale)
        size = scaled.shape[1]
        self._reflectors, self._tau, _, _ = geqrf(scaled, lwork=BLOCK * size, overwrite_a=1)
        self._triangle = np.asfortranarray(np.triu(self._reflectors[:size]))
        self._damping = -1.0
        self._factor: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def solve(self, rows: np.ndarray, damping: float) -> np.ndarray | None:
        size = self._triangle.shape[0]
        if self._factor is None or damping != self._damping:
            self._damping, self._factor = damping, self._damped(damping)
        triangle, reflectors, blocks = self._factor
        projected = ormqr("L", "T", self._reflectors, self._tau, rows[:, None], lwork=BLOCK * size)[0][:size]
        upper = tpmqrt(size, reflectors, blocks, projected, np.zeros_like(projected), trans="T")[0]
        answer, info = trtrs(triangle, upper[:, 0])
        return -answer if info == 0 and np.isfinite(answer).all() else None

    def _damped(self, damping: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The triangle of [R; √λ I] = Q R′, and Q as reflectors and their blocks."""
        size = self._triangle.shape[0]
        below = np.zeros((size, size), order="F")
        np.fill_diagonal(below, np.sqrt(damping))
        return tpqrt(size, min(BLOCK, size), self._triangle, below, overwrite_b=1)[:3]


class Kernel:
    """Cholesky of AAᵀ + λI."""

    def __init__(self, jacobian: np.ndarray, scale: np.ndarray) -> None:
        self._scaled = jacobian / scale
        self._kernel = syrk(1.0, self._scaled.T, trans=1, lower=1)
        self._damping, self._factor = -1.0, None

    def solve(self, rows: np.ndarray, damping: float) -> np.ndarray | None:
        if damping != self._damping:
            self._damping, self._factor = damping, _cholesky(self._kernel, damping)
        if self._factor is None:
            return None
        return -gemv(1.0, self._scaled.T, potrs(self._factor, rows, lower=1)[0])

    def left_out(self, rows: np.ndarray, damping: float) -> float:
        """Σ_n (w_n + A_n p₍ₙ₎)², p₍ₙ₎ the answer for all rows but the n-th; by one inverse, with K = AAᵀ + λI:

        w_n + A_n p₍ₙ₎ = (K⁻¹w)_n / (K⁻¹)_nn.    Infinite where the factorisation fails.
        """
        if self.solve(rows, damping) is None:
            return float("inf")
        inverse = potri(self._factor, lower=1)[0]
        return _squares(potrs(self._factor, rows, lower=1)[0], np.diagonal(inverse))


def _squares(numerator: np.ndarray, denominator: np.ndarray) -> float:
    """Σ (numerator / denominator)², infinite where that has no value."""
    if not (denominator > 0.0).all():
        return float("inf")
    found = float(np.sum((numerator / denominator) ** 2))
    return found if np.isfinite(found) else float("inf")


def _cholesky(matrix: np.ndarray, damping: float) -> np.ndarray | None:
    damped = matrix.copy(order="F")
    damped[np.diag_indices_from(damped)] += damping
    factor, info = potrf(damped, lower=1, clean=0, overwrite_a=1)
    return factor if info == 0 else None
