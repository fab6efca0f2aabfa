"""`manifest.json`, which lies in the folder of every artifact and says what it is, what it was proven by, and of whom.

    {"kind": "collocate export", "format": 1, "target": "onnx", "dtype": "float64",
     "inputs": [{"name": "x", "role": "space", "lower": -1.0, "upper": 1.0, "unit": null}, …],
     "outputs": [{"name": "u_x", "expression": "Derivative(u(x, t), x)", "unit": null}, …],
     "parity": {"tolerance": 1e-12, "batches": [1, 7, 1000], "seconds_per_point": 2e-7,
                "outputs": {"u_x": {"largest_difference": 8.9e-16, "scale": 2.1, "largest_value": 1.9,
                                    "place": {"x": 0.5, "t": 1.0}}}},
     "files": {"model.onnx": {"bytes": 5120, "sha256": "…"}, …},
     "provenance": {"problem": …, "solution": …, "result": …, "versions": …, "date": "2026-01-31T12:00:00+00:00"},
     "sha256": "…"}

Inputs stand in the domain's order. A role is space, time or parameter. A unit is null: a statement names none.
Every file of the folder is listed, by its path in it, but the manifest itself, `__pycache__` and hidden files. The last
digest is of the rest of the manifest, as canonical JSON. Digests find damage and mistakes; they do not prove who wrote
a folder: whoever can write there can write digests too.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from collocate.errors import StoreError
from collocate.exporting.parity import TOLERANCES
from collocate.exporting.targets import TARGETS
from collocate.store import write_text_atomic

NAME, KIND, FORMAT = "manifest.json", "collocate export", 1
_LARGEST = 16 * 2**20  # bytes of a manifest; with a thousand outputs it has a tenth
_NUMBER = (int, float)
_SCHEMA: dict[str, Any] = {
    "kind": str,
    "format": int,
    "target": str,
    "dtype": str,
    "inputs": [{"name": str, "role": str, "lower": _NUMBER, "upper": _NUMBER, "unit": (str, type(None))}],
    "outputs": [{"name": str, "expression": str, "unit": (str, type(None))}],
    "parity": dict,
    "files": dict,
    "provenance": dict,
    "sha256": str,
}
_FILE = {"bytes": int, "sha256": str}
_PARITY = {"tolerance": _NUMBER, "batches": [int], "seconds_per_point": (*_NUMBER, type(None)), "outputs": dict}
_DIFFERENCE = {"largest_difference": _NUMBER, "scale": _NUMBER, "largest_value": _NUMBER, "place": dict}

Files = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Artifact:
    """An exported folder, its files found to be those of its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def target(self) -> str:
        return self.manifest["target"]

    @property
    def size(self) -> int:
        """Bytes of all files but the manifest."""
        return sum(entry["bytes"] for entry in self.manifest["files"].values())

    def read(self, name: str) -> bytes:
        """A file that the manifest lists, found unchanged now. Raises StoreError."""
        if name not in self.manifest["files"]:
            raise _refused(self.folder, f"its manifest lists no {name!r}, only {', '.join(self.manifest['files'])}")
        return _verified(self.folder, name, self.manifest["files"][name])


