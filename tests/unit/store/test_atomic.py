"""Whatever goes wrong while writing, the old file stays, no part-file stays, and one StoreError says what happened."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from collocate.errors import StoreError
from collocate.store import atomic, folder_beside, read, replace_folder, write, write_bytes_atomic, write_text_atomic


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past ``size`` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def failing(error: BaseException) -> Callable[..., None]:
    def call(*_: object) -> None:
        raise error

    return call


def test_text_is_utf8_with_its_line_ends(tmp_path: Path):
    write_text_atomic(tmp_path / "a" / "b" / "result.json", "σ\r\n")
    assert (tmp_path / "a" / "b" / "result.json").read_bytes() == "σ\r\n".encode()


def test_a_new_file_replaces_the_old_one_and_nothing_is_left(tmp_path: Path):
    for content in (b"old", b"new"):
        write_bytes_atomic(tmp_path / "f", content)
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == b"new"


def test_permissions_are_those_of_any_new_file(tmp_path: Path):
    (tmp_path / "plain").touch()
    write_bytes_atomic(tmp_path / "f", b"")
    assert (tmp_path / "f").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_full_disk_keeps_the_old_solution(tmp_path: Path):
    path = tmp_path / "solution.collocate"
    write(path, "solution", {"version": "old"}, {"a": np.arange(3.0)})
    with largest_file(4096), pytest.raises(StoreError, match=r"cannot write .*unchanged"):
        write(path, "solution", {"version": "new"}, {"a": np.zeros(10_000)})
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    document, arrays = read(path, "solution")
    assert document == {"version": "old"}
    assert arrays["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_at_any_step_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str):
    write_bytes_atomic(tmp_path / "f", b"old")
    monkeypatch.setattr(os, step, failing(OSError(errno.ENOSPC, "No space left on device")))
    with pytest.raises(StoreError, match="No space left on device"):
        write_bytes_atomic(tmp_path / "f", b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == b"old"


def test_an_interruption_passes_through_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "fsync", failing(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        write_bytes_atomic(tmp_path / "f", b"new")
    assert not any(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match=r"cannot write .*choose a folder"):
        write_bytes_atomic(tmp_path / "file" / "out" / "f", b"")


def test_a_folder_in_the_place_of_the_file(tmp_path: Path):
    (tmp_path / "f").mkdir()
    with pytest.raises(StoreError, match="Is a directory"):
        write_bytes_atomic(tmp_path / "f", b"")
    assert [entry.name for entry in tmp_path.iterdir()] == ["f"]


def folder(path: Path, content: str) -> Path:
    (path / "below").mkdir(parents=True)
    (path / "below" / "f").write_text(content)
    return path


@pytest.fixture(params=["exchanged", "moved aside"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system's exchange of two names, and as where there is none."""
    if request.param == "moved aside":
        monkeypatch.setattr(atomic, "_exchanged", lambda one, other: False)


@pytest.mark.usefixtures("either_way")
def test_a_folder_replaces_another_and_nothing_else_is_left(tmp_path: Path):
    for content in ("old", "new"):
        replace_folder(folder(tmp_path / "beside", content), tmp_path / "place")
        assert [entry.name for entry in tmp_path.iterdir()] == ["place"]
        assert [path.read_text() for path in tmp_path.rglob("f")] == [content]


def test_this_system_exchanges_names(tmp_path: Path):
    assert atomic._exchanged(folder(tmp_path / "a", "a"), folder(tmp_path / "b", "b"))
    assert (tmp_path / "a" / "below" / "f").read_text() == "b"
    assert not atomic._exchanged(tmp_path / "a", tmp_path / "none")


def test_a_folder_that_cannot_be_moved_in_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(atomic, "_exchanged", lambda one, other: False)
    place, beside, rename = folder(tmp_path / "place", "old"), folder(tmp_path / "beside", "new"), os.rename

    def full(one: Path, other: Path) -> None:
        if one == beside:
            raise OSError(errno.ENOSPC, "No space left on device")
        rename(one, other)

    monkeypatch.setattr(os, "rename", full)
    with pytest.raises(StoreError, match=r"cannot write .*place: No space left on device\. What was there"):
        replace_folder(beside, place)
    assert (place / "below" / "f").read_text() == "old"


def test_a_folder_of_a_process_that_lives_is_let_be_and_one_that_was_left_goes(tmp_path: Path):
    left = tmp_path / ".place.0123abcd.tmp"
    left.mkdir()
    (left / "f").touch()
    (tmp_path / ".placed.0123abcd.tmp").mkdir()  # of another place
    with folder_beside(tmp_path / "place") as one:
        with folder_beside(tmp_path / "place") as other:
            assert sorted(tmp_path.iterdir()) == sorted([one, other, tmp_path / ".placed.0123abcd.tmp"])
        assert not other.exists() and one.exists()
    assert os.listdir(tmp_path) == [".placed.0123abcd.tmp"]


def test_what_was_moved_aside_goes_when_there_is_a_new_one(tmp_path: Path):
    folder(tmp_path / ".place.previous", "old")
    replace_folder(folder(tmp_path / "beside", "new"), tmp_path / "place")
    assert os.listdir(tmp_path) == ["place"]
