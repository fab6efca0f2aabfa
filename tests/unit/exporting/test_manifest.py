"""A folder is taken only as its manifest describes it; nothing in a manifest leads out of its folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collocate.errors import StoreError
from collocate.exporting import manifest, vectors

from . import fake


def edit(folder: Path, change: Callable[[dict[str, Any]], Any], digest: bool = False) -> None:
    """Change the manifest; with `digest` as one would who can also make it fit itself."""
    path = folder / manifest.NAME
    document = json.loads(path.read_text())
    change(document)
    if digest:
        document["sha256"] = manifest._digest(document)
    path.write_text(json.dumps(document))


def cut(path: Path, count: int) -> None:
    path.write_bytes(path.read_bytes()[:count])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_what_was_written_is_read(exported: Path):
    artifact = manifest.read(exported)
    assert set(artifact.manifest["files"]) == {fake.FILE, vectors.NAME}
    content = (exported / fake.FILE).read_bytes()
    assert artifact.manifest["files"][fake.FILE] == {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    assert artifact.read(fake.FILE) == content
    assert artifact.size == len(content) + (exported / vectors.NAME).stat().st_size


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: cut(folder / fake.FILE, 100), "model.json is cut short: it has 100 bytes"),
        (lambda folder: flip(folder / fake.FILE), "model.json was changed: its sha256"),
        (lambda folder: (folder / fake.FILE).open("a").write(" "), "model.json has grown"),
        (lambda folder: (folder / fake.FILE).unlink(), "model.json is missing"),
        (lambda folder: (folder / "numpy.py").touch(), "it holds 'numpy.py', which its manifest does not list"),
        (lambda folder: (folder / manifest.NAME).unlink(), "manifest.json is missing"),
        (lambda folder: cut(folder / manifest.NAME, 200), "manifest.json cannot be read as JSON, it may be cut short"),
        (lambda folder: (folder / manifest.NAME).write_text("[" * 100_000), "manifest.json cannot be read as JSON"),
        (lambda folder: (folder / manifest.NAME).write_text("{}"), "is not that of a collocate export"),
        (lambda folder: edit(folder, lambda d: d.update(format=2), True), "has the format 2; this collocate reads"),
        (lambda folder: edit(folder, lambda d: d.update(format=True), True), "has the format True"),
        (lambda folder: edit(folder, lambda d: d.update(dtype="float32")), "was changed after it was written"),
        (lambda folder: edit(folder, lambda d: d["inputs"][0].update(upper=2.0)), "was changed after it was written"),
        (lambda folder: edit(folder, lambda d: d.update(target="cobol"), True), "it is labelled 'cobol'; the targets"),
        (lambda folder: edit(folder, lambda d: d.update(dtype="float16"), True), "labelled float16, which Fake does"),
        (lambda folder: edit(folder, lambda d: d["outputs"].pop(), True), "its outputs are not those that were proven"),
        (
            lambda folder: edit(folder, lambda d: d["parity"].update(tolerance=1e9), True),
            r"its tolerance is 1e\+09; float64 is proven to another",
        ),
        (
            lambda folder: edit(folder, lambda d: d["parity"]["outputs"]["u"].update(largest_difference=1.0), True),
            "its output u was not found equal to the solution's",
        ),
        (lambda folder: edit(folder, lambda d: d.update(target="c"), True), "labelled c, and has no solution.c"),
        (lambda folder: edit(folder, lambda d: d["inputs"].clear(), True), "are not all different, or there are none"),
        (lambda folder: edit(folder, lambda d: d["outputs"][0].update(name="x"), True), "are not all different"),
        (lambda folder: edit(folder, lambda d: d.pop("inputs"), True), "malformed: manifest.json must hold kind,"),
        (lambda folder: edit(folder, lambda d: d.update(more=1), True), "and nothing else"),
        (
            lambda folder: edit(folder, lambda d: d.update(inputs={}), True),
            "malformed: manifest.json.inputs is no list",
        ),
        (lambda folder: edit(folder, lambda d: d["inputs"][0].update(lower="0"), True), r"inputs\[0\].lower is str"),
        (lambda folder: edit(folder, lambda d: d["inputs"][0].update(lower=float("nan")), True), "NaN is no number"),
        (lambda folder: edit(folder, lambda d: d["files"][fake.FILE].update(bytes=True), True), "bytes is bool"),
    ],
)
def test_what_was_changed_is_refused_with_the_reason(exported: Path, damage: Callable[[Path], Any], why: str):
    damage(exported)
    with pytest.raises(StoreError, match=f"is refused: .*{why}"):
        manifest.read(exported)


def test_every_byte_of_the_manifest_counts(exported: Path):
    path = exported / manifest.NAME
    whole = path.read_bytes()
    for place in range(0, len(whole) - 2, 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        if not whole[place : place + 1].isspace():
            with pytest.raises(StoreError):
                manifest.read(exported)


@pytest.mark.parametrize(
    "name",
    [
        *("../secret", "/secret", "below/../../secret", "./../secret", "..", ".", "", "below//../secret", "below/"),
        *("..\\secret", "C:secret", "a\0b", "./model.json"),
    ],
)
def test_a_path_out_of_the_folder_is_refused(exported: Path, name: str):
    secret = exported.parent / "secret"
    secret.write_bytes(b"secret")
    (exported / "below").mkdir()
    entry = manifest._entry(secret.read_bytes())
    edit(exported, lambda document: document["files"].update({name: entry}), digest=True)
    with pytest.raises(StoreError, match="which is not a plain one inside the folder"):
        manifest.read(exported)


@pytest.mark.parametrize("name", ["link", "below/secret"])
def test_a_link_is_refused_even_to_the_right_content(exported: Path, name: str):
    secret = exported.parent / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    (exported / "link").symlink_to(secret)
    (exported / "below").symlink_to(secret.parent)
    edit(exported, lambda d: d["files"].update({name: manifest._entry(b"secret")}), digest=True)
    with pytest.raises(StoreError, match="leads through the link"):
        manifest.read(exported)


def test_a_link_that_is_put_there_after_the_look_is_refused(exported: Path, monkeypatch: pytest.MonkeyPatch):
    path, same, lstat = exported / fake.FILE, exported.parent / "same", Path.lstat

    def swapped(self: Path) -> os.stat_result:
        found = lstat(self)
        if self == path and not same.exists():
            path.rename(same)
            path.symlink_to(same)
        return found

    artifact = manifest.read(exported)
    monkeypatch.setattr(Path, "lstat", swapped)
    with pytest.raises(StoreError, match=r"model\.json cannot be read"):
        artifact.read(fake.FILE)
    assert same.exists()


def test_what_is_no_file_is_refused_and_not_waited_for(exported: Path):
    (exported / fake.FILE).unlink()
    os.mkfifo(exported / fake.FILE)
    with pytest.raises(StoreError, match="is no ordinary file"):
        manifest.read(exported)


def test_what_is_large_is_not_read_whole(exported: Path):
    with open(exported / fake.FILE, "r+b") as file:
        file.truncate(2**40)  # sparse
    with pytest.raises(StoreError, match="has grown"):
        manifest.read(exported)


def test_what_others_leave_behind_is_let_be(exported: Path):
    (exported / "__pycache__").mkdir()
    (exported / "__pycache__" / "model.pyc").touch()
    (exported / ".DS_Store").touch()
    assert manifest.read(exported).target == "fake"


def test_a_file_that_changed_since_is_not_given(exported: Path):
    artifact = manifest.read(exported)
    flip(exported / fake.FILE)
    with pytest.raises(StoreError, match="was changed"):
        artifact.read(fake.FILE)
    with pytest.raises(StoreError, match=r"its manifest lists no '\.\./fake/model\.json'"):
        artifact.read("../fake/model.json")


def test_folders_are_found_one_level_down(exported: Path, tmp_path: Path):
    assert manifest.folders(exported) == manifest.folders(exported.parent) == [exported]
    for folder, why in ((tmp_path, "holds no manifest.json"), (tmp_path / "nowhere", "is no folder")):
        with pytest.raises(StoreError, match=why):
            manifest.folders(folder)
