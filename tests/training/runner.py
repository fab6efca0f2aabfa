"""Trains cases in a process of its own, so that it can be killed: `runner.py FOLDER BACKEND MODE CASE…`.

Each case goes on from the checkpoint in FOLDER/CASE, which is written after every step, and prints "CASE STEP" as it
trains, for the killer to take aim.
"""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import collocate as co
from collocate.planning import counts
from collocate.training import loop

# 40 points in a layer of 5 are two blocks.
BLOCK_BYTES = 800
SMALL = Path(__file__).parents[1] / "small.py"
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "levenberg_marquardt": (
        "membrane",
        {"optimizer": "levenberg_marquardt", "network": (6,), "points": 80, "steps": 24},
    ),
    "natural_gradient": ("membrane", {"optimizer": "natural_gradient", "network": (8,), "points": 20, "steps": 24}),
    "self_scaled_broyden": ("bar", {"optimizer": "self_scaled_broyden", "network": (5,), "points": 40, "steps": 120}),
    "adam": ("bar", {"optimizer": "adam", "network": (5,), "points": 40, "steps": 120}),
    "lbfgs": ("bar", {"optimizer": "lbfgs", "network": (5,), "points": 40, "steps": 120}),
    # A rule of the framework's own, in batches.
    "rmsprop": ("bar", {"optimizer": "rmsprop", "network": (5,), "points": 40, "steps": 120, "batch": 8}),
    # Weights of terms and of rows, and points that stay.
    "weighted": (
        "heat",
        {
            "optimizer": "adam",
            "network": (5,),
            "points": 40,
            "steps": 120,
            "weighting": ["ntk", "residual_attention", "causal"],
        },
    ),
    "stages": (
        "membrane",
        {"optimizer": "levenberg_marquardt", "network": (4,), "points": 60, "steps": 10, "stages": 2},
    ),
    "slabs": ("oscillator", {"network": (12,), "points": 40}),
    "slabs_of_a_string": ("string", {"network": (6,), "points": 80, "steps": 24, "slabs": 2}),
}


def train(case: str, folder: Path, backend: str, mode: str) -> co.Solution:
    spec = spec_from_file_location("small", SMALL)
    assert spec is not None and spec.loader is not None
    small = module_from_spec(spec)
    spec.loader.exec_module(small)
    name, settings = CASES[case]
    problem = getattr(small, name)()

    def tell(event: Any) -> None:
        print(case, event.step, flush=True)

    return co.solve(problem, backend=backend, mode=mode, out=folder / case, resume=True, callbacks=[tell], **settings)


if __name__ == "__main__":
    loop.CHECKPOINT_SECONDS = 0.0
    counts.BLOCK_BYTES = BLOCK_BYTES
    for case in sys.argv[4:]:
        train(case, Path(sys.argv[1]), *sys.argv[2:4])
