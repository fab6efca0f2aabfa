"""A solution as artifacts for other runtimes, each proven equal to it by its own runtime before it is kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collocate.backends.protocol import DType
from collocate.errors import ExportError, StoreError, checked_arguments, warn
from collocate.exporting import manifest, parity, vectors
from collocate.exporting.description import describe
from collocate.exporting.graph import Graph
from collocate.exporting.manifest import Artifact
from collocate.exporting.outputs import read_outputs
from collocate.exporting.record import record
from collocate.exporting.targets import Batch, Target, chosen, dtype_of
from collocate.store import folder_beside, replace_folder
from collocate.tables import table

if TYPE_CHECKING:
    from collocate.solution import Solution


@dataclass(frozen=True)
class Export:
    """Artifacts by their targets, each with its folder and manifest; and why others failed. Printed, it is a table."""

    folder: Path
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        headings = ("target", "files", "size", "dtype", "largest difference", "of the largest value", "time per point")
        return listed(headings, [_row(each) for each in self.artifacts.values()], self.failed)

    def __repr__(self) -> str:
        failed = f", failed: {', '.join(self.failed)}" if self.failed else ""
        return f"<Export to {self.folder}: {', '.join(self.artifacts) or 'nothing'}{failed}>"

    def to_json(self) -> dict[str, Any]:
        """The manifests without their provenance, by target."""
        kept = ("dtype", "inputs", "outputs", "parity", "files")
        return {
            "out": str(self.folder),
            "targets": {
                name: {"folder": str(each.folder), **{part: each.manifest[part] for part in kept}}
                for name, each in self.artifacts.items()
            },
            "failed": self.failed,
        }


def listed(headings: Sequence[str], rows: Sequence[Sequence[str]], failed: Mapping[str, str]) -> str:
    """A table of what is right, and a line for each that is not."""
    lines = [table(headings, rows)] if rows else []
    return "\n".join([*lines, *(f"{name} failed: {reason}" for name, reason in failed.items())])


@checked_arguments
def export(
    solution: Solution, to: str | Iterable[str], outputs: Any = None, dtype: DType | None = None, out: Any = "export"
) -> Export:
    """Write the solution for other runtimes, each to `OUT/TARGET/` with a manifest.json of what it is.

    Gives .artifacts, {target: artifact with .folder and .manifest}, and .failed, {target: why}; printed, a table.

    to: targets, a list or a text with commas: "onnx,savedmodel,litert,tfjs,pt2,executorch,stablehlo,c,python,web".
    outputs: what an artifact computes, a text like "u, u.diff(x), flux=-k*u.diff(x)", a list, or {name: expression};
    all fields by default. dtype: "float64" or "float32" for every target; by default the solution's own, and float32,
    with a warning, for a target that has nothing else.

    Each is run by its own runtime on 1, 7 and 1,000 points of the domain and must equal the solution to 1e-12 of an
    output's scale in float64, 5e-6 in float32 (docs/how-to/exporting.md). One that does not is deleted and told in
    .failed; the others go on. What an earlier export left stays until its successor is proven, whenever this is ended.

    Raises ExportError, before anything is written, for targets that there are not, that lack packages, programs or the
    dtype, outputs that cannot be read or are nowhere a number, and a network of the user's own; StoreError where OUT
    cannot be written, or holds a folder of a target's name that no export wrote, or a file in one.
    """
    if not isinstance(out, str | os.PathLike):
        raise ExportError(f"out is a folder, a path; got {out!r}")
    targets, folder = chosen(to), Path(out)
    if dtype not in (None, "float64", "float32"):
        raise ExportError(f"the dtype is 'float64' or 'float32'; got {dtype!r}")
    dtypes = {target.name: _dtype(target, solution.settings["dtype"], dtype) for target in targets}
    for target in targets:
        _check_place(folder / target.name)
    expressions = read_outputs(solution.problem, outputs)
    graph = record(solution, expressions, "float64")
    parity.scales_of(graph, parity.batches(solution.problem.domain, "float64")[-1])
    _check_room(folder)
    found, right = Export(folder), []
    for target in targets:
        try:
            computed = target.outputs(solution.problem, expressions)
            own = graph if computed == expressions else record(solution, computed, "float64")
            if computed not in right:
                parity.check_recorded(own, solution, computed)
                right.append(computed)
            in_dtype, about = replace(own, dtype=dtypes[target.name]), describe(solution, computed)
            batches = parity.batches(solution.problem.domain, in_dtype.dtype)
            found.artifacts[target.name] = make(target, in_dtype, batches, about, folder / target.name, solution)
        except Exception as error:  # converters and runtimes are others' code: they may raise anything
            found.failed[target.name] = _reason(error, folder / target.name)
    return found


def make(
    target: Target,
    graph: Graph,
    batches: Sequence[Batch],
    about: Mapping[str, Any],
    place: Path,
    solution: Solution | None = None,
) -> Artifact:
    """One artifact, written beside its place, proven, and only then put there. Raises ExportError, StoreError, or what
    the target's own library raises; nothing is then left, and what was at its place stays."""
    with folder_beside(place) as beside:
        target.write(graph, beside, solution)
        files = manifest.inventory(beside)
        if not files:
            raise ExportError("its writer left no file")
        proven = _proven(target, graph, batches, beside)
        if manifest.inventory(beside) != files:
            raise ExportError("its runtime changed its files")
        tolerances = {name: proven["tolerance"] * each["scale"] for name, each in proven["outputs"].items()}
        vectors.write(beside, graph, batches[-1], tolerances)
        manifest.write(beside, _document(target, graph, about, proven))
        manifest.read(beside)
        replace_folder(beside, place)
        return manifest.read(place)


