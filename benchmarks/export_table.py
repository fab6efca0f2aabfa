"""Burgers' equation, trained on each framework, exported to every target: parity, size and time per point.

    python benchmarks/export_table.py run [--backend torch tensorflow jax] [--dtype float64 float32] [--to TARGET …]
    python benchmarks/export_table.py write                 # docs/export.md; exports nothing

The network is the one that `collocate solve burgers` takes. It is trained for two steps only: neither parity nor size
nor time depend on how good it is. A row replaces the earlier one of the same target, framework and dtype.
"""

from __future__ import annotations

import argparse
import datetime
import json
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import runs
from derivatives import machine

import collocate as co
from collocate.export import vectors
from collocate.export.manifest import Artifact
from collocate.export.targets import TARGETS
from collocate.problems import load

OUTPUTS = "u, u_x, u_t, u_xx"
BACKENDS, DTYPES = ("torch", "tensorflow", "jax"), ("float64", "float32")
EVERY = tuple(name for name in TARGETS if name != "web")  # which is a page around one of the others
PAGE = runs.ROOT / "docs" / "export.md"
KEY = ("target", "dtype", "backend")

TEXT = """\
# Every target, measured

Burgers' equation was trained on each of the three frameworks and exported to every target, with {outputs} as outputs, each once in each of the target's precisions.
[Exporting](how-to/exporting.md) tells what the targets are, and what parity is: the largest difference from the solution on 1, 7 and 1,000 points, as a part of the output's scale. An artifact is kept where that is under 1e-12 in float64, under 5e-6 in float32.

{table}

Size: all files of the artifact but `manifest.json` and `vectors.json`. Time: of 1,000 points by the target's own runtime, all outputs, as `manifest.json` tells it; the median of the three artifacts. Of ExecuTorch it holds the way to another process and back, about 0.1 µs a point;
of the Python module nothing is told, since each call starts a process. JAX and LiteRT were given 1,000 points before, and so had compiled for that number, or made room for it.

Network: {network}, {parameters} parameters. {machine}. Written by `benchmarks/export_table.py` from `benchmarks/results/{file}`.
"""


def run(backend: str, dtype: str, targets: Sequence[str]) -> Iterator[dict[str, Any]]:
    """A row a target that has the dtype. Raises SystemExit where one failed."""
    solution = co.solve(load("burgers").problem, backend=backend, mode="eager", steps=2)
    about = {"network": str(solution.plan.stages[0].network), "date": datetime.date.today().isoformat()}
    about |= {"parameters": solution.result["parameters"], "commit": runs.commit(), "machine": machine()}
    chosen = [name for name in targets if dtype in TARGETS[name].dtypes]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        found = co.export(solution, chosen, outputs=OUTPUTS, dtype=dtype, out=folder)
        if found.failed:
            raise SystemExit(f"{backend}, {dtype}: {found.failed}")
        for name, artifact in found.artifacts.items():
            yield {"target": name, "dtype": dtype, "backend": backend, **_figures(artifact), **about}


def _figures(artifact: Artifact) -> dict[str, Any]:
    parity = artifact.manifest["parity"]
    outputs = parity["outputs"].items()
    return {
        "relative": max(each["largest_difference"] / each["scale"] for _, each in outputs),
        "absolute": {name: each["largest_difference"] for name, each in outputs},
        "bytes": sum(file["bytes"] for name, file in artifact.manifest["files"].items() if name != vectors.NAME),
        "seconds_per_point": parity["seconds_per_point"],
        "versions": artifact.manifest["provenance"]["versions"],
    }
