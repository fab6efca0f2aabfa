"""Exported folders, held against their manifests again."""

from __future__ import annotations

import os
from pathlib import Path

from collocate.errors import ExportError, StoreError
from collocate.exporting import manifest, vectors
from collocate.exporting.export import Export


def check(folder: str | os.PathLike[str], run: bool = False) -> Export:
    """The artifacts in a folder, or the one that it is, found to be what their manifests say; and why others are not.

    run: also run each by its own runtime on the points in its vectors.json. **That runs what the folder holds**, which
    for C and Python is code: only for one that you trust. Raises StoreError where there is no artifact.
    """
    place = Path(folder)
    found = Export(place)
    for each in manifest.folders(place):
        try:
            artifact = manifest.read(each)
            if run:
                vectors.rerun(artifact)
            found.artifacts[each.name] = artifact
        except (StoreError, ExportError) as error:
            found.failed[each.name] = str(error)
    return found
