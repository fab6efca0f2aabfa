"""The one file format: arrays and a JSON document in a safetensors file.

    file      = 8 bytes: length H of the header, little-endian | header: H bytes of JSON | arrays, raw
    header    = {name: {dtype, shape, data_offsets}, …, "__metadata__": {"collocate": envelope, "sha256": digest}}
    envelope  = JSON text of {"format": 1, "kind": "solution" | "checkpoint" | …, "document": …}
    digest    = SHA-256 of the envelope and of every array's name, dtype, shape and bytes, in order of name

Any safetensors reader opens it. Floats are exact: arrays are raw bytes, and JSON writes a float by ``repr``. As in
Python's ``json``, infinities and NaN are allowed in a document and tuples come back as lists. Reading runs no code:
nothing in the file names a class or a function. The digest finds damage; it does not prove who wrote the file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from ..errors import StoreError
from .atomic import write_bytes_atomic

FORMAT = 1
_DTYPES = tuple(np.dtype(name) for name in ("float64", "float32", "int64", "int32", "uint8", "bool"))
_DTYPE_NAMES = ", ".join(dtype.name for dtype in _DTYPES)
_LENGTH_BYTES = 8

Arrays = dict[str, np.ndarray]


def write(path: str | os.PathLike[str], kind: str, document: object, arrays: Mapping[str, np.ndarray]) -> None:
    """Write ``document`` (what JSON can hold) and ``arrays`` to ``path``, atomically.

    Raises StoreError for a value that JSON cannot hold, naming where it is; for a dtype outside float64, float32,
    int64, int32, uint8 and bool; and when the file cannot be written.
    """
    _check_document(document, "document")
    envelope = json.dumps({"format": FORMAT, "kind": kind, "document": document}, separators=(",", ":"))
    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    for name, array in contiguous.items():
        if array.dtype not in _DTYPES:
            raise StoreError(f"array {name!r} has dtype {array.dtype}; a file holds {_DTYPE_NAMES}: convert it first")
    metadata = {"collocate": envelope, "sha256": _digest(envelope, contiguous)}
    write_bytes_atomic(path, safetensors.numpy.save(contiguous, metadata))


def read(path: str | os.PathLike[str], kind: str) -> tuple[Any, Arrays]:
    """Return the document and the arrays of a file of this ``kind``.

    Raises StoreError for a file that is missing, not a collocate file, cut short, damaged, of another kind, or written
    by a newer collocate. What the document and the shapes mean is for the caller to check.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from error
    envelope, digest = _metadata(path, data)
    document = _open_envelope(path, envelope, kind)
    try:
        arrays = safetensors.numpy.load(data)
    except (SafetensorError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise _damaged(path, f"its arrays cannot be read ({error})") from error
    if any(array.dtype not in _DTYPES for array in arrays.values()):
        raise _damaged(path, f"it holds an array that is not one of {_DTYPE_NAMES}")
    if _digest(envelope, arrays) != digest:
        raise _damaged(path, "its contents do not match their checksum")
    return document, arrays


def kind_of(content: bytes) -> str | None:
    """The kind of the collocate file with this content, None for any other content."""
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    try:
        header = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
        return str(json.loads(header["__metadata__"]["collocate"])["kind"])
    except (ValueError, RecursionError, LookupError, TypeError):
        return None


def _metadata(path: str | os.PathLike[str], data: bytes) -> tuple[str, str]:
    """Envelope and digest from the header, with the file's length checked first."""
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    header = data[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if data[_LENGTH_BYTES : _LENGTH_BYTES + 1] not in (b"{", b""):
        raise StoreError(
            f"{path} is not a collocate file: it does not begin with a safetensors header. Solution files are written "
            "by `collocate solve … --out DIR` and by solution.save(path)"
        )
    if len(data) < _LENGTH_BYTES or len(header) < length:
        raise _damaged(path, f"it is cut short at {len(data)} bytes")
    try:
        entries = json.loads(header)
        metadata = entries.pop("__metadata__")
        envelope, digest = metadata["collocate"], metadata["sha256"]
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        missing = _LENGTH_BYTES + length + end - len(data)
    except (ValueError, RecursionError, AttributeError, LookupError, TypeError) as error:
        raise StoreError(f"{path} is not a collocate file, or its header is damaged") from error
    if missing > 0:
        raise _damaged(path, f"it is cut short: {missing} bytes are missing at its end")
    if not (isinstance(envelope, str) and isinstance(digest, str)):
        raise _damaged(path, "its metadata is not text")
    return envelope, digest


def _open_envelope(path: str | os.PathLike[str], envelope: str, kind: str) -> Any:
    """The document, after the format and the kind are found right."""
    try:
        content = json.loads(envelope)
        found_format, found_kind, document = content["format"], content["kind"], content["document"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise _damaged(path, "its document cannot be read") from error
    if type(found_format) is not int or found_format < 1:
        raise _damaged(path, f"its format is {found_format!r}")
    if found_format > FORMAT:
        raise StoreError(
            f"{path} was written by a newer collocate (format {found_format}); "
            f"this one reads up to {FORMAT}: pip install --upgrade collocate"
        )
    if found_kind != kind:
        raise StoreError(f"{path} holds a {found_kind}; a {kind} was expected")
    return document


def _digest(envelope: str, arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256(envelope.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(json.dumps([name, array.dtype.name, array.shape]).encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _check_document(value: object, where: str) -> None:
    """Raise unless JSON holds ``value`` without changing it: it would turn the key 1 into "1" without a word."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise StoreError(f"{where} has the key {key!r} ({type(key).__name__}); keys must be text")
            _check_document(item, f"{where}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check_document(item, f"{where}[{index}]")
    elif not (value is None or isinstance(value, (str, bool, int, float))):
        raise StoreError(
            f"{where} is a {type(value).__name__}; a document holds text, numbers, true/false, null, lists and "
            "dictionaries: put arrays in `arrays`, and turn NumPy scalars into Python ones by .item()"
        )


def _damaged(path: str | os.PathLike[str], what: str) -> StoreError:
    return StoreError(f"{path} is damaged: {what}. Use another copy, or save it again.")
