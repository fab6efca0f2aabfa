"""Exported folders, held against their manifests again."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collocate.errors import ExportError, StoreError, checked_arguments
from collocate.exporting import manifest, vectors
from collocate.exporting.export import listed
from collocate.exporting.manifest import Artifact
from collocate.exporting.parity import Difference

_HEADINGS = ("target", "size", "dtype", "exported", "files", "largest difference of its vectors")


@dataclass(frozen=True)
class Check:
    """Artifacts by their targets that are as their manifests say; `differences` of those that were run, by outputs; and
    what is wrong with the others. Printed, it is a table."""

    folder: Path
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    differences: dict[str, dict[str, Difference]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return listed(_HEADINGS, [self._row(name) for name in self.artifacts], self.failed)

    def to_json(self) -> dict[str, Any]:
        """Sizes and, of what was run, differences, by target."""
        found = {
            name: {
                "folder": str(each.folder),
                "dtype": each.manifest["dtype"],
                "bytes": each.size,
                "differences": {out: each.to_json() for out, each in self.differences.get(name, {}).items()},
            }
            for name, each in self.artifacts.items()
        }
        return {"folder": str(self.folder), "targets": found, "failed": self.failed}

    def _row(self, name: str) -> tuple[str, ...]:
        artifact, differences = self.artifacts[name], self.differences.get(name, {})
        document = artifact.manifest
        return (
            artifact.target,
            f"{artifact.size / 1024:.1f} KiB",
            document["dtype"],
            str(document["provenance"].get("date", ""))[:10],
            "as listed",
            ", ".join(f"{output} {each.largest:.1e}" for output, each in differences.items()),
        )


@checked_arguments
def check(folder: str | os.PathLike[str], run: bool = False) -> Check:
    """The artifacts in a folder, or the one that it is, found to be what their manifests say; and why others are not.

    run: also run each by its own runtime on the points in its vectors.json. **That runs what the folder holds**, which
    for C and Python is code: only for one that you trust. Raises StoreError where there is no artifact.
    """
    found = Check(Path(folder))
    for each in manifest.folders(found.folder):
        name = each.resolve().name
        try:
            artifact = manifest.read(each)
            if run:
                found.differences[name] = vectors.rerun(artifact)
            found.artifacts[name] = artifact
        except (StoreError, ExportError) as error:
            found.failed[name] = str(error)
    return found
