"""Files: one container format for solutions and checkpoints, and writes that happen whole or not at all."""

from .atomic import folder_beside, replace_folder, write_bytes_atomic, write_text_atomic
from .container import FORMAT, kind_of, read, write

__all__ = [
    "FORMAT",
    "folder_beside",
    "kind_of",
    "read",
    "replace_folder",
    "write",
    "write_bytes_atomic",
    "write_text_atomic",
]
