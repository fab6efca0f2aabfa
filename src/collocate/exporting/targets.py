"""What a solution can be exported to: one row a target, its writer a module that is imported on first use."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from collocate.backends.protocol import DType
from collocate.errors import ExportError
from collocate.exporting import c_compiler, node
from collocate.exporting.graph import Graph
from collocate.statement import Problem

if TYPE_CHECKING:
    from collocate.solution import Solution

Batch = Mapping[str, np.ndarray]
Run = Callable[[Batch], Mapping[str, np.ndarray]]

_SECONDS, _REPEATS = 0.1, 50  # what measuring the time per point may take


@dataclass(frozen=True)
class Target:
    """One form of artifact. `dtypes`: those that it can compute in, its best first.

    Its module, with all that the module imports, comes in on first use. It holds

        write(graph, folder)                fills an empty folder with the artifact
        write(graph, folder, solution)      in its place, where the row says `of_solution`
        outputs(problem, asked)             maybe: {name: expression} that it computes, those asked for among them
        load(folder) -> run(batch)          {output: (N,)} of a batch {input: (N,)}, by the target's own runtime
        run(folder, batches)                in place of `load`, by a process of its own: the outputs of each batch, and
                                            seconds of more runs of the last, [] where its start would be among them

    and none but `write` leaves anything in the folder. `file` is one that no artifact of this form lacks. `packages`
    are the modules that it needs installed, and `extra` names the extras of collocate that bring them, with commas
    between. `program` looks for a program that it needs beside Python, and raises ExportError where there is none.
    """

    name: str
    title: str
    file: str
    module: str
    packages: tuple[str, ...] = ()
    extra: str | None = None
    dtypes: tuple[DType, ...] = ("float64", "float32")
    of_solution: bool = False
    program: Callable[[], Any] | None = None

    @property
    def missing(self) -> list[str]:
        """The packages that are not installed."""
        return [package for package in self.packages if importlib.util.find_spec(package) is None]

    @property
    def lacks(self) -> str:
        """What is missing and how to get it, in words; "" where nothing is."""
        if self.missing:
            return f"{self.title} needs {' and '.join(self.missing)}: {self._mend}"
        try:
            if self.program is not None:
                self.program()
        except ExportError as error:
            return f"{self.title}: {error}"
        return ""

    @property
    def versions(self) -> dict[str, str]:
        """Of the packages, as they are installed."""
        return {package: version for package in self.packages if (version := _version(package))}

    def write(self, graph: Graph, folder: Path, solution: Solution | None = None) -> None:
        self._imported().write(graph, folder, *([solution] if self.of_solution else []))

    def outputs(self, problem: Problem, asked: Mapping[str, sympy.Expr]) -> Mapping[str, sympy.Expr]:
        """What it computes: by itself what is asked for."""
        module = self._imported()
        return module.outputs(problem, asked) if hasattr(module, "outputs") else asked

    def load(self, folder: Path) -> Run:
        """The artifact as a function of a batch."""
        module = self._imported()
        return module.load(folder) if hasattr(module, "load") else lambda batch: module.run(folder, [batch])[0][0]

    def run(self, folder: Path, batches: Sequence[Batch]) -> tuple[list[Mapping[str, np.ndarray]], float | None]:
        """What its runtime, started once, gives for each batch, and its seconds a point of the last, or None."""
        module, last = self._imported(), batches[-1]
        if hasattr(module, "load"):
            run = module.load(folder)
            found, seconds = [run(batch) for batch in batches], _seconds(run, last)
        else:
            found, seconds = module.run(folder, batches)
        return found, float(np.median(seconds)) / len(next(iter(last.values()))) if seconds else None

    def _imported(self) -> Any:
        """Raises ExportError that names the extra to install."""
        try:
            return import_module(self.module)
        except ImportError as error:
            what = f"{self.title}: {error}"
            raise ExportError(f"{what}; {self._mend}" if self.packages else what) from error

    @property
    def _mend(self) -> str:
        return f'pip install "collocate[{self.extra}]"' if self.extra else f"pip install {' '.join(self.packages)}"


def _own(name: str, title: str, file: str, *others: Any, **named: Any) -> Target:
    """Whose module is called as the target is."""
    return Target(name, title, file, f"collocate.exporting.to_{name}", *others, **named)


_ROWS = (
    _own("onnx", "ONNX", "model.onnx", ("onnx", "onnxruntime"), "export"),
    _own("savedmodel", "SavedModel", "1/saved_model.pb", ("tensorflow",), "tensorflow"),
    _own("litert", "LiteRT", "model.tflite", ("tensorflow", "ai_edge_litert"), "litert,tensorflow", ("float32",)),
    _own("tfjs", "TensorFlow.js", "model.json", dtypes=("float32",), program=node.available),
    _own("pt2", "torch.export", "model.pt2", ("torch",), "torch"),
    _own("executorch", "ExecuTorch", "model.pte", ("torch", "executorch"), "executorch,torch"),
    _own("stablehlo", "StableHLO", "model.jax_export", ("jax",)),
    _own("c", "C", "solution.c", program=c_compiler.command),
    _own("python", "Python", "model.py"),
    _own(
        *("web", "the web page", "index.html", ("onnx", "onnxruntime"), "export,node"),
        of_solution=True,
        program=node.available,
    ),
)
TARGETS: dict[str, Target] = {target.name: target for target in _ROWS}


def chosen(names: str | Iterable[str]) -> tuple[Target, ...]:
    """The targets of these names, a list or a text with commas; each once.

    Raises ExportError for a name that there is not, and for packages and programs that are missing: all of
    them at once, with how to get them.
    """
    listed = [name.strip() for name in (names.split(",") if isinstance(names, str) else names)]
    asked = [name for name in dict.fromkeys(listed) if name]
    unknown = [name for name in asked if name not in TARGETS]
    if unknown or not asked:
        given = f"there is no target {unknown[0]!r}" if unknown else "no target is given"
        raise ExportError(f"{given}; the targets are {', '.join(TARGETS)}")
    found = tuple(TARGETS[name] for name in asked)
    if lacking := [lacks for each in found if (lacks := each.lacks)]:
        raise ExportError(f"not installed: {'; '.join(lacking)}")
    return found


def dtype_of(target: Target, own: DType, asked: DType | None) -> DType:
    """In which dtype a target is written: the one asked for; by itself the solution's `own`, or else the target's best.

    Raises ExportError where the target lacks the one that is asked for.
    """
    if asked is None:
        return own if own in target.dtypes else target.dtypes[0]
    if asked not in target.dtypes:
        raise ExportError(
            f"{target.title} has no {asked}, only {', '.join(target.dtypes)}: ask for the dtype {target.dtypes[0]}, or "
            "for none, and each target takes the best that it has"
        )
    return asked


def _seconds(run: Run, batch: Batch) -> list[float]:
    """Of some runs, after one that has warmed up; of the machine as it is just then."""
    found, started = [], time.perf_counter()
    while len(found) < _REPEATS and (not found or time.perf_counter() - started < _SECONDS):
        begun = time.perf_counter()
        run(batch)
        found.append(time.perf_counter() - begun)
    return found


def _version(package: str) -> str | None:
    for distribution in _distributions().get(package, ()):
        return importlib.metadata.version(distribution)
    return None


@cache
def _distributions() -> Mapping[str, list[str]]:
    """By their modules; looking through all that is installed takes a second."""
    return importlib.metadata.packages_distributions()
