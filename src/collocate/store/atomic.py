"""Writes that happen whole or not at all."""

from __future__ import annotations

import ctypes
import glob
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from ..errors import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


def write_bytes_atomic(path: str | os.PathLike[str], data: bytes) -> None:
    """Put ``data`` at ``path``; a reader sees the old file or the new one, never a part.

    A temporary file in the same folder is written, flushed to the disk and renamed over ``path``. Missing folders are
    made. Whatever goes wrong, Ctrl-C included, the old file stays and the temporary one goes.

    Raises StoreError when the folder cannot be made or written, or the disk is full.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(temporary, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        finally:
            with suppress(OSError):  # gone already when the rename went through
                os.unlink(temporary)
        _flush_folder(target.parent)
    except OSError as error:
        raise StoreError(
            f"cannot write {target}: {error.strerror or error}. What was there before is unchanged. "
            "Make room, or choose a folder that exists or can be made and that you can write to."
        ) from error


def write_text_atomic(path: str | os.PathLike[str], text: str) -> None:
    """``write_bytes_atomic`` of UTF-8 text; line ends are kept as they are."""
    write_bytes_atomic(path, text.encode())


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A new folder beside ``target``, to be filled and given to `replace_folder`; at the end it is gone.

    So are those that processes left which were killed: each is locked as long as its process lives. Windows has no such
    lock, and there they stay. Raises StoreError where the folder cannot be made.
    """
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    beside = target.with_name(f".{target.name}.{uuid4().hex[:8]}.tmp")
    try:
        beside.mkdir(parents=True)
    except OSError as error:
        raise StoreError(
            f"cannot make a folder in {target.parent}: {error.strerror or error}; choose another"
        ) from error
    with ExitStack() as held:
        held.callback(shutil.rmtree, beside, ignore_errors=True)
        with suppress(OSError):
            held.enter_context(_locked(beside))
        yield beside


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Ours as long as this process lives. Raises OSError where it is another's, or the system has no such locks."""
    if fcntl is None:
        raise OSError("no locks")
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def replace_folder(source: Path, target: Path) -> None:
    """Put the folder ``source`` where ``target`` is, or was not yet; a reader sees the old one or the new one, whole.

    Both are on one file system. All of ``source`` is flushed to the disk, then the two names are exchanged at once and
    the old folder goes. Where the system cannot exchange names (neither Linux nor macOS, or a network's file system),
    the old folder is moved aside first: a process killed just then leaves it, whole, as ``.NAME.previous`` beside, and
    it goes when there is a new one.

    Raises StoreError where that fails; the old folder then stays.
    """
    try:
        for place, _, files in os.walk(source):
            for name in files:
                _flush(Path(place, name))
            _flush_folder(Path(place))
        if not target.exists():
            os.rename(source, target)
        elif not _exchanged(source, target):
            _moved_aside(source, target)
        _flush_folder(target.parent)
    except OSError as error:
        raise StoreError(
            f"cannot write {target}: {error.strerror or error}. What was there before is unchanged"
        ) from error
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(_aside(target), ignore_errors=True)


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.previous")


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two names could be exchanged; rename(2) itself does not replace a folder that is not empty."""
    if os.name != "posix":
        return False
    library, names = ctypes.CDLL(None), (os.fsencode(one), os.fsencode(other))
    if sys.platform == "darwin":
        return library.renamex_np(*names, 2) == 0  # RENAME_SWAP
    if hasattr(library, "renameat2"):
        here = -100  # AT_FDCWD
        return library.renameat2(here, names[0], here, names[1], 2) == 0  # RENAME_EXCHANGE
    return False


def _moved_aside(source: Path, target: Path) -> None:
    aside = _aside(target)
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(target, aside)
    try:
        os.rename(source, target)
    except BaseException:
        os.rename(aside, target)
        raise


def _flush(path: Path) -> None:
    with open(path, "r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the rename survive a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
