"""All that training knows at one moment, as a tree that a checkpoint holds exactly."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from collocate import store, tree
from collocate.errors import StoreError

KIND = "checkpoint"
FILE = "training.collocate"
# Raised with every change of what the state means: of the loop, of an optimizer, of how points are drawn.
LAYOUT = 5

# Why training stopped before its end; a resumed run goes on where its own limits allow.
INTERRUPTED, CALLBACK = ASKED = "interrupted", "a callback asked"
ACCURACY_REACHED, TIME_LIMIT, STEP_LIMIT = LIMITED = "accuracy reached", "time limit", "step limit"


@dataclass
class TrainingState:
    """`optimizer` is the optimizer's own state; `points` are the current collocation points; `weighting` are the
    states of the plan's weightings, none where there are none.

    `best_vector` has the lowest held-out residual so far, `best_heldout`; `milestone` is that at which the last
    worthwhile progress was made, `evaluations_since` counts towards the phase's patience. `moments` are what
    `error_estimate` is calibrated by (`training.calibration`). `history` holds one list per recorded quantity.
    `seconds` is training time over all sessions. `stages`: of each network that is frozen its vector, the held-out
    residual then, and the factor in the next one's scales.
    """

    phase: int = 0
    step: int = 0
    phase_step: int = 0
    draws: int = 0
    stalls: int = 0
    optimizer: dict[str, Any] = field(default_factory=dict)
    points: dict[str, Any] = field(default_factory=dict)
    weighting: dict[str, Any] = field(default_factory=dict)
    best_vector: np.ndarray = field(default_factory=lambda: np.zeros(0))
    best_heldout: float = float("inf")
    milestone: float = float("inf")
    error_estimate: float = float("inf")
    moments: list[dict[str, Any]] = field(default_factory=list)
    evaluations_since: int = 0
    initial: np.ndarray = field(default_factory=lambda: np.zeros(0))
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    finished: list[dict[str, Any]] = field(default_factory=list)
    stages: list[dict[str, Any]] = field(default_factory=list)
    history: dict[str, list[Any]] = field(default_factory=dict)
    seconds: float = 0.0
    stopped_because: str = ""

    def begin_slab(self) -> None:
        """Forget what belongs to one slab or stage; steps, draws, time and history go on."""
        self.phase = self.phase_step = self.stalls = self.evaluations_since = 0
        self.optimizer, self.points, self.weighting = {}, {}, {}
        self.best_vector, self.moments = np.zeros(0), []
        self.best_heldout = self.milestone = self.error_estimate = float("inf")
        self.stopped_because = ""

    def save(self, folder: str | os.PathLike[str], fingerprint: str) -> None:
        """Write the checkpoint, atomically; `fingerprint` names the problem, plan and backend that it belongs to."""
        document, arrays = _pack({item.name: getattr(self, item.name) for item in fields(self)})
        content = {"layout": LAYOUT, "state": document, "fingerprint": fingerprint}
        store.write(Path(folder) / FILE, KIND, content, arrays)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], fingerprint: str) -> TrainingState | None:
        """The checkpoint in `folder`, or None where there is none.

        Raises StoreError where it belongs to another problem, plan or backend, or cannot be read.
        """
        path = Path(folder) / FILE
        if not path.exists():
            return None
        document, arrays = store.read(path, KIND)
        if not isinstance(document, dict) or document.get("layout") != LAYOUT:
            raise StoreError(f"the checkpoint {path} is of another version of collocate; start anew, without resume")
        if document.get("fingerprint") != fingerprint:
            raise StoreError(
                f"the checkpoint {path} belongs to another problem, plan, backend or seed; "
                "resume with the same settings, or train into another folder"
            )
        try:
            state = cls._of(_unpack(document["state"], arrays))
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"the checkpoint {path} is malformed ({error}); delete it to start anew") from None
        if state.stopped_because in ASKED:
            state.stopped_because = ""
        return state

    @classmethod
    def _of(cls, members: dict[str, Any]) -> TrainingState:
        """Raises KeyError for a member that is missing, TypeError for one too many or of another type."""
        for name, expected in vars(cls()).items():
            if type(members[name]) is not type(expected):
                raise TypeError(f"{name} is a {type(members[name]).__name__}, not a {type(expected).__name__}")
        return cls(**members)


def _pack(state: dict[str, Any]) -> tuple[Any, dict[str, np.ndarray]]:
    """The tree with arrays replaced by {"array": name, "order": "C" | "F"}, and the arrays by name."""
    arrays: dict[str, np.ndarray] = {}

    def keep(path: tuple[str | int, ...], leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf.item() if isinstance(leaf, np.generic) else leaf
        name = "/".join(map(str, path))
        arrays[name] = leaf
        # A Fortran-ordered matrix must come back as one: linear algebra on it rounds differently otherwise.
        fortran = leaf.ndim > 1 and leaf.flags.f_contiguous and not leaf.flags.c_contiguous
        return {"array": name, "order": "F" if fortran else "C"}

    replaced = [keep(path, leaf) for path, leaf in zip(tree.paths(state), tree.leaves(state), strict=True)]
    return tree.unflatten(state, replaced), arrays


def _unpack(document: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(document, dict) and set(document) == {"array", "order"}:
        return np.array(arrays[document["array"]], order=document["order"])
    if isinstance(document, dict):
        return {key: _unpack(value, arrays) for key, value in document.items()}
    if isinstance(document, list):
        return [_unpack(value, arrays) for value in document]
    return document
