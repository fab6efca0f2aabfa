"""What the command line names, as models to serve: solution files are exported, exported folders are checked."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy

from collocate.errors import ExportError, ServeError, StoreError
from collocate.exporting import node
from collocate.exporting.export import export
from collocate.exporting.manifest import NAME, Artifact, folders, read
from collocate.exporting.to_onnx import FILE
from collocate.expressions.canonical import field_name
from collocate.solution import Solution, load
from collocate.statement import Problem

TARGET, PAGE = "onnx", "web"
_logger = logging.getLogger("collocate.serve")
_SOURCE = re.compile(r"(?P<name>\w[\w.-]*)(?:@(?P<version>[1-9][0-9]{0,17}))?=(?P<path>.+)", re.ASCII | re.DOTALL)
_SAYS_NOTHING = ("solution", "export", TARGET)  # of a path's parts: they are called so whatever the problem


@dataclass(frozen=True)
class Served:
    """One version of a model, as it is handed to each process: its manifest, its ONNX file, and the folder of its web
    page where there is one."""

    name: str
    version: int
    manifest: dict[str, Any]
    model: bytes
    page: Path | None = None


def prepare(sources: Sequence[str], folder: Path) -> tuple[Served, ...]:
    """Each source is PATH, NAME=PATH or NAME@VERSION=PATH; PATH is a solution file, or a folder that `collocate export`
    wrote. Solution files are exported into `folder`, which has to stay.

    A name is by default the last part of the path that says something: `burgers` of out/burgers/solution.collocate.
    Versions of one name are counted from 1 in the order given.
    Raises ServeError for names given twice; StoreError and ExportError for what cannot be trusted or exported.
    """
    places: dict[tuple[str, int], Path] = {}
    for text in sources:
        name, version, path = _read(text)
        if version is None:
            version = 1 + max((taken for known, taken in places if known == name), default=0)
        if (name, version) in places:
            raise ServeError(
                f"version {version} of {name} is given twice; leave the versions out, or give each its own"
            )
        places[name, version] = path
    if not places:
        raise ServeError("no solution is given; a solution file is served, or a folder that `collocate export` wrote")
    found = {key: _checked(path) for key, path in places.items() if path.is_dir()}  # first: that is quick
    for number, (key, path) in enumerate(places.items()):
        if key not in found:
            _logger.info("%s is exported and proven first", path)
            found[key] = _exported(path, folder / str(number))
    return tuple(_served(*key, *found[key]) for key in places)


def _served(name: str, version: int, artifact: Artifact, page: Path | None) -> Served:
    return Served(name, version, artifact.manifest, artifact.read(FILE), page)


def _read(text: str) -> tuple[str, int | None, Path]:
    """Name, version where it is given, and path."""
    named = None if Path(text).exists() else _SOURCE.fullmatch(text)
    path = Path(named["path"] if named else text)
    if not path.exists() and "=" in text and Path(text.partition("=")[2]).exists():
        raise ServeError(f"{text.partition('=')[0]!r} is no NAME, nor NAME@VERSION with a whole number from 1")
    if not path.exists():
        raise StoreError(f"{path} is not there; give a solution file, or a folder that `collocate export` wrote")
    if named:
        return named["name"], int(named["version"]) if named["version"] else None, path
    return _name_of(path), None, path


def _name_of(path: Path) -> str:
    whole = path.resolve()
    parts = (whole if whole.is_dir() else whole.with_suffix("")).parts[1:]
    telling = [part for part in parts if part not in _SAYS_NOTHING]
    fit = re.sub(r"[^\w.-]+", "_", telling[-1], flags=re.ASCII).strip("_.-") if telling else ""
    return fit or "solution"


def _exported(file: Path, folder: Path) -> tuple[Artifact, Path | None]:
    """The file's ONNX artifact and its web page, if that can be made here; both proven."""
    solution = load(file, backend="numpy")  # nothing is evaluated: no framework is loaded
    exported = export(solution, TARGET, outputs(solution.problem), out=folder)
    if TARGET in exported.failed:
        raise ExportError(f"{file} is not served: {exported.failed[TARGET]}")
    try:
        return exported.artifacts[TARGET], _page(solution, folder).folder
    except ExportError as error:
        _logger.warning("%s is served without its web page: %s", file, error)
        return exported.artifacts[TARGET], None


def _page(solution: Solution, folder: Path) -> Artifact:
    """Raises ExportError where it fails, or would have to wait for packages from the network."""
    if not node.is_installed():
        raise ExportError(f"the npm packages that it needs are not here; `collocate export … --to {PAGE}` gets them")
    exported = export(solution, PAGE, out=folder)
    if PAGE in exported.failed:
        raise ExportError(exported.failed[PAGE])
    return exported.artifacts[PAGE]


def outputs(problem: Problem) -> dict[str, sympy.Expr]:
    """What is served of a solution file: every field, and its first derivatives in space and time, as u_x."""
    found = dict(zip(problem.field_names, problem.fields, strict=True))
    taken = {*found, *problem.domain.names}
    inside = {axis.coordinate for axis in problem.domain.axes if axis.role != "parameter"}
    for field in problem.fields:
        for coordinate in field.args:
            name = f"{field_name(field)}_{coordinate}"
            if coordinate in inside and name not in taken:
                found[name] = field.diff(coordinate)
    return found


def _checked(place: Path) -> tuple[Artifact, Path | None]:
    """The ONNX artifact in a folder, or which it is, and the web page beside it.

    Raises StoreError unless both are what their manifests say, and of one solution.
    """
    here = folders(place)  # says what is wrong where there are none
    own = place if place in here else place / TARGET
    if own not in here:
        raise StoreError(
            f"{place} holds no {TARGET}, which the server runs; `collocate export … --to {TARGET}` writes it"
        )
    artifact = read(own)
    if artifact.target != TARGET:
        raise StoreError(f"{own} holds {artifact.target}; the server runs {TARGET}: `collocate export … --to {TARGET}`")
    place = own.parent / PAGE
    if not (place / NAME).exists():
        return artifact, None
    page = read(place)
    if page.target != PAGE or _origin(page) != _origin(artifact):
        raise StoreError(f"{place} is not the web page of the solution in {own}: export both again, or take it away")
    return artifact, page.folder


def _origin(artifact: Artifact) -> dict[str, Any]:
    """What of the provenance is the same for every artifact of a solution."""
    return {name: artifact.manifest["provenance"].get(name) for name in ("solution", "result")}