def _proven(target: Target, graph: Graph, batches: Sequence[Batch], folder: Path) -> dict[str, Any]:
    """The manifest's `parity`. Raises ExportError where the artifact is not its solution."""
    tolerance = parity.TOLERANCES[graph.dtype]
    found, seconds = target.run(folder, batches)
    differences = parity.differences(found, graph, batches)
    parity.check(differences, tolerance)
    for name, each in differences.items():
        if each.is_cancelled:
            off = f"{name} is off by up to {each.largest:.1g}, where it is {each.value:.1g} at most"
            warn(
                f"{target.title}: {off}: larger terms cancel in it, and {graph.dtype} holds no more of their difference"
            )
    return {
        "tolerance": tolerance,
        "batches": [len(next(iter(batch.values()))) for batch in batches],
        "seconds_per_point": seconds,
        "outputs": {name: each.to_json() for name, each in differences.items()},
    }


def _document(target: Target, graph: Graph, about: Mapping[str, Any], proven: Mapping[str, Any]) -> dict[str, Any]:
    provenance = about["provenance"]
    versions = {**provenance["versions"], **target.versions}
    return {
        "target": target.name,
        "dtype": graph.dtype,
        **about,
        "parity": proven,
        "provenance": {**provenance, "versions": versions},
    }


def _dtype(target: Target, own: DType, asked: DType | None) -> DType:
    found = dtype_of(target, own, asked)
    if asked is None and found != own:
        meant = f"asking for the dtype {found} says that it is meant"
        warn(f"{target.title} has no {own}: its artifact computes in {found}; {meant}")
    return found


def _check_place(place: Path) -> None:
    """Raises StoreError for what no export wrote: it is not ours to replace."""
    taken = place.is_symlink() or (place.exists() and not (place.is_dir() and not any(place.iterdir())))
    if taken and (place.is_symlink() or not manifest.is_export(place)):
        raise StoreError(
            f"{place} is there, and no export wrote it: take it away, or choose another folder for the export"
        )
    if taken and (kept := manifest.strangers(place)):
        raise StoreError(
            f"{place} holds {kept[0]}, which no export wrote, and would be replaced with it: take it out, or choose "
            "another folder for the export"
        )


def _check_room(folder: Path) -> None:
    """Makes the folder, where it is not there. Raises StoreError where nothing can be put into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the folder {folder}: {error.strerror or error}; choose another") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StoreError(f"cannot write into the folder {folder}; choose another")


def _reason(error: Exception, place: Path) -> str:
    reason = str(error) if isinstance(error, ExportError | StoreError) else f"{type(error).__name__}: {error}"
    return f"{reason}; {place} stays as an earlier export left it" if manifest.is_export(place) else reason


def _worst(shares: Mapping[str, float]) -> str:
    name = max(shares, key=shares.__getitem__)
    return f"{name} {shares[name]:.1e}"


def _row(artifact: Artifact) -> tuple[str, ...]:
    document = artifact.manifest
    names = [name for name in document["files"] if name != vectors.NAME]
    differences = document["parity"]["outputs"].items()
    seconds = document["parity"]["seconds_per_point"]
    return (
        artifact.target,
        names[0] if len(names) == 1 else f"{len(names)} files",
        f"{artifact.size / 1024:.1f} KiB",
        document["dtype"],
        ", ".join(f"{name} {each['largest_difference']:.1e}" for name, each in differences),
        _worst({name: parity.plain(each) for name, each in differences}),
        "" if seconds is None else f"{seconds * 1e6:.3g} µs",
    )
