"""What a weighting sees of training, and what training sees of a weighting.

A weighting gives each term a weight w_m ("terms") and each residual row a multiplier μ_n ("rows"): the row is scaled by
√w_m · μ_n, so that the loss is ½ Σ_m w_m Σ_n ω_n μ_n² r_n². All is in NumPy on the host.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

import numpy as np

State = dict[str, Any]
"""{"terms": {term: float}, "rows": {term: (n,)}, …}: a tree that a checkpoint holds. What is left out counts as one."""


class Measurements(Protocol):
    """Training at one moment, on the current points, with all weights one; each is computed when it is asked for."""

    terms: tuple[str, ...]
    equations: tuple[str, ...]  # the terms whose rows are points of the interior
    scales: dict[str, float]  # by which each term's residual was divided

    def residuals(self) -> dict[str, np.ndarray]:
        """{term: rows (n,)}, dimensionless; one row for a reduced term."""
        ...

    def gradients(self) -> dict[str, np.ndarray]:
        """{term: ∇L_m (P,)}, L_m = ½ mean r²."""
        ...

    def traces(self) -> dict[str, float]:
        """{term: the mean of ‖∂r_n/∂θ‖² over its rows}."""
        ...

    def elapsed(self) -> np.ndarray:
        """Time of each interior point, as a share of all time: (n,)."""
        ...


class Weighting(Protocol):
    """Frozen options with two pure methods.

    `every`: steps from one update to the next. `by_row`: its rows belong to the points they were computed on, so it is
    updated with every new draw. `remembers`: its rows depend on earlier ones too, so the points must stay the same.
    """

    name: ClassVar[str]
    by_row: ClassVar[bool]
    remembers: ClassVar[bool]

    @property
    def every(self) -> int: ...

    def init(self) -> State: ...

    def update(self, state: State, seen: Measurements) -> State: ...