def write(folder: Path, document: Mapping[str, Any]) -> None:
    """Complete `document` by kind, format, files and digest, and put it into `folder`. Raises StoreError."""
    whole = {"kind": KIND, "format": FORMAT, **document, "files": inventory(folder)}
    whole["sha256"] = _digest(whole)
    write_text_atomic(folder / NAME, json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def inventory(folder: Path) -> Files:
    """Size and digest of each file of a folder, as a manifest lists them. Raises StoreError for what is no file."""
    return {name: _entry(_content(folder, name)) for name in sorted(_names(folder))}


def read(folder: str | os.PathLike[str]) -> Artifact:
    """The artifact in a folder, after every check; nothing in it is run.

    Raises StoreError that says why for a folder without a manifest, a manifest of another form, kind or format, one
    that was changed, files that are missing, cut short, changed or not listed, and for a path out of the folder.
    """
    place = Path(folder)
    document = _document(place)
    for name, entry in document["files"].items():
        _verified(place, name, entry)
    if unlisted := sorted(set(_names(place)) - set(document["files"])):
        raise _refused(place, f"it holds {unlisted[0]!r}, which its manifest does not list; take it out")
    return Artifact(place, document)


def folders(folder: Path) -> list[Path]:
    """The folders of artifacts: the folder itself, or those in it, where one that is called as a target is counts even
    if its manifest is gone. Raises StoreError where there are none."""
    if not folder.is_dir():
        raise StoreError(f"{folder} is no folder; give one that `collocate export … --out DIR` wrote")
    inside = [each for each in sorted(folder.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    found = [folder] if (folder / NAME).exists() else [each for each in inside if _holds_artifact(each)]
    if not found:
        solved = Path(folder, "solution.collocate")
        meant = f"; meant may be {solved}" if solved.exists() else ""
        raise StoreError(
            f"{folder} holds no {NAME}, nor do its folders; `collocate export … --out DIR` writes them{meant}"
        )
    return found


def strangers(folder: Path) -> list[str]:
    """Files in an exported folder that its manifest does not list; none where that cannot be read."""
    try:
        return sorted(set(_names(folder)) - set(_document(folder)["files"]))
    except StoreError:
        return []


def _holds_artifact(folder: Path) -> bool:
    return folder.name in TARGETS or (folder / NAME).exists()


def is_export(folder: Path) -> bool:
    """Whether an export wrote the folder, as far as its manifest's first bytes tell: damaged ones count too."""
    try:
        with open(folder / NAME, "rb") as file:
            return KIND.encode() in file.read(256)
    except OSError:
        return False


def _document(folder: Path) -> dict[str, Any]:
    """The manifest, found to be whole and of the form above."""
    content = _content(folder, NAME)
    try:
        document = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _refused(folder, f"{NAME} cannot be read as JSON, it may be cut short ({error})") from error
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise _refused(folder, f"{NAME} is not that of a {KIND}")
    if type(document.get("format")) is not int or document["format"] != FORMAT:
        known = f"this collocate reads format {FORMAT}, another may read it: pip install --upgrade collocate"
        raise _refused(folder, f"{NAME} has the format {document.get('format')!r}; {known}")
    try:
        _fit(document, _SCHEMA, NAME)
        _fit(document["parity"], _PARITY, "parity")
        for name, entry in document["files"].items():
            _fit(entry, _FILE, f"files[{name!r}]")
        for name, entry in document["parity"]["outputs"].items():
            _fit(entry, _DIFFERENCE, f"parity of {name}")
    except ValueError as error:
        raise _refused(folder, f"{NAME} is malformed: {error}") from error
    if document["sha256"] != _digest(document):
        raise _refused(folder, f"{NAME} was changed after it was written: it does not match its own digest")
    _check_labels(folder, document)
    return document


def _fit(value: Any, form: Any, where: str) -> None:
    """Raises ValueError, naming the place, unless a JSON value has the form: a type, types, [form] or {name: form}."""
    if isinstance(form, list):
        if not isinstance(value, list):
            raise ValueError(f"{where} is no list")
        for number, item in enumerate(value):
            _fit(item, form[0], f"{where}[{number}]")
    elif isinstance(form, dict):
        if not isinstance(value, dict) or set(value) != set(form):
            raise ValueError(f"{where} must hold {', '.join(form)}, and nothing else")
        for name, inner in form.items():
            _fit(value[name], inner, f"{where}.{name}")
    elif not isinstance(value, form) or isinstance(value, bool):
        names = " or ".join(each.__name__ for each in (form if isinstance(form, tuple) else (form,)))
        raise ValueError(f"{where} is {type(value).__name__}; {names} was expected")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is not finite")


def _check_labels(folder: Path, document: Mapping[str, Any]) -> None:
    """Whether what the parts say of each other is so."""
    inputs, outputs = ([each["name"] for each in document[part]] for part in ("inputs", "outputs"))
    target = TARGETS.get(document["target"])
    if target is None:
        raise _refused(folder, f"it is labelled {document['target']!r}; the targets are {', '.join(TARGETS)}")
    if document["dtype"] not in target.dtypes:
        raise _refused(folder, f"it is labelled {document['dtype']}, which {target.title} does not have")
    if not inputs or not outputs or len({*inputs, *outputs}) < len(inputs) + len(outputs):
        raise _refused(folder, f"its inputs {inputs} and outputs {outputs} are not all different, or there are none")
    if target.file not in document["files"]:
        raise _refused(folder, f"it is labelled {target.name}, and has no {target.file}")
    tolerance, proven = document["parity"]["tolerance"], document["parity"]["outputs"]
    if tolerance != TOLERANCES[document["dtype"]]:
        raise _refused(folder, f"its tolerance is {tolerance:g}; {document['dtype']} is proven to another")
    if set(proven) != set(outputs):
        raise _refused(folder, "its outputs are not those that were proven")
    if far := [name for name, each in proven.items() if not each["largest_difference"] <= tolerance * each["scale"]]:
        raise _refused(folder, f"its output {far[0]} was not found equal to the solution's")


def _digest(document: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in document.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _verified(folder: Path, name: str, entry: Mapping[str, Any]) -> bytes:
    """The content of a listed file. Raises StoreError unless it has the size and the digest that are listed."""
    content = _content(folder, name, entry["bytes"])
    if len(content) != entry["bytes"]:
        how = "is cut short" if len(content) < entry["bytes"] else "has grown"
        raise _refused(folder, f"{name} {how}: it has {len(content)} bytes, {entry['bytes']} are listed")
    if _entry(content)["sha256"] != entry["sha256"]:
        raise _refused(folder, f"{name} was changed: its sha256 is not the one that is listed")
    return content


def _entry(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _content(folder: Path, name: str, expected: int | None = None) -> bytes:
    """The bytes of a file below the folder, reached by its own name and no link; one more than `expected` at most."""
    path = folder
    for part in _parts(folder, name):
        path = path / part
        try:
            mode = path.lstat().st_mode
        except (OSError, ValueError) as error:
            raise _refused(folder, f"{name} is missing ({getattr(error, 'strerror', None) or error})") from error
        if stat.S_ISLNK(mode):
            raise _refused(folder, f"{name} leads through the link {path.name}; an artifact holds none")
    if not stat.S_ISREG(mode):
        raise _refused(folder, f"{name} is no ordinary file")
    limit = _LARGEST if expected is None and name == NAME else expected
    try:
        with open(path, "rb", opener=_no_link) as file:
            return file.read() if limit is None else file.read(limit + 1)
    except OSError as error:
        raise _refused(folder, f"{name} cannot be read ({error.strerror or error})") from error


def _no_link(path: str, flags: int) -> int:
    """Opened, unless a link has been put there since it was looked at; Windows cannot tell."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def _parts(folder: Path, name: str) -> tuple[str, ...]:
    """Of a path as a manifest writes it: relative, with `/`, without a step up."""
    parts = PurePosixPath(name).parts
    plain = "/".join(parts) == name and not name.startswith("/") and "\\" not in name and "\0" not in name
    if not parts or not plain or any(part == ".." or ":" in part for part in parts):
        raise _refused(folder, f"its manifest names the path {name!r}, which is not a plain one inside the folder")
    return parts


def _names(folder: Path) -> Iterator[str]:
    """The paths of all files that a manifest lists, links and what is no file among them."""
    for place, below, files in os.walk(folder):
        links = [name for name in below if Path(place, name).is_symlink()]
        below[:] = [name for name in below if name != "__pycache__" and not name.startswith(".")]
        for name in [*files, *links]:
            path = Path(place, name).relative_to(folder).as_posix()
            if path != NAME and not name.startswith("."):
                yield path


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _refused(folder: Path, why: str) -> StoreError:
    return StoreError(f"{folder} is refused: {why}. Export it again, or take another copy.")
