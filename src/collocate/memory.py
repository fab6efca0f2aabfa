"""What the C library does with memory that was freed. Only glibc (Linux) is told; elsewhere nothing happens.

It returns a large array to the system when it is freed, and takes it back page by page when the next step wants it:
a third of a step's time where arrays are of some hundred kilobytes (TensorFlow, 7,000 page faults a step).
"""

from __future__ import annotations

import ctypes
import gc
import platform
from functools import cache
from typing import Any

# Parameters of mallopt(3), and what they are set to: bytes at the end of the heap that are kept, and the size from
# which an array is the system's at once, as large as every glibc takes. Arrays of a step are smaller.
TRIM_THRESHOLD, KEPT = -1, 2**28
MMAP_THRESHOLD, LARGE = -3, 2**25


@cache
def keep_freed() -> None:
    """From here on this process keeps what it frees, for its next step."""
    if library := _glibc():
        library.mallopt(MMAP_THRESHOLD, LARGE)
        library.mallopt(TRIM_THRESHOLD, KEPT)


def return_freed() -> None:
    """Return it to the system now: after a compilation, whose garbage would stay beside all that comes later."""
    gc.collect()
    if library := _glibc():
        library.malloc_trim(0)


def _glibc() -> Any:
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
