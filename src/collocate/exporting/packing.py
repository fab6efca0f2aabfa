"""Arrays as text, for programs of other languages and processes: JSON has no NaN, and this keeps every bit."""

from __future__ import annotations

import base64

import numpy as np


def packed(array: np.ndarray) -> str:
    """The numbers in base64 of little-endian bytes."""
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode("ascii")


def unpacked(text: str, dtype: str) -> np.ndarray:
    """What `packed` made, (N,)."""
    return np.frombuffer(base64.b64decode(text), np.dtype(dtype).newbyteorder("<")).astype(dtype)
