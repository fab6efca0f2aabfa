"""Solutions of each framework, and of each kind of problem, go to every target, and each runtime agrees.

`co.export` keeps no artifact whose own runtime does not: so what is asserted is that all are there. Nothing is trained
but two steps, since parity needs no accuracy.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import collocate as co
from collocate.exporting.manifest import Artifact
from collocate.exporting.targets import TARGETS
from collocate.problems import load

from ..unit.exporting import zoo

EVERY = list(TARGETS)
SHIPPED = ("onnx", "savedmodel", "litert", "tfjs", "c")
ONLY_SINGLE = {"litert", "tfjs"}


def exported(solution: co.Solution, targets: list[str], outputs: str, folder: Path) -> dict[str, Artifact]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(LiteRT|TensorFlow.js) has no float64")
        found = co.export(solution, targets, outputs=outputs, out=folder)
    assert not found.failed and [*found.artifacts] == targets
    return found.artifacts


@pytest.mark.parametrize("backend", ["torch", "tensorflow", "jax"])
def test_whichever_framework_trained_it(backend: str, tmp_path: Path):
    problem = load("burgers").problem
    solution = co.solve(problem, backend=backend, mode="eager", network=(8, 8), points=60, steps=2)
    for name, artifact in exported(solution, EVERY, "u, u_x, u_xx, residual", tmp_path).items():
        dtype = "float32" if name in ONLY_SINGLE else "float64"
        assert artifact.manifest["dtype"] == dtype
        assert artifact.manifest["provenance"]["solution"]["backend"] == backend
        assert artifact.manifest["parity"]["batches"] == [1, 7, 1000]
        assert {"u", "u_x", "u_xx", "residual"} <= set(artifact.manifest["parity"]["outputs"])


@pytest.mark.parametrize("kind", [kind for kind in zoo.SOLUTIONS if kind != "burgers"])
def test_whatever_the_problem(kind: str, tmp_path: Path):
    solution, outputs = zoo.solution(kind), zoo.SOLUTIONS[kind][1]
    artifacts = exported(solution, [*SHIPPED], outputs, tmp_path)
    names = [one["name"] for one in artifacts["c"].manifest["inputs"]]
    assert names == list(solution.problem.domain.names)
    assert len(solution.slabs) >= 2 or kind != "two slabs"
