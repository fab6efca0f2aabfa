"""Writes that happen whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from ..errors import StoreError


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


def _flush_folder(folder: Path) -> None:
    """Make the rename survive a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
